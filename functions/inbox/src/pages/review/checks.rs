//! What is to check: the field that the gate named.

use super::status::Check;
use super::view::View;
use crate::document::Node;
use crate::fields::anchor;
use crate::form::segment;
use crate::pages::review::extra_fields::title;

impl View<'_> {
    /// What is to check, in the order of the page.
    pub(super) fn checks(&self) -> Vec<Check> {
        let (Some(head), Ok(Node::Object(gate))) =
            (self.head(), Node::parse(self.review().triggered_by.as_str()))
        else {
            return Vec::new();
        };
        let of = |names: &[&str]| gate.iter().find(|(key, _)| names.contains(&key.as_str())).map(|(_, it)| it);
        let Some(Node::Text(field)) = of(&["field", "path"]) else { return Vec::new() };
        let Some((place, node)) = find(&head, field) else { return Vec::new() };
        let text = match (of(&["observed", "confidence", "score"]), node) {
            (Some(Node::Number(number)), _) => number.clone(),
            (_, Node::Null) => "is missing".into(),
            _ => String::new(),
        };
        let label = title(&format!("f{place}"), Some(&head));
        let label = label.rsplit(" › ").next().unwrap_or_default().to_owned();
        vec![Check { label, anchor: anchor(&format!("f{place}")), text }]
    }
}

/// The value that a gate names, as `a.0.b` or `/a/0/b`, and its place in the names of fields.
fn find<'a>(document: &'a Node, field: &str) -> Option<(String, &'a Node)> {
    let mut node = document;
    let mut place = String::new();
    for step in field.trim_start_matches('/').split(['.', '/']) {
        place.push('/');
        node = match node {
            Node::Object(entries) => {
                place.push_str(&segment(step));
                &entries.iter().find(|(key, _)| key == step)?.1
            }
            Node::List(items) => {
                place.push_str(step);
                items.get(step.parse::<usize>().ok()?)?
            }
            _ => return None,
        };
    }
    node.is_leaf().then_some((place, node))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_names_a_field_by_its_path() {
        let document = Node::parse(r#"{"a": {"b~c": 1}, "rows": [{"x": null}], "o": {}}"#).unwrap();
        let place = |field: &str| find(&document, field).map(|(place, _)| place);
        assert_eq!(place("a.b~c").as_deref(), Some("/a/b~0c"));
        assert_eq!(place("/rows/0/x").as_deref(), Some("/rows/0/x"));
        for none in ["", "b", "rows", "rows.1.x", "rows.x", "o", "a.b~c.d"] {
            assert_eq!(place(none), None, "{none}");
        }
    }
}
