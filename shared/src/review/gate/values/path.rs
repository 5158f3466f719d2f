//! Paths of predicates: `$.invoice.total`, `invoice.total`, `data.invoice.total`, `lines.*.amount`, `lines[0].amount`, or a JSON
//! Pointer. `likelihoods.invoice.total` leads into the likelihoods.

use super::json::Json;
use crate::review::gate::work::Work;

/// Longest path, in characters.
pub const MAX_PATH: usize = 512;
/// Most steps of a path.
pub const MAX_STEPS: usize = 32;

/// What paths are, as a regular expression of JSON Schema.
pub const PATH_PATTERN: &str = concat!(
    r#"^(([^.\[/$][^.\[]*|\[(\*|[0-9]+|'[^']*'|"[^"]*")\])(\.[^.\[]+|\[(\*|[0-9]+|'[^']*'|"[^"]*")\]){0,31}"#,
    r#"|\$(\.[^.\[]+|\[(\*|[0-9]+|'[^']*'|"[^"]*")\]){1,32}|(/([^/~]|~[01])*){1,32})$"#,
);

/// Where a path begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Root {
    Data,
    Likelihoods,
}

/// A path, as it was given and as it leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    text: String,
    pub(crate) root: Root,
    steps: Vec<Step>,
    /// The steps with the word that was taken for the root: an output may have a field of that name.
    literal: Option<Vec<Step>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// A key of an object, or an index of a list.
    Key(String),
    /// All elements of a list, or all values of an object.
    All,
}

/// A value that a path leads to, and its place.
pub(crate) struct Found<'v> {
    /// A JSON Pointer.
    pub(crate) place: String,
    /// `None`: there is nothing.
    pub(crate) value: Option<&'v Json>,
}

impl Path {
    /// Whether it leads into the likelihoods.
    pub fn is_of_likelihoods(&self) -> bool {
        self.root == Root::Likelihoods
    }

    /// Parses a path.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.chars().nth(MAX_PATH).is_some() {
            return Err("must be at most 512 characters long");
        }
        let (mut steps, is_literal) = if let Some(pointer) = text.strip_prefix('/') {
            if !crate::review::is_pointer(text) {
                return Err("must be a valid JSON Pointer (RFC 6901), such as /lines/0/total");
            }
            let unescaped = |step: &str| Step::Key(step.replace("~1", "/").replace("~0", "~"));
            (pointer.split('/').map(unescaped).collect(), true)
        } else if let Some(rest) = text.strip_prefix('$') {
            if !rest.is_empty() && !rest.starts_with(['.', '[']) {
                return Err(SYNTAX);
            }
            if rest.starts_with(".[") {
                return Err(SYNTAX);
            }
            (dotted(rest.strip_prefix('.').unwrap_or(rest))?, true)
        } else {
            (dotted(text)?, false)
        };
        if steps.is_empty() {
            return Err("must name a value");
        }
        if steps.len() > MAX_STEPS {
            return Err("must have at most 32 steps");
        }
        let (mut root, mut literal) = (Root::Data, None);
        if let (false, Some(Step::Key(first))) = (is_literal, steps.first()) {
            let is_root = match first.as_str() {
                // An alias of the reference's.
                "data" | "output-json-0" => true,
                "likelihoods" => {
                    root = Root::Likelihoods;
                    true
                }
                _ => false,
            };
            if is_root {
                literal = (root == Root::Data).then(|| steps.clone());
                steps.remove(0);
            }
            if steps.is_empty() && root == Root::Data {
                (steps, literal) = (literal.take().unwrap_or_default(), None);
            }
        }
        Ok(Self { text: text.to_owned(), root, steps, literal })
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// All that it leads to in `value`, in order. Where it leads to nothing, the place where something should be; nothing at all
    /// for all elements of an empty list.
    pub(crate) fn follow<'v>(&self, value: &'v Json, work: &mut Work) -> Vec<Found<'v>> {
        let found = follow(value, &self.steps, work);
        match &self.literal {
            Some(literal) if found.iter().all(|it| it.value.is_none()) => {
                let other = follow(value, literal, work);
                if other.iter().any(|it| it.value.is_some()) { other } else { found }
            }
            _ => found,
        }
    }

    /// Whether it leads to several values.
    pub(crate) fn has_all(&self) -> bool {
        self.steps.contains(&Step::All)
    }
}

