//! The inbox, as a browser without JavaScript meets it. With one: `tests/browser`.

use lambda_http::Body;
use lambda_http::http::{Request, StatusCode};
use serde_json::json;
use shared::review::OrganizationId;
use shared::store::{ApiKey, Meter};
use tests::faults::{Fault, Faults};
use tests::reader::{Reader, hidden};
use tests::{Answer, REVIEW, TestApp, endpoint};

const PAGE: &str = "/inbox/reviews/run_abc123/block_extract";

async fn post(app: &TestApp, reader: &Reader, action: &str, fields: &[(&str, &str)]) -> Answer {
    app.send(app.send_form(reader, &format!("{PAGE}/{action}"), fields)).await
}

#[tokio::test]
async fn a_session_is_a_cookie_that_only_browsers_and_only_https_see() {
    let app = TestApp::new().await;
    let answer = app.send(app.sign_in_form("dana", PAGE)).await;
    answer.goes_to(PAGE);
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    for part in
        ["__Host-holdpoint=", "; Path=/", "; HttpOnly", "; SameSite=Strict", "; Secure", "; Max-Age=28800"]
    {
        assert!(cookie.contains(part), "{cookie}");
    }
    let reader = app.reader("dana").await;
    let page = app.send(app.visit(&reader, "/inbox")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.headers["strict-transport-security"], "max-age=63072000; includeSubDomains");
    // Its token is nowhere in the table.
    let token = reader.cookie.split_once('=').unwrap().1;
    let store = &app.inner.store;
    let items = store.client().scan().table_name(store.table()).send().await.unwrap();
    assert!(!format!("{items:?}").contains(token));
}

