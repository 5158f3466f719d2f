//! What the gate says: below which likelihood a value is doubtful, and which fields it named.

use super::likelihoods::number;
use crate::compare::Moved;
use crate::document::{Node, push_pointer};
use shared::review::gate::Evaluation;
use std::collections::HashMap;

/// What `triggered_by` says.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    pub(super) threshold: f64,
    /// The fields that it names, by JSON Pointer, each with what was observed.
    pub(super) named: HashMap<String, Option<f64>>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { threshold: Self::THRESHOLD, named: HashMap::new() }
    }
}

impl Gate {
    /// Below this a value is doubtful, unless the gate has a threshold of its own.
    const THRESHOLD: f64 = 0.9;
    /// Fields that one predicate names at most, and how deep they are.
    const NAMED: usize = 20;
    const DEPTH: usize = 64;

    pub(super) fn of(output: &Node, triggered_by: &str) -> Self {
        let mut gate = Self::default();
        let Ok(Node::Object(entries)) = Node::parse(triggered_by) else { return gate };
        let get = |name: &str| entries.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        if let Some(threshold) = get("threshold").and_then(number).filter(|it| *it > 0.0) {
            gate.threshold = threshold;
        }
        let observed = ["observed", "confidence", "score"].iter().find_map(|name| get(name).and_then(number));
        for name in ["field", "path", "fields", "paths", "input"] {
            let texts: Vec<&str> = match get(name) {
                Some(Node::Text(text)) => vec![text],
                Some(Node::List(items)) => items
                    .iter()
                    .filter_map(|it| if let Node::Text(text) = it { Some(text.as_str()) } else { None })
                    .collect(),
                _ => Vec::new(),
            };
            let places = texts.into_iter().take(Self::NAMED).filter_map(|text| {
                let of_inputs = || match output {
                    Node::Object(entries) if entries.iter().any(|(key, _)| key == "inputs") => {
                        place(output, &format!("inputs.{text}"))
                    }
                    _ => None,
                };
                (name == "input").then(of_inputs).flatten().or_else(|| place(output, text))
            });
            // What was observed of an input is its value, not how sure the machine was.
            let observed = observed.filter(|_| name != "input");
            gate.named.extend(places.map(|place| (place, observed)));
        }
        // Of a split, the last page of the part that may not end there; of a classification, the label that was chosen.
        let at = |name: &str| get(name).filter(|value| value.is_leaf());
        if let Some(page) = at("after_page") {
            gate.named.extend(
                holding(output, &["last", "last_page", "end_page", "end"], page).map(|place| (place, None)),
            );
        }
        if let Some(label) = at("first").filter(|_| get("second").is_some()) {
            gate.named
                .extend(holding(output, &["label", "class", "category"], label).map(|place| (place, None)));
        }
        gate
    }

    /// Names, too, what the predicates that fired are about.
    pub(super) fn naming(mut self, output: &Node, evaluation: &[Evaluation]) -> Self {
        let leaves = evaluation.iter().flat_map(Evaluation::fired_leaves).take(Self::NAMED);
        for leaf in leaves {
            let path = leaf.place.as_deref().or(leaf.path.as_deref());
            let path = path.map(|path| path.strip_prefix("likelihoods.").unwrap_or(path));
            let Some(place) = path.filter(|path| !path.is_empty()).and_then(|path| place(output, path))
            else {
                continue;
            };
            let is_likelihood = leaf.kind.contains("confidence");
            let observed = is_likelihood.then(|| Node::parse(leaf.actual.as_str()).ok()).flatten();
            let observed = observed.as_ref().and_then(number);
            self.named.entry(place).and_modify(|known| *known = known.or(observed)).or_insert(observed);
        }
        self
    }

    /// The same of a later output.
    pub(super) fn moved(self, moved: &Moved) -> Self {
        let named = self.named.into_iter();
        let named = named.filter_map(|(path, observed)| Some((moved.pointer(&path)?, observed)));
        Self { named: named.collect(), ..self }
    }
}

/// The first place in `output` of one of these keys that holds `value`, however deep.
fn holding(output: &Node, keys: &[&str], value: &Node) -> Option<String> {
    fn walk(node: &Node, keys: &[&str], value: &Node, path: &mut String) -> bool {
        let before = path.len();
        let mut enter = |key: &str, child: &Node, is_key: bool| {
            push_pointer(path, key);
            let is_found = (is_key && child == value) || walk(child, keys, value, path);
            if !is_found {
                path.truncate(before);
            }
            is_found
        };
        match node {
            Node::Object(entries) => {
                entries.iter().any(|(key, child)| enter(key, child, keys.contains(&key.as_str())))
            }
            Node::List(items) => {
                items.iter().enumerate().any(|(at, child)| enter(&at.to_string(), child, false))
            }
            _ => false,
        }
    }
    let mut path = String::new();
    walk(output, keys, value, &mut path).then_some(path)
}

