//! What differs between two documents, and one's changes put onto another.

use crate::document::{Node, Path, Step};
use std::collections::HashMap;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change<'a> {
    pub(crate) path: Path,
    /// None, if it was added.
    pub(crate) before: Option<&'a Node>,
    /// None, if it was removed.
    pub(crate) after: Option<&'a Node>,
}

/// How lists of different lengths are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lists {
    /// Item by item, what both ends have in common aside: for people to read.
    Items,
    /// As one value: an item's place says nothing in another list.
    Whole,
}

/// All differences, in the order of the document after them.
pub(crate) fn compare<'a>(before: &'a Node, after: &'a Node, lists: Lists) -> Vec<Change<'a>> {
    let mut changes = Vec::new();
    walk(before, after, lists, &mut Vec::new(), &mut changes);
    changes
}

fn walk<'a>(before: &'a Node, after: &'a Node, lists: Lists, path: &mut Path, changes: &mut Vec<Change<'a>>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Node::Object(old), Node::Object(new)) => {
            let (known, still_there) = (index(old), index(new));
            for (key, value) in new {
                let before = known.get(key.as_str()).copied();
                step(before, Some(value), Step::Key(key.clone()), lists, path, changes);
            }
            for (key, value) in old.iter().filter(|(key, _)| !still_there.contains_key(key.as_str())) {
                step(Some(value), None, Step::Key(key.clone()), lists, path, changes);
            }
        }
        (Node::List(old), Node::List(new)) if old.len() == new.len() || lists == Lists::Items => {
            let start = old.iter().zip(new).take_while(|(old, new)| old == new).count();
            let rest = (&old[start..], &new[start..]);
            let same_end =
                || rest.0.iter().rev().zip(rest.1.iter().rev()).take_while(|(old, new)| old == new);
            let end = if old.len() == new.len() { 0 } else { same_end().count() };
            let (old, new) = (&rest.0[..rest.0.len() - end], &rest.1[..rest.1.len() - end]);
            for place in 0..old.len().max(new.len()) {
                step(old.get(place), new.get(place), Step::Item(start + place), lists, path, changes);
            }
        }
        _ => changes.push(Change { path: path.clone(), before: Some(before), after: Some(after) }),
    }
}

/// An object's fields by name.
fn index(entries: &[(String, Node)]) -> HashMap<&str, &Node> {
    entries.iter().map(|(key, value)| (key.as_str(), value)).collect()
}

fn step<'a>(
    before: Option<&'a Node>,
    after: Option<&'a Node>,
    at: Step,
    lists: Lists,
    path: &mut Path,
    changes: &mut Vec<Change<'a>>,
) {
    path.push(at);
    match (before, after) {
        (Some(before), Some(after)) => walk(before, after, lists, path, changes),
        // For people, what came or went as a whole is told value by value.
        (Some(node), None) | (None, Some(node)) if lists == Lists::Items && node.leaves() > 1 => {
            for (inner, value) in node.children() {
                let (before, after) =
                    if before.is_some() { (Some(value), None) } else { (None, Some(value)) };
                step(before, after, inner, lists, path, changes);
            }
        }
        _ => changes.push(Change { path: path.clone(), before, after }),
    }
    path.pop();
}

/// One's changes on top of another's.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Merged {
    /// The other's document with one's changes.
    pub(crate) node: Node,
    /// Where both changed something, and not to the same: one's own change stands in `node`.
    pub(crate) both: Vec<Path>,
    /// What had no place any more.
    pub(crate) lost: Vec<Path>,
    /// Whether something else than single values was changed.
    pub(crate) structural: bool,
}

/// Puts what `mine` changed of `base` onto `theirs`.
pub(crate) fn merge(base: &Node, mine: &Node, theirs: &Node) -> Merged {
    let mut merged = Merged { node: theirs.clone(), both: Vec::new(), lost: Vec::new(), structural: false };
    for Change { path, before, after } in compare(base, mine, Lists::Whole) {
        let there = theirs.at(&path);
        if there == after {
            continue;
        }
        if there != before {
            merged.both.push(path.clone());
        }
        let single = |node: Option<&Node>| node.is_some_and(Node::is_leaf);
        merged.structural |= !(single(before) && single(after) && single(there));
        if !put(&mut merged.node, &path, after) {
            merged.lost.push(path);
        }
    }
    merged
}