#[tokio::test]
async fn a_session_ends_by_itself_with_its_key_and_by_signing_out() {
    let app = TestApp::new().await;
    let (dana, ben, other) = (app.reader("dana").await, app.reader("ben").await, app.reader("dana").await);
    let left = app.send(app.send_form(&other, "/inbox/sign-out", &[])).await;
    left.goes_to("/inbox/sign-in?done=signed-out");
    let asked = app.send(app.visit(&other, PAGE)).await;
    asked.goes_to(&format!("/inbox/sign-in?return={}", PAGE.replace('/', "%2F")));
    let organization = OrganizationId::parse("org_a").unwrap();
    let key_id = ApiKey::parse(app.key("ben")).unwrap().digest().key_id();
    assert!(
        app.inner
            .store
            .revoke_key(&organization, &key_id, &local::api_keys::command_line(), app.clock.now())
            .await
            .unwrap()
    );
    app.clock.advance_seconds(61);
    assert_eq!(app.send(app.visit(&ben, "/inbox")).await.status, StatusCode::SEE_OTHER);
    assert_eq!(app.send(app.visit(&dana, "/inbox")).await.status, StatusCode::OK);
    app.clock.advance_seconds(8 * 3600);
    assert_eq!(app.send(app.visit(&dana, "/inbox")).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn what_a_page_costs() {
    let app = TestApp::new().await;
    for index in 0..60 {
        app.open_at("agent", &format!("run_{index}"), "block", 0).await;
    }
    app.open().await;
    let reader = app.reader("dana").await;
    let cost = async |path: &str, tag: Option<&str>| {
        let mut request = app.visit(&reader, path);
        if let Some(tag) = tag {
            request.headers_mut().insert("if-none-match", tag.parse().unwrap());
        }
        let (answer, usage) = Meter::measure(app.send(request)).await;
        println!("{path}: {usage:?}");
        (answer, usage)
    };
    // The session, then what the page needs: the index and the counts side by side, then the rows.
    let (queue, usage) = cost("/inbox", None).await;
    assert_eq!((queue.status, usage.round_trips, usage.calls), (StatusCode::OK, 3, 6));
    assert!(usage.read_units <= 56.0, "{usage:?}");
    // The session; then, side by side, the review and who can be mentioned.
    let (_, usage) = cost(PAGE, None).await;
    assert_eq!((usage.round_trips, usage.calls, usage.read_units), (2, 3, 3.0));
    // What changes by itself costs two units while it does not.
    let state = format!("{PAGE}/state?rev=0");
    let (first, usage) = cost(&state, None).await;
    assert_eq!((usage.round_trips, usage.read_units), (2, 2.0));
    let tag = first.headers["etag"].to_str().unwrap();
    let (again, usage) = cost(&state, Some(tag)).await;
    assert_eq!((again.status, again.text.as_str(), usage.read_units), (StatusCode::NOT_MODIFIED, "", 2.0));
    app.claim("ben", 0, 900).await.ok();
    let (changed, _) = cost(&state, Some(tag)).await;
    assert!(
        changed.text.contains("is reviewing this") && changed.text.contains("data-same"),
        "{}",
        changed.text
    );
    let (asset, usage) = cost("/inbox/assets/none.css", None).await;
    assert_eq!((asset.status, usage.calls), (StatusCode::NOT_FOUND, 0));
}

#[tokio::test]
async fn another_organizations_review_does_not_exist() {
    let app = TestApp::new().await;
    app.open().await;
    let other = app.reader("other").await;
    for path in [PAGE.to_owned(), format!("{PAGE}/state")] {
        assert_eq!(app.send(app.visit(&other, &path)).await.status, StatusCode::NOT_FOUND);
    }
    let fields = [
        ("version_stamp", "0"),
        ("base_seq", "0"),
        ("reject_reason", "x"),
        ("escalate_reason", "x"),
        ("escalate_to", "x"),
        ("f/total", "1"),
    ];
    for action in ["claim", "save", "approve", "reject", "merge", "reopen", "release", "escalate"] {
        assert_eq!(post(&app, &other, action, &fields).await.status, StatusCode::NOT_FOUND, "{action}");
    }
    let queue = app.send(app.visit(&other, "/inbox")).await;
    assert!(queue.text.contains("Nothing awaits review"));
    assert_eq!(app.get().await.ok()["rev"], 0);
}

#[tokio::test]
async fn without_a_session_or_with_a_form_of_another_site_nothing_is_done() {
    let app = TestApp::new().await;
    app.open().await;
    let reader = app.reader("dana").await;
    let fields = [("version_stamp", "0")];
    let with = |name: &'static str, value: &str| {
        let mut request = app.send_form(&reader, &format!("{PAGE}/claim"), &fields);
        request.headers_mut().remove("sec-fetch-site");
        request.headers_mut().insert("host", "reviews.example".parse().unwrap());
        request.headers_mut().insert(name, value.parse().unwrap());
        request
    };
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "none"),
        ("origin", "null"),
        ("origin", "https://evil.example"),
        ("origin", "https://reviews.example.evil.example"),
        ("x-nothing", "neither header"),
    ] {
        assert_eq!(app.send(with(name, value)).await.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    let no_token = Reader { cookie: reader.cookie.clone(), form_token: String::new() };
    assert_eq!(post(&app, &no_token, "claim", &fields).await.status, StatusCode::FORBIDDEN);
    let ben = app.reader("ben").await;
    let borrowed = Reader { cookie: reader.cookie.clone(), form_token: ben.form_token };
    assert_eq!(post(&app, &borrowed, "claim", &fields).await.status, StatusCode::FORBIDDEN);
    for cookie in ["", "__Host-holdpoint=", "__Host-holdpoint=x", "holdpoint=abc"] {
        let nobody = Reader { cookie: cookie.into(), form_token: reader.form_token.clone() };
        let refused = post(&app, &nobody, "claim", &fields).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{cookie}");
    }
    // An API key is no session, and a session no API key.
    let with_key = Request::get("/inbox").header("api-key", app.key("dana")).body(Body::Empty).unwrap();
    assert_eq!(app.send(with_key).await.status, StatusCode::SEE_OTHER);
    let with_cookie = Request::get(REVIEW).header("cookie", &reader.cookie).body(Body::Empty).unwrap();
    app.send(with_cookie).await.error(401, "unauthenticated");
    assert_eq!(app.get().await.ok()["rev"], 0);
    let ours = app.send(with("origin", "https://reviews.example")).await;
    ours.goes_to(&format!("{PAGE}?done=claimed"));
}

#[tokio::test]
async fn what_a_key_may_not_do_its_session_may_not_do() {
    let app = TestApp::new().await;
    app.open().await;
    let reader = app.reader("reader").await;
    let page = app.send(app.visit(&reader, PAGE)).await;
    assert!(!page.text.contains("id=\"correction\"") && page.text.contains("Northwind"));
    let refused = post(&app, &reader, "claim", &[("version_stamp", "0")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(app.get().await.ok()["rev"], 0);
}

#[tokio::test]
async fn fields_that_only_look_typed_overwrite_nothing() {
    let app = TestApp::new().await;
    app.open().await;
    let reader = app.reader("dana").await;
    // All fields of the page come along, as browsers send them; one of them cannot be read.
    let all = [("version_stamp", "0"), ("base_seq", "0"), ("f/total", "x"), ("f/vendor", "Northwind")];
    let bens = json!({ "version_stamp": 0, "snapshot": { "total": 12.5, "vendor": "Ben's" } });
    app.post("ben", "versions", bens).await.ok();
    let wrong = post(&app, &reader, "save", &all).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    // The page is still the one that was typed into: its stamp is stale, so that what Ben did is met, not overwritten.
    let (stamp, seq) = (hidden(&wrong, "version_stamp"), hidden(&wrong, "base_seq"));
    assert_eq!((stamp.as_str(), seq.as_str()), ("0", "0"));
    let fixed = [("version_stamp", "0"), ("base_seq", "0"), ("f/total", "13"), ("f/vendor", "Northwind")];
    let met = post(&app, &reader, "save", &fixed).await;
    assert_eq!(met.status, StatusCode::CONFLICT);
    let again = [("version_stamp", "1"), ("base_seq", "1"), ("f/total", "13"), ("f/vendor", "Ben's")];
    post(&app, &reader, "save", &again).await.goes_to(&format!("{PAGE}?done=saved"));
    let versions = app.get().await.ok()["versions"].clone();
    assert_eq!(versions[2]["snapshot"], json!({ "total": 13, "vendor": "Ben's" }));
}

#[tokio::test]
async fn who_was_faster_is_said_whatever_else_is_wrong() {
    let app = TestApp::new().await;
    app.open().await;
    let reader = app.reader("dana").await;
    let bens = json!({ "version_stamp": 0, "snapshot": { "total": 500, "vendor": "Northwind" } });
    app.post("ben", "versions", bens).await.ok();
    // Without a reason it is refused before anybody looks at the stamp.
    let typed = [("version_stamp", "0"), ("base_seq", "0"), ("f/total", "2"), ("escalate_to", "legal")];
    let met = post(&app, &reader, "escalate", &typed).await;
    assert_eq!(met.status, StatusCode::UNPROCESSABLE_ENTITY);
    for said in ["Somebody was faster", "Both of you changed", "something is missing"] {
        assert!(met.text.contains(said), "{said}: {}", met.text);
    }
    // What is wrong with a number is said at its field.
    let odd = [("version_stamp", "1"), ("base_seq", "1"), ("f/total", "1e999")];
    let refused = post(&app, &reader, "save", &odd).await;
    assert!(refused.text.contains("is too large: numbers go up to"), "{}", refused.text);
}

#[tokio::test]
async fn what_is_typed_comes_back_from_what_does_not_save_it() {
    let app = TestApp::new().await;
    app.open().await;
    let reader = app.reader("dana").await;
    let typed = |stamp: &'static str| {
        [
            ("version_stamp", stamp),
            ("base_seq", "0"),
            ("f/total", "77"),
            ("note", "mine"),
            ("escalate_to", "x"),
            ("escalate_reason", "y"),
        ]
    };
    for (action, stamp) in [("claim", "0"), ("release", "1"), ("escalate", "2")] {
        let page = post(&app, &reader, action, &typed(stamp)).await;
        assert_eq!(page.status, StatusCode::OK, "{action}");
        assert!(page.text.contains("value=\"77\"") && page.text.contains("mine</textarea>"), "{action}");
    }
    let only_a_note = [("version_stamp", "3"), ("base_seq", "0"), ("note", "mine")];
    assert!(post(&app, &reader, "save", &only_a_note).await.text.contains("mine</textarea>"));
    let overlay = app.get().await.ok();
    assert_eq!((&overlay["rev"], &overlay["head_seq"]), (&json!(3), &json!(0)));
}

#[tokio::test]
async fn another_site_plants_no_draft() {
    let app = TestApp::new().await;
    app.open().await;
    let nobody = Reader { cookie: "none=1".into(), form_token: String::new() };
    let mut planted = app.send_form(&nobody, &format!("{PAGE}/approve"), &[("f/total", "666")]);
    planted.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    let answer = app.send(planted).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(!answer.text.contains("666"));
}

#[tokio::test]
async fn the_queue_is_the_same_while_only_time_passes() {
    let app = TestApp::new().await;
    app.open().await;
    app.claim("ben", 0, 900).await.ok();
    let reader = app.reader("dana").await;
    let tag = async || {
        let part = app.send(app.visit(&reader, "/inbox?part=1")).await;
        assert!(part.headers.contains_key("content-security-policy"));
        part.headers["etag"].to_str().unwrap().to_owned()
    };
    let first = tag().await;
    app.clock.advance_seconds(600);
    assert_eq!(tag().await, first);
    app.clock.advance_seconds(600);
    assert_ne!(tag().await, first, "the claim is over");
}

#[tokio::test]
async fn a_form_that_is_sent_twice_is_done_once() {
    let app = TestApp::new().await;
    app.open().await;
    let reader = app.reader("dana").await;
    let fields = [("version_stamp", "0"), ("base_seq", "0"), ("f/total", "13")];
    for _ in 0..2 {
        post(&app, &reader, "approve", &fields).await.goes_to(&format!("{PAGE}?done=approved"));
    }
    let overlay = app.get().await.ok();
    let decisions = overlay["decisions"].as_array().unwrap().len();
    assert_eq!((&overlay["rev"], &overlay["head_seq"], decisions), (&json!(1), &json!(1), 1));
}

#[tokio::test]
async fn the_log_holds_no_session_no_key_and_nothing_typed() {
    tests::log::capture();
    let app = TestApp::new().await;
    app.open().await;
    let reader = app.reader("dana").await;
    app.send(app.visit(&reader, PAGE)).await;
    let typed =
        [("version_stamp", "0"), ("base_seq", "0"), ("f/vendor", "typed-secret"), ("note", "note-secret")];
    post(&app, &reader, "save", &typed).await;
    post(&app, &reader, "save", &typed[..3]).await;
    app.send(app.visit(&reader, "/inbox/sign-in?return=/inbox/query-secret")).await;
    let log = tests::log::logged();
    assert!(log.contains("\"function\":\"inbox\"") && log.contains("\"actor\":\"user_42\""), "{log}");
    let (token, key) = (reader.cookie.split_once('=').unwrap().1, &app.key("dana")[3..]);
    for secret in [token, &reader.form_token, key, "typed-secret", "note-secret", "query-secret", "Northwind"]
    {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn nobody_is_told_to_be_signed_out_whose_session_is_still_there() {
    let faults = Faults::default();
    let app = TestApp::with_client(faults.client(endpoint())).await;
    let dana = app.reader("dana").await;
    faults.plan("DeleteItem", Fault::Refuse, 1);
    let answer = app.send(app.send_form(&dana, "/inbox/sign-out", &[])).await;
    assert_eq!((answer.status, faults.left()), (StatusCode::INTERNAL_SERVER_ERROR, 0));
    assert_eq!(app.send(app.visit(&dana, "/inbox")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_table_forgets_a_session_when_it_ends() {
    let app = TestApp::new().await;
    app.reader("dana").await;
    let store = &app.inner.store;
    let items = store.client().scan().table_name(store.table()).send().await.unwrap().items.unwrap();
    let sessions: Vec<_> = items.iter().filter(|item| item["sk"].as_s().unwrap() == "SESSION").collect();
    assert_eq!(sessions.len(), 1);
    let end = app.clock.now().millis() / 1000 + 8 * 3600;
    assert_eq!(sessions[0]["ttl"].as_n().unwrap(), &end.to_string());
}