/// The place in `output` that a text names: `/seller/postcode`, `$.seller.postcode`, `data.items[2].amount`; none if there is
/// nothing and no object that it could be in. A place “of all items” is that of the list.
fn place(output: &Node, text: &str) -> Option<String> {
    let (steps, is_pointer) = steps(text);
    let without_root = |word: &str| !is_pointer && steps.first().is_some_and(|step| step == word);
    let found = follow(output, &steps);
    // `data` may be the root, or a key.
    found.or_else(|| without_root("data").then(|| follow(output, &steps[1..])).flatten())
}

pub(super) fn steps(text: &str) -> (Vec<String>, bool) {
    if let Some(pointer) = text.strip_prefix('/') {
        let unescaped = |step: &str| step.replace("~1", "/").replace("~0", "~");
        return (pointer.split('/').take(Gate::DEPTH).map(unescaped).collect(), true);
    }
    let text = text.strip_prefix('$').unwrap_or(text);
    let text = text.replace(']', "").replace('[', ".");
    let plain = |step: &str| step.trim_matches(['\'', '"']).to_owned();
    (text.split('.').filter(|step| !step.is_empty()).take(Gate::DEPTH).map(plain).collect(), false)
}

fn follow(output: &Node, steps: &[String]) -> Option<String> {
    let (mut node, mut place) = (output, String::new());
    for (count, step) in steps.iter().enumerate() {
        match node {
            Node::Object(entries) => {
                push_pointer(&mut place, step);
                match entries.iter().find(|(key, _)| key == step) {
                    Some((_, value)) => node = value,
                    // It is missing: that is why it is named.
                    None => return (count + 1 == steps.len()).then_some(place),
                }
            }
            Node::List(_) if step == "*" => return Some(place),
            Node::List(items) => {
                node = items.get(step.parse::<usize>().ok()?)?;
                push_pointer(&mut place, step);
            }
            _ => return None,
        }
    }
    (!place.is_empty()).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_however_its_place_is_written() {
        let output = Node::parse(
            r#"{"total": 1, "seller": {"post.code": 1, "name": "x"}, "lines": [{"amount": 1}], "a/b": 2}"#,
        )
        .unwrap();
        let of = |text: &str| place(&output, text);
        for (text, found) in [
            ("total", "/total"),
            ("$.total", "/total"),
            ("data.total", "/total"),
            ("/seller/name", "/seller/name"),
            ("seller.name", "/seller/name"),
            ("lines[0].amount", "/lines/0/amount"),
            ("$.lines.0.amount", "/lines/0/amount"),
            ("lines.*.amount", "/lines"),
            ("/a~1b", "/a~1b"),
            ("seller.vat", "/seller/vat"),
            ("/seller/post.code", "/seller/post.code"),
        ] {
            assert_eq!(of(text).as_deref(), Some(found), "{text}");
        }
        for text in ["", "$", "lines[7].amount", "no.such", "total.x"] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn what_a_split_or_a_classification_is_unsure_of_is_found_by_its_value() {
        let output = Node::parse(
            r#"{"label": "a", "pages": 15, "documents": [{"pages": {"first": 1, "last": 3}}, {"pages": {"first": 4, "last": 15}}]}"#,
        )
        .unwrap();
        let named = |text: &str| Gate::of(&output, text).named.into_keys().collect::<Vec<_>>();
        assert_eq!(named(r#"{"kind": "boundary_uncertain", "after_page": 15}"#), ["/documents/1/pages/last"]);
        assert_eq!(named(r#"{"kind": "margin_below", "first": "a", "second": "b"}"#), ["/label"]);
        assert_eq!(named(r#"{"kind": "margin_below", "first": "x", "second": "b"}"#), [""; 0]);
        let inputs = Node::parse(r#"{"inputs": {"total_eur": 9992.6}}"#).unwrap();
        let gate = Gate::of(&inputs, r#"{"kind": "near_limit", "input": "total_eur", "observed": 0.2}"#);
        assert_eq!(gate.named.get("/inputs/total_eur"), Some(&None));
    }

    #[test]
    fn the_threshold_is_the_gates_own_or_nine_tenths() {
        let threshold = |text: &str| Gate::of(&Node::Null, text).threshold;
        for (text, expected) in [
            (r#"{"threshold": 0.8}"#, "0.8"),
            (r#"{"kind": "always"}"#, "0.9"),
            ("nonsense", "0.9"),
            (r#"{"threshold": 80}"#, "0.9"),
        ] {
            assert_eq!(threshold(text).to_string(), expected, "{text}");
        }
    }
}