/// Sets, adds or removes what is at a place; `false` when there is no such place.
fn put(node: &mut Node, path: &[Step], value: Option<&Node>) -> bool {
    let Some((last, parent)) = path.split_last() else {
        return value.is_some_and(|value| {
            *node = value.clone();
            true
        });
    };
    match (node.at_mut(parent), last) {
        (Some(Node::Object(entries)), Step::Key(key)) => {
            let place = entries.iter().position(|(name, _)| name == key);
            match (place, value) {
                (Some(place), Some(value)) => entries[place].1 = value.clone(),
                (Some(place), None) => drop(entries.remove(place)),
                (None, Some(value)) => entries.push((key.clone(), value.clone())),
                (None, None) => {}
            }
            true
        }
        (Some(Node::List(items)), Step::Item(index)) => match (items.get_mut(*index), value) {
            (Some(item), Some(value)) => {
                *item = value.clone();
                true
            }
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::pointer;

    fn node(text: &str) -> Node {
        Node::parse(text).unwrap()
    }

    fn differences(before: &str, after: &str, lists: Lists) -> Vec<(String, Option<String>, Option<String>)> {
        let (before, after) = (node(before), node(after));
        let text = |node: Option<&Node>| node.map(Node::compact);
        let changes = compare(&before, &after, lists);
        changes.iter().map(|it| (pointer(&it.path), text(it.before), text(it.after))).collect()
    }

    fn difference(path: &str, before: &str, after: &str) -> (String, Option<String>, Option<String>) {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        (path.into(), text(before), text(after))
    }

    #[test]
    fn each_field_that_differs_is_named_once() {
        let changes = differences(
            r#"{"a": 1, "b": {"c": "x", "gone": null}, "d": 12.50}"#,
            r#"{"b": {"c": "y", "new": []}, "a": 1, "d": 12.5}"#,
            Lists::Items,
        );
        let expected = [
            difference("/b/c", "\"x\"", "\"y\""),
            difference("/b/new", "", "[]"),
            difference("/b/gone", "null", ""),
            difference("/d", "12.50", "12.5"),
        ];
        assert_eq!(changes, expected);
        assert!(differences("[1,2]", "[1, 2]", Lists::Items).is_empty());
    }

    #[test]
    fn an_item_that_was_taken_out_is_one_change() {
        assert_eq!(differences("[1,2,3,4]", "[1,3,4]", Lists::Items), [difference("/1", "2", "")]);
        assert_eq!(differences("[1,2]", "[1,2,3]", Lists::Items), [difference("/2", "", "3")]);
        assert_eq!(
            differences("[]", r#"[{"a": 1, "b": [2]}]"#, Lists::Items),
            [difference("/0/a", "", "1"), difference("/0/b", "", "[2]")]
        );
        assert_eq!(differences("[1,2]", "[1,2,3]", Lists::Whole), [difference("", "[1,2]", "[1,2,3]")]);
        assert_eq!(differences("[1,2,3]", "[1,9,3]", Lists::Whole), [difference("/1", "2", "9")]);
        assert_eq!(
            differences("[1,2,3]", "[1,8,9]", Lists::Whole),
            [difference("/1", "2", "8"), difference("/2", "3", "9")]
        );
        assert_eq!(differences("[1,2]", "[9,2]", Lists::Whole), [difference("/0", "1", "9")]);
        assert_eq!(
            differences("[[1,2]]", "[]", Lists::Items),
            [difference("/0/0", "1", ""), difference("/0/1", "2", "")]
        );
    }

    #[test]
    fn changes_of_two_people_meet() {
        let base = node(r#"{"a": 1, "b": 2, "c": {"d": 3}, "rows": [1, 2]}"#);
        let theirs = node(r#"{"a": 10, "b": 2, "c": {"d": 30}, "rows": [1, 2, 3]}"#);
        let mine = node(r#"{"a": 1, "b": 20, "c": {"d": 31}, "rows": [1, 2]}"#);
        let merged = merge(&base, &mine, &theirs);
        assert_eq!(merged.node, node(r#"{"a": 10, "b": 20, "c": {"d": 31}, "rows": [1, 2, 3]}"#));
        let both: Vec<String> = merged.both.iter().map(|path| pointer(path)).collect();
        assert_eq!((both, merged.lost, merged.structural), (vec!["/c/d".to_owned()], vec![], false));
        // The same change of both is none.
        assert!(merge(&base, &theirs, &theirs).both.is_empty());
    }

    #[test]
    fn changes_to_items_of_one_list_meet() {
        let merged = merge(&node("[[1],2,3]"), &node("[[9],2,8]"), &node("[[1],7,3]"));
        let expected = Merged { node: node("[[9],7,8]"), both: vec![], lost: vec![], structural: false };
        assert_eq!(merged, expected);
        assert!(merge(&node("[1]"), &node("[]"), &node("[1]")).structural);
    }

    #[test]
    fn a_change_that_has_no_place_any_more_is_told() {
        let base = node(r#"{"c": {"d": 3}, "rows": [{"x": 1}, {"x": 2}]}"#);
        let theirs = node(r#"{"rows": [{"x": 1}]}"#);
        let mine = node(r#"{"c": {"d": 4}, "rows": [{"x": 1}, {"x": 5}]}"#);
        let merged = merge(&base, &mine, &theirs);
        let lost: Vec<String> = merged.lost.iter().map(|path| pointer(path)).collect();
        assert_eq!((merged.node, lost), (theirs, vec!["/c/d".to_owned(), "/rows/1/x".to_owned()]));
        assert!(merged.structural);
    }
}