const SYNTAX: &str =
    "must be a path, such as invoice.total, lines.*.amount, $.lines[0].amount or /lines/0/amount";

fn dotted(text: &str) -> Result<Vec<Step>, &'static str> {
    let mut steps = Vec::new();
    let mut rest = text;
    let mut must_follow = !rest.is_empty();
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('[') {
            let (step, after) = bracket(inside)?;
            steps.push(step);
            rest = after;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            if name.is_empty() {
                return Err(SYNTAX);
            }
            steps.push(if name == "*" { Step::All } else { Step::Key(name.to_owned()) });
            rest = after;
        }
        must_follow = false;
        if let Some(after) = rest.strip_prefix('.') {
            (rest, must_follow) = (after, true);
            if rest.starts_with(['.', '[']) {
                return Err(SYNTAX);
            }
        } else if !rest.is_empty() && !rest.starts_with('[') {
            return Err(SYNTAX);
        }
    }
    if must_follow { Err(SYNTAX) } else { Ok(steps) }
}

/// What is in brackets, and what is behind them: `0]`, `*]`, `'a.b']`.
fn bracket(inside: &str) -> Result<(Step, &str), &'static str> {
    for quote in ['\'', '"'] {
        if let Some(quoted) = inside.strip_prefix(quote) {
            let (name, after) = quoted.split_once(quote).ok_or(SYNTAX)?;
            return Ok((Step::Key(name.to_owned()), after.strip_prefix(']').ok_or(SYNTAX)?));
        }
    }
    let (name, after) = inside.split_once(']').ok_or(SYNTAX)?;
    match name {
        "*" => Ok((Step::All, after)),
        index if !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit()) => {
            Ok((Step::Key(index.to_owned()), after))
        }
        _ => Err(SYNTAX),
    }
}

fn follow<'v>(value: &'v Json, steps: &[Step], work: &mut Work) -> Vec<Found<'v>> {
    let mut found = vec![Found { place: String::new(), value: Some(value) }];
    for step in steps {
        let mut next = Vec::with_capacity(found.len());
        for Found { place, value } in found {
            let below = |key: &str| below(&place, key);
            match (step, value) {
                (Step::Key(key), Some(Json::Object(entries))) => {
                    work.spend(1 + entries.len() as u64 / 8);
                    let value = entries.iter().find(|(name, _)| name == key).map(|(_, value)| value);
                    next.push(Found { place: below(key), value });
                }
                (Step::Key(key), Some(Json::List(items))) => {
                    let is_index = key.len() == 1 || !key.starts_with('0');
                    let index = key.parse::<usize>().ok().filter(|_| is_index && !key.starts_with('+'));
                    next.push(Found { place: below(key), value: index.and_then(|index| items.get(index)) });
                }
                (Step::All, Some(Json::List(items))) => {
                    work.spend(items.len() as u64);
                    let all = items.iter().enumerate();
                    next.extend(
                        all.map(|(index, item)| Found {
                            place: below(&index.to_string()),
                            value: Some(item),
                        }),
                    );
                }
                (Step::All, Some(Json::Object(entries))) => {
                    work.spend(entries.len() as u64);
                    next.extend(
                        entries.iter().map(|(key, value)| Found { place: below(key), value: Some(value) }),
                    );
                }
                (Step::Key(key), _) => next.push(Found { place: below(key), value: None }),
                (Step::All, _) => next.push(Found { place: below("*"), value: None }),
            }
        }
        work.spend(next.len() as u64);
        if work.is_used_up() {
            return Vec::new();
        }
        found = next;
    }
    found
}

/// Longest place, in bytes: a longer one is cut, so that a long key is not copied for each of many values.
const MAX_PLACE: usize = 2 * 1024;

/// The place of a key, or of an index, of what is at `place`.
pub(crate) fn below(place: &str, key: &str) -> String {
    if place.len() + key.len() > MAX_PLACE {
        return if place.ends_with('…') { place.to_owned() } else { format!("{place}/…") };
    }
    format!("{place}/{}", escaped(key))
}

