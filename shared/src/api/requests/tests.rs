//! Tables of what the parsers accept: kind, input, and the value or the errors.

use super::call::Call;
use super::declare::{
    Body, Field, FieldSpec, Literal, Nested, Object, OfOthers, Shape, Variant, boolean, exact_fraction,
    identifier, integer, json_object, json_value, limited_json_object, object, one_of, percent, some_of,
    text, text_of, texts,
};
use super::fields::Fields;
use super::json;
use super::kinds::{Content, JsonLimits};
use super::values::{ExactNumber, FieldValue, SigningSecret, signing_secret};
use crate::api::errors::FieldErrors;
use crate::event::EventType;
use crate::review::{
    ActorId, HashedJson, JsonText, ResumeKind, RunId, Seq, Status, Timestamp, TtlSeconds, Verdict, Word,
};
use lambda_http::Request;

/// The codes of errors by the place of the field.
type Codes = Vec<(String, &'static str)>;

fn codes(errors: &FieldErrors) -> Codes {
    errors.listed().iter().map(|error| (error.loc.join("."), error.code)).collect()
}

/// Reads one field, alone in its object.
fn read<T: FieldValue>(field: &'static Field<T>, body: &str) -> Result<T, Codes> {
    let shape = Shape::Fields(Box::leak(Box::new([field.spec])));
    let mut errors = FieldErrors::new();
    let object = json::body(body.as_bytes()).unwrap();
    let mut fields = Fields::of_json(vec!["body".into()], object, shape, &mut errors);
    let value = fields.read(field);
    fields.finish();
    errors.finish(value).map_err(|errors| codes(&errors))
}

/// Holds a field to rows of JSON and what is said to it: `Ok` in the words of `show`, or the code.
fn check<T: FieldValue>(
    field: &'static Field<T>,
    show: impl Fn(&T) -> String,
    rows: &[(&str, Result<&str, &'static str>)],
) {
    for (json, expected) in rows {
        let body = format!(r#"{{"{}": {json}}}"#, field.spec.name);
        let place = format!("body.{}", field.spec.name);
        let expected = expected.map(str::to_owned).map_err(|code| vec![(place, code)]);
        assert_eq!(read(field, &body).map(|value| show(&value)), expected, "{body}");
    }
}

const STAMP: Field<Seq> = Field::new("seq", "", integer(0..=9));
const TTL: Field<TtlSeconds> = Field::new("ttl", "", integer(30..=86_400)).default(Literal::Integer(900));
const FLAG: Field<bool> = Field::new("flag", "", boolean()).default(Literal::Boolean(false));
const RUN: Field<RunId> = Field::new("run", "", identifier());
const ACTOR: Field<ActorId> = Field::new("actor", "", identifier());
const NOTE: Field<Option<String>> = Field::new("note", "", text(0..=3)).optional();
const REASON: Field<String> = Field::new("reason", "", text_of(1..=9, Content::NotBlank));
const NAME: Field<String> = Field::new("name", "", text_of(1..=9, Content::Name));
const SECRET: Field<SigningSecret> = Field::new("secret", "", signing_secret());
const VERDICT: Field<Verdict> = Field::new("verdict", "", one_of(Verdict::WORDS));
const TWO: Field<Status> =
    Field::new("status", "", one_of(&[Status::Approved.word(), Status::Rejected.word()]));
const EVENTS: Field<Vec<EventType>> = Field::new(
    "events",
    "",
    some_of(&[Word { text: "review.opened", meaning: "" }, Word { text: "review.decided", meaning: "" }]),
);
const SNAPSHOT: Field<HashedJson> = Field::new("snapshot", "", json_object());
const CAUSE: Field<HashedJson> = Field::new(
    "cause",
    "",
    limited_json_object(JsonLimits { max_bytes: Some(20), text_field: Some(("kind", "")) }),
);

const SHARE: Field<ExactNumber> = Field::new("share", "", exact_fraction());
const PERCENT: Field<ExactNumber> = Field::new("percent", "", percent());
const NAMES: Field<Vec<String>> = Field::new("names", "", texts(3, 4));
const ANY: Field<Option<JsonText>> = Field::new("any", "", json_value(10)).optional();

#[test]
fn exact_numbers_keep_the_digits_that_were_sent() {
    let text = |number: &ExactNumber| number.0.clone();
    let long = format!("0.{}", "1".repeat(40));
    check(
        &SHARE,
        text,
        &[
            ("0.90", Ok("0.90")),
            ("1", Ok("1")),
            ("9e-1", Ok("9e-1")),
            ("1.1", Err("out_of_range")),
            (&long, Err("out_of_range")),
            ("\"0.9\"", Err("wrong_type")),
            ("null", Err("wrong_type")),
        ],
    );
    check(
        &PERCENT,
        text,
        &[
            ("2.50", Ok("2.50")),
            ("100", Ok("100")),
            ("0", Ok("0")),
            ("100.1", Err("out_of_range")),
            ("-1", Err("out_of_range")),
            ("1e400", Err("out_of_range")),
            ("true", Err("wrong_type")),
        ],
    );
}

#[test]
fn lists_of_texts_and_values_have_bounds() {
    check(
        &NAMES,
        |names| names.join("|"),
        &[
            ("[\"a\", \"\\u00e9bcd\"]", Ok("a|ébcd")),
            ("[]", Err("out_of_range")),
            ("[\"a\",\"b\",\"c\",\"d\"]", Err("out_of_range")),
            ("[\"\"]", Err("out_of_range")),
            ("[\"abcde\"]", Err("out_of_range")),
            ("[1]", Err("wrong_type")),
            ("\"a\"", Err("wrong_type")),
        ],
    );
    check(
        &ANY,
        |any| any.as_ref().map_or("none", JsonText::as_str).to_owned(),
        &[
            ("1.50", Ok("1.50")),
            ("[1, 2]", Ok("[1, 2]")),
            ("false", Ok("false")),
            ("null", Ok("none")),
            ("\"12345678\"", Ok("\"12345678\"")),
            ("\"123456789\"", Err("out_of_range")),
        ],
    );
}

#[test]
fn integers_are_written_as_integers_and_within_range() {
    let wrong_type =
        ["1.5", "1.0", "1e2", "\"9\"", "true", "null", "[]", "{}"].map(|it| (it, Err("wrong_type")));
    check(&STAMP, |seq| seq.0.to_string(), &wrong_type);
    check(
        &STAMP,
        |seq| seq.0.to_string(),
        &[
            ("0", Ok("0")),
            ("9", Ok("9")),
            ("10", Err("out_of_range")),
            ("-1", Err("out_of_range")),
            ("99999999999999999999", Err("out_of_range")),
        ],
    );
    check(
        &TTL,
        |ttl| ttl.seconds().to_string(),
        &[("30", Ok("30")), ("null", Ok("900")), ("29", Err("out_of_range")), ("86401", Err("out_of_range"))],
    );
}

#[test]
fn texts_are_measured_in_characters_and_by_what_they_may_hold() {
    check(
        &NOTE,
        |note| format!("{note:?}"),
        &[
            (r#""""#, Ok("Some(\"\")")),
            (r#""äöü""#, Ok("Some(\"äöü\")")),
            ("null", Ok("None")),
            (r#""four""#, Err("out_of_range")),
            ("7", Err("wrong_type")),
            (r#""\ud800""#, Err("invalid_value")),
        ],
    );
    check(
        &REASON,
        Clone::clone,
        &[
            (r#""why""#, Ok("why")),
            (r#"" \u200b ""#, Err("invalid_value")),
            (r#""""#, Err("out_of_range")),
            ("null", Err("wrong_type")),
        ],
    );
    check(&NAME, Clone::clone, &[(r#""A b""#, Ok("A b")), (r#""A\nb""#, Err("invalid_value"))]);
    let secret = |bytes: usize| format!("\"whsec_{}\"", "AAAA".repeat(bytes / 3));
    let (good, short, long) = (secret(24), secret(21), secret(66));
    check(
        &SECRET,
        |secret| secret.0.len().to_string(),
        &[
            (good.as_str(), Ok("38")),
            (short.as_str(), Err("invalid_value")),
            (long.as_str(), Err("invalid_value")),
            ("\"AAAA\"", Err("invalid_value")),
            ("1", Err("wrong_type")),
        ],
    );
}

#[test]
fn identifiers_words_and_flags_are_what_they_must_be() {
    check(
        &RUN,
        ToString::to_string,
        &[
            (r#""run:1""#, Ok("run:1")),
            (r#""a/b""#, Err("invalid_identifier")),
            (r#""""#, Err("invalid_identifier")),
            ("1", Err("wrong_type")),
        ],
    );
    check(&ACTOR, ToString::to_string, &[(r#""a/b""#, Ok("a/b")), (r#""a b""#, Err("invalid_identifier"))]);
    check(
        &VERDICT,
        |verdict| verdict.as_str().to_owned(),
        &[
            (r#""approved""#, Ok("approved")),
            (r#""Approved""#, Err("invalid_value")),
            ("null", Err("wrong_type")),
        ],
    );
    // A word of the type that the declaration leaves out.
    check(
        &TWO,
        |status| status.as_str().to_owned(),
        &[(r#""approved""#, Ok("approved")), (r#""awaiting_review""#, Err("invalid_value"))],
    );
    check(
        &FLAG,
        ToString::to_string,
        &[
            ("true", Ok("true")),
            ("null", Ok("false")),
            ("\"true\"", Err("wrong_type")),
            ("1", Err("wrong_type")),
        ],
    );
    check(
        &EVENTS,
        |events| events.len().to_string(),
        &[
            (r#"["review.opened", "review.decided"]"#, Ok("2")),
            (r#"["review.opened", "review.opened"]"#, Err("duplicate_field")),
            (r#"["review.claimed"]"#, Err("invalid_value")),
            ("[]", Err("out_of_range")),
            ("[7]", Err("wrong_type")),
            (r#""review.opened""#, Err("wrong_type")),
        ],
    );
}

#[test]
fn json_keeps_its_text_and_has_a_canonical_form() {
    let show = |json: &HashedJson| json.text.as_str().to_owned();
    check(
        &SNAPSHOT,
        show,
        &[
            (r#"{"z": 1.10, "a":-0}"#, Ok(r#"{"z": 1.10, "a":-0}"#)),
            (r#"{"a": 1, "a": 2}"#, Err("invalid_value")),
            (r#"{"a": 1e400}"#, Err("invalid_value")),
            ("[]", Err("wrong_type")),
            ("null", Err("wrong_type")),
        ],
    );
    check(
        &CAUSE,
        show,
        &[
            (r#"{"kind":"low"}"#, Ok(r#"{"kind":"low"}"#)),
            (r#"{"kind":7}"#, Err("invalid_value")),
            (r#"{"kind":"low enough?"}"#, Err("out_of_range")),
        ],
    );
}

const INNER: Object = Object { name: "Inner", about: "", shape: Shape::Fields(&[STAMP.spec, RUN.spec]) };
const OUTER: Field<Option<Nested>> = Field::new("outer", "", object(&INNER)).optional();
const WAY: Field<ResumeKind> = Field::new("way", "", one_of(ResumeKind::WORDS));
const WAYS: &[Variant] = &[
    Variant { word: ResumeKind::Webhook.word(), fields: &[RUN.spec, NOTE.spec] },
    Variant { word: ResumeKind::StepFunctions.word(), fields: &[STAMP.spec, NOTE.spec] },
    Variant { word: ResumeKind::Poll.word(), fields: &[] },
];

#[test]
fn every_error_of_an_object_is_reported_at_its_place() {
    let shape = Shape::Fields(&[TTL.spec, FLAG.spec, REASON.spec, OUTER.spec]);
    let mut errors = FieldErrors::new();
    let body = r#"{"ttl": 1, "ttl": 60, "flag": "x", "outer": {"seq": 10, "x": 0}, "y": 0, "z": null}"#;
    let mut fields =
        Fields::of_json(vec!["body".into()], json::body(body.as_bytes()).unwrap(), shape, &mut errors);
    assert!(fields.read(&TTL).is_none() && fields.read(&FLAG).is_none() && fields.read(&REASON).is_none());
    let outer = fields.object(&OUTER, |inner| inner.read(&STAMP).zip(inner.read(&RUN)));
    assert!(outer.is_none());
    fields.finish();
    let expected = [
        ("body.ttl", "duplicate_field"),
        ("body.ttl", "out_of_range"),
        ("body.flag", "wrong_type"),
        ("body.reason", "missing"),
        ("body.outer.seq", "out_of_range"),
        ("body.outer.run", "missing"),
        ("body.outer.x", "unknown_field"),
        ("body.y", "unknown_field"),
        ("body.z", "unknown_field"),
    ];
    assert_eq!(codes(&errors), expected.map(|(place, code)| (place.to_owned(), code)));
}

/// Reads an object with variants.
fn choose(of_others: OfOthers, body: &str) -> (Option<ResumeKind>, Codes) {
    let shape = Shape::Variants { tag: WAY.spec, variants: WAYS, of_others };
    let mut errors = FieldErrors::new();
    let mut fields =
        Fields::of_json(vec!["body".into()], json::body(body.as_bytes()).unwrap(), shape, &mut errors);
    let way = fields.choose(&WAY);
    match way {
        Some(ResumeKind::Webhook) => drop((fields.read(&RUN), fields.read(&NOTE))),
        Some(ResumeKind::StepFunctions) => drop((fields.read(&STAMP), fields.read(&NOTE))),
        Some(ResumeKind::Poll) => {}
        None => fields.check_the_rest(),
    }
    fields.finish();
    (way, codes(&errors))
}

#[test]
fn a_variant_has_its_fields_and_no_others() {
    let all = |codes: &[(&str, &'static str)]| -> Codes {
        codes.iter().map(|(name, code)| (format!("body.{name}"), *code)).collect()
    };
    for (body, not_allowed, unknown) in [
        (r#"{"way": "poll"}"#, all(&[]), all(&[])),
        (r#"{"way": "webhook", "run": "r"}"#, all(&[]), all(&[])),
        (r#"{"way": "webhook"}"#, all(&[("run", "missing")]), all(&[("run", "missing")])),
        (r#"{"way": "poll", "seq": 1}"#, all(&[("seq", "not_allowed")]), all(&[("seq", "unknown_field")])),
        (r#"{"way": "poll", "seq": null}"#, all(&[]), all(&[("seq", "unknown_field")])),
        (r#"{"way": "poll", "x": 1}"#, all(&[("x", "unknown_field")]), all(&[("x", "unknown_field")])),
    ] {
        assert_eq!(choose(OfOthers::NotAllowed, body).1, not_allowed, "{body}");
        assert_eq!(choose(OfOthers::Unknown, body).1, unknown, "{body}");
    }
    // Without a variant, what is there is checked, and nothing is missing but the tag.
    let (way, found) = choose(OfOthers::NotAllowed, r#"{"seq": 10, "note": "long", "run": "r", "x": 1}"#);
    assert_eq!(way, None);
    let expected =
        [("way", "missing"), ("note", "out_of_range"), ("seq", "out_of_range"), ("x", "unknown_field")];
    assert_eq!(found, all(&expected));
}

#[test]
fn a_query_is_read_by_the_same_declarations() {
    const QUERY: &[FieldSpec] = &[STAMP.spec, FLAG.spec, TWO_OR_ALL.spec, RUN_OR_NONE.spec];
    const TWO_OR_ALL: Field<Option<Status>> = TWO.optional();
    const RUN_OR_NONE: Field<Option<RunId>> = RUN.optional();
    for (query, expected) in [
        ("seq=1&flag=true&status=approved&run=r", vec![]),
        ("seq=1", vec![]),
        ("seq=01&flag=1", vec![("seq", "wrong_type"), ("flag", "wrong_type")]),
        (
            "seq=10&status=open&run=a%2Fb",
            vec![("seq", "out_of_range"), ("status", "invalid_value"), ("run", "invalid_identifier")],
        ),
        ("seq=1&seq=1&other=1", vec![("seq", "duplicate_field"), ("other", "unknown_field")]),
        ("seq=null", vec![("seq", "wrong_type")]),
        ("", vec![("seq", "missing")]),
    ] {
        let mut request = Request::default();
        *request.uri_mut() = format!("/v1/workflows/reviews?{query}").parse().unwrap();
        let call = Call::new(request, Timestamp::from_millis(0));
        let mut errors = FieldErrors::new();
        call.query_fields(QUERY, &mut errors, |query| {
            let read = (query.read(&STAMP), query.read(&FLAG));
            drop((read, query.read(&TWO_OR_ALL), query.read(&RUN_OR_NONE)));
            Some(())
        });
        let expected: Codes =
            expected.into_iter().map(|(name, code)| (format!("query.{name}"), code)).collect();
        assert_eq!(codes(&errors), expected, "{query}");
    }
}

static ONE_FIELD: Body = Body {
    object: Object { name: "One", about: "", shape: Shape::Fields(&[STAMP.spec]) },
    limit: Body::SMALL,
};

fn call(body: &str) -> Call {
    let request = Request::new(lambda_http::Body::Text(body.into()));
    Call::new(request, Timestamp::from_millis(0))
}

#[test]
#[should_panic(expected = "seq is declared and never read")]
fn a_handler_reads_each_field_that_it_declares() {
    let _ = call(r#"{"seq": 1}"#).body(&ONE_FIELD, &mut FieldErrors::new(), |_| Some(()));
}

#[test]
#[should_panic(expected = "ttl is read and not declared")]
fn a_handler_declares_each_field_that_it_reads() {
    let _ = call("{}").body(&ONE_FIELD, &mut FieldErrors::new(), |body| body.read(&TTL));
}
