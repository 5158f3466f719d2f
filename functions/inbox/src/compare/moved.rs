//! Where the rows of an earlier document are in a later one: what was said of them by place is of them still.

use super::{Entry, Patch, Row};
use crate::document::{Node, push_pointer};
use std::collections::HashMap;

/// Where what stood in one document stands in another.
#[derive(Debug, Default)]
pub(crate) enum Moved {
    /// Where it was.
    #[default]
    Not,
    /// Where it was, and it is another value.
    Changed,
    /// What is in an object, where that is elsewhere or another.
    Object(HashMap<String, Moved>),
    /// The rows that are left, by where they were.
    List(HashMap<usize, (usize, Moved)>),
}

impl Moved {
    /// By how the one becomes the other.
    pub(crate) fn by(patch: &Patch) -> Self {
        match patch {
            Patch::Same => Self::Not,
            Patch::Set { .. } => Self::Changed,
            Patch::Object(entries) => {
                let moved = entries.iter().filter_map(|(key, entry)| {
                    let Entry::Changed(patch) = entry else { return None };
                    let moved = Self::by(patch);
                    (!matches!(moved, Self::Not)).then(|| (key.clone(), moved))
                });
                let moved: HashMap<_, _> = moved.collect();
                if moved.is_empty() { Self::Not } else { Self::Object(moved) }
            }
            Patch::List(rows) => {
                let kept = rows.rows.iter().enumerate().filter_map(|(to, row)| match row {
                    Row::Kept { from, patch, .. } => Some((*from, (to, Self::by(patch)))),
                    Row::New { .. } => None,
                });
                Self::List(kept.collect())
            }
        }
    }

    /// Where a JSON Pointer into the earlier document leads in the later one; none if its row is gone. What an object
    /// has lost has its place there still.
    pub(crate) fn pointer(&self, pointer: &str) -> Option<String> {
        self.lookup(pointer).map(|(pointer, _)| pointer)
    }

    /// The same, and whether there is another value now.
    pub(crate) fn lookup(&self, pointer: &str) -> Option<(String, bool)> {
        let (mut moved, mut found) = (self, String::with_capacity(pointer.len()));
        for step in pointer.split('/').skip(1) {
            let key = step.replace("~1", "/").replace("~0", "~");
            match moved {
                Self::Not | Self::Changed => push_pointer(&mut found, &key),
                Self::Object(entries) => {
                    push_pointer(&mut found, &key);
                    moved = entries.get(&key).unwrap_or(&Self::Not);
                }
                Self::List(rows) => {
                    let (to, of_row) = rows.get(&key.parse().ok()?)?;
                    push_pointer(&mut found, &to.to_string());
                    moved = of_row;
                }
            }
        }
        Some((found, matches!(moved, Self::Changed)))
    }

    /// A tree that mirrors the earlier document, so that it mirrors the later one. Of what is another value now it says what
    /// `still_holds`; what it says of nothing is null.
    pub(crate) fn mirror(&self, tree: Node, still_holds: &impl Fn(&Node) -> bool) -> Node {
        match (self, tree) {
            (Self::Changed, tree) if !still_holds(&tree) => Node::Null,
            (Self::Object(moved), Node::Object(entries)) => {
                let mirrored = entries.into_iter().map(|(key, value)| {
                    let value = moved.get(&key).unwrap_or(&Self::Not).mirror(value, still_holds);
                    (key, value)
                });
                Node::Object(mirrored.collect())
            }
            (Self::List(rows), Node::List(items)) => {
                let length = rows.values().map(|(to, _)| to + 1).max().unwrap_or_default();
                let mut mirrored = vec![Node::Null; length];
                for (from, item) in items.into_iter().enumerate() {
                    if let Some((to, of_row)) = rows.get(&from) {
                        mirrored[*to] = of_row.mirror(item, still_holds);
                    }
                }
                Node::List(mirrored)
            }
            (_, tree) => tree,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::diff;
    use super::*;

    fn node(text: &str) -> Node {
        Node::parse(text).unwrap()
    }

    #[test]
    fn what_was_said_of_a_row_is_said_of_it_wherever_it_is() {
        let first = node(
            r#"{"a":1,"x":{"l":[{"d":"alpha","n":1},{"d":"beta","n":2},{"d":"gamma","n":3}]},"gone":1}"#,
        );
        let later = node(r#"{"a":2,"x":{"l":[{"d":"gamma","n":3},{"d":"new","n":9},{"d":"beta","n":2}]}}"#);
        let moved = Moved::by(&diff(&first, &later));
        for (from, to) in [
            ("", Some("")),
            ("/a", Some("/a")),
            ("/x/l/2/n", Some("/x/l/0/n")),
            ("/x/l/1", Some("/x/l/2")),
            ("/x/l/0/n", None),
            ("/x/l/7", None),
            ("/x/l/z", None),
            ("/gone", Some("/gone")),
            ("/b~1c~0/0", Some("/b~1c~0/0")),
        ] {
            assert_eq!(moved.pointer(from).as_deref(), to, "{from}");
        }
        assert_eq!(
            [moved.lookup("/a"), moved.lookup("/x/l/2/n")].map(|it| it.map(|(_, changed)| changed)),
            [Some(true), Some(false)]
        );
        let mirror = |tree: &str| moved.mirror(node(tree), &|of| *of == node("0.5"));
        let tree = mirror(r#"{"a":0.5,"x":{"l":[{"n":0.1},{"n":0.2},{"n":0.3}]},"gone":0.4}"#);
        assert_eq!(tree, node(r#"{"a":0.5,"x":{"l":[{"n":0.3},null,{"n":0.2}]},"gone":0.4}"#));
        assert_eq!(mirror(r#"{"a":0.6,"x":{"l":0.5}}"#), node(r#"{"a":null,"x":{"l":0.5}}"#));
    }
}