/// A key as a step of a JSON Pointer.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OUTPUT: &str = r#"{"invoice": {"total": 1, "a.b": 2, "a/b~": 3}, "lines": [{"amount": 4}, {"amount": 5}, {}], "empty": [],
        "data": {"x": 6}, "likelihoods": 7, "01": [8, 9]}"#;

    /// What a path leads to: places and values.
    fn led(path: &str) -> Vec<String> {
        let output = Json::parse(OUTPUT).unwrap();
        let found = Path::parse(path).unwrap().follow(&output, &mut Work::default());
        let said = |it: &Found<'_>| match it.value {
            Some(Json::Number(number)) => format!("{}={number}", it.place),
            Some(_) => format!("{}=…", it.place),
            None => format!("{}?", it.place),
        };
        found.iter().map(said).collect()
    }

    #[test]
    fn a_value_is_found_however_its_path_is_written() {
        for path in [
            "invoice.total",
            "$.invoice.total",
            "data.invoice.total",
            "/invoice/total",
            "output-json-0.invoice.total",
            "$['invoice'].total",
            "invoice[\"total\"]",
            "$[\"invoice\"]['total']",
        ] {
            assert_eq!(led(path), ["/invoice/total=1"], "{path}");
        }
        for (path, expected) in [
            ("lines.*.amount", vec!["/lines/0/amount=4", "/lines/1/amount=5", "/lines/2/amount?"]),
            ("lines[*].amount", vec!["/lines/0/amount=4", "/lines/1/amount=5", "/lines/2/amount?"]),
            ("lines.1.amount", vec!["/lines/1/amount=5"]),
            ("lines[1].amount", vec!["/lines/1/amount=5"]),
            ("lines.9.amount", vec!["/lines/9/amount?"]),
            ("lines.01.amount", vec!["/lines/01/amount?"]),
            ("lines.+1.amount", vec!["/lines/+1/amount?"]),
            ("empty.*", vec![]),
            ("invoice.total.*", vec!["/invoice/total/*?"]),
            ("nothing.at.all", vec!["/nothing/at/all?"]),
            ("$['invoice']['a.b']", vec!["/invoice/a.b=2"]),
            ("/invoice/a~1b~0", vec!["/invoice/a~1b~0=3"]),
            ("01.1", vec!["/01/1=9"]),
            // A field may be called as a root is.
            ("data.x", vec!["/data/x=6"]),
            ("data.data.x", vec!["/data/x=6"]),
            ("/data/x", vec!["/data/x=6"]),
            ("$.data.x", vec!["/data/x=6"]),
            ("data", vec!["/data=…"]),
            ("$.likelihoods", vec!["/likelihoods=7"]),
            ("data.likelihoods", vec!["/likelihoods=7"]),
        ] {
            assert_eq!(led(path), expected, "{path}");
        }
        assert_eq!(Path::parse("likelihoods.total").unwrap().root, Root::Likelihoods);
        assert_eq!(Path::parse("data.likelihoods.total").unwrap().root, Root::Data);
    }

    #[test]
    fn what_is_no_path_is_refused() {
        let (long, deep) = ("a".repeat(513), vec!["a"; 33].join("."));
        for path in [
            "", "$", "$.", ".", "a.", ".a", "a..b", "a[", "a[]", "a[x]", "a['x]", "a['x'", "a['x'b]",
            "a[0]b", "$a", "/a~2", "/a~", "a.[0]", "$.[0]", &long, &deep,
        ] {
            assert!(Path::parse(path).is_err(), "{path}");
        }
        assert!(Path::parse(&vec!["a"; 32].join(".")).is_ok() && Path::parse(&"a".repeat(512)).is_ok());
    }

    proptest! {
        #[test]
        fn what_is_a_path_is_what_its_pattern_says(text in r#"[a-c0-9.*\[\]'"$/~]{0,40}"#) {
            let pattern = regex::Regex::new(PATH_PATTERN).unwrap();
            prop_assert_eq!(Path::parse(&text).is_ok(), pattern.is_match(&text), "{}", text);
        }

        #[test]
        fn no_path_does_any_harm(text in r#"[a-c0-9.*\[\]'"$/~]{0,40}"#) {
            if let Ok(path) = Path::parse(&text) {
                path.follow(&Json::parse(OUTPUT).unwrap(), &mut Work::default());
            }
        }

        #[test]
        fn a_pointer_leads_to_the_key_that_it_escapes(key in "\\PC{0,20}") {
            let output = Json::Object(vec![(key.clone(), Json::Bool(true))]);
            let path = Path::parse(&format!("/{}", escaped(&key))).unwrap();
            let found = path.follow(&output, &mut Work::default());
            prop_assert_eq!(found[0].value, Some(&Json::Bool(true)));
        }
    }
}
