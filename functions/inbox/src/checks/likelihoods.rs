//! How sure the machine was of each value: a tree that mirrors the output, or a list of places.
//!
//! The `consensus` of a classifier (`{"likelihood": 0.8}`) and of a split (a list that mirrors its parts) are understood, too.

use crate::compare::Moved;
use crate::document::Node;
use std::collections::HashMap;

/// What is known of how sure the machine was.
#[derive(Debug, Default)]
pub(crate) struct Likelihoods {
    tree: Option<Node>,
    /// By JSON Pointer.
    by_path: HashMap<String, f64>,
}

/// The likelihoods of one value and of what is in it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Below<'a> {
    tree: Option<&'a Node>,
}

impl Likelihoods {
    /// Places that are read of a list of evidence.
    const PLACES: usize = 20_000;

    pub(super) fn of(output: &Node, likelihoods: Option<&str>, evidence: Option<&str>) -> Self {
        let mut found = Self::default();
        if let Some(Node::List(items)) = evidence.and_then(|text| Node::parse(text).ok()) {
            for item in items.iter().take(Self::PLACES) {
                if let (Some(Node::Text(path)), Some(confidence)) =
                    (entry(item, "path"), entry(item, "confidence").and_then(number))
                {
                    let known = found.by_path.entry(path.clone()).or_insert(confidence);
                    *known = known.min(confidence);
                }
            }
        }
        let tree = likelihoods.and_then(|text| Node::parse(text).ok());
        found.tree = tree.map(|tree| found.mirrored(output, tree));
        found
    }

    /// The tree that mirrors the output, out of what came.
    fn mirrored(&mut self, output: &Node, tree: Node) -> Node {
        let Node::Object(outputs) = output else { return tree };
        let is_output = |name: &str| outputs.iter().any(|(key, _)| key == name);
        match tree {
            Node::Object(mut entries) => {
                let whole = entries.iter().position(|(key, _)| key == "likelihoods" && !is_output(key));
                if let Some(whole) = whole {
                    return self.mirrored(output, entries.swap_remove(whole).1);
                }
                let of_all = entries.iter().find(|(key, _)| key == "likelihood" && !is_output(key));
                if let Some(likelihood) = of_all.and_then(|(_, value)| number(value))
                    && is_output("category")
                {
                    self.by_path.insert("/category".into(), likelihood);
                }
                Node::Object(entries)
            }
            // Of a split, whose output holds its parts as its only list.
            Node::List(items) => {
                let mut lists = outputs.iter().filter(|(_, value)| matches!(value, Node::List(_)));
                match (lists.next(), lists.next()) {
                    (Some((key, _)), None) => Node::Object(vec![(key.clone(), Node::List(items))]),
                    _ => Node::List(items),
                }
            }
            Node::Number(_) if is_output("category") => {
                self.by_path.extend(number(&tree).map(|likelihood| ("/category".to_owned(), likelihood)));
                Node::Null
            }
            tree => tree,
        }
    }

    /// The same of a later output. That the machine was sure of one value says nothing of the one that replaced it; a doubt stays.
    pub(super) fn moved(self, moved: &Moved, threshold: f64) -> Self {
        if matches!(moved, Moved::Not) {
            return self;
        }
        let by_path = self.by_path.into_iter();
        let by_path = by_path.filter_map(|(path, likelihood)| {
            let (path, is_changed) = moved.lookup(&path)?;
            (!is_changed || likelihood < threshold).then_some((path, likelihood))
        });
        let is_doubt = |of: &Node| number(of).is_none_or(|likelihood| likelihood < threshold);
        Self { by_path: by_path.collect(), tree: self.tree.map(|tree| moved.mirror(tree, &is_doubt)) }
    }

    /// Of the whole output.
    pub(crate) const fn root(&self) -> Below<'_> {
        Below { tree: self.tree.as_ref() }
    }

    /// Of the value at a place, where `below` has led. Of several the least counts: none hides a doubt.
    pub(crate) fn at(&self, path: &str, node: &Node, below: Below<'_>) -> Option<f64> {
        let of_tree = below.tree.and_then(|tree| match (tree, node) {
            (Node::Object(_), Node::Object(entries)) => {
                let is_output = entries.iter().any(|(key, _)| key == "likelihood");
                entry(tree, "likelihood").filter(|_| !is_output && !path.is_empty()).and_then(number)
            }
            (tree, _) => number(tree),
        });
        let of_path = self.by_path.get(path).copied();
        of_tree.map_or(of_path, |it| Some(of_path.map_or(it, |other| it.min(other))))
    }

    /// Whether nothing is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.tree.is_none() && self.by_path.is_empty()
    }
}

/// The likelihoods of the entries of one object.
pub(crate) enum Entries<'a> {
    None,
    By(HashMap<&'a str, &'a Node>),
}

impl<'a> Below<'a> {
    /// Of an object's entries.
    pub(crate) fn entries(self) -> Entries<'a> {
        match self.tree {
            Some(Node::Object(entries)) => {
                Entries::By(entries.iter().map(|(key, value)| (key.as_str(), value)).collect())
            }
            _ => Entries::None,
        }
    }

    /// Of an item of a list.
    pub(crate) fn item(self, index: usize) -> Self {
        let tree = if let Some(Node::List(items)) = self.tree { items.get(index) } else { None };
        Self { tree }
    }
}

impl<'a> Entries<'a> {
    /// Of one entry.
    pub(crate) fn key(&self, key: &str) -> Below<'a> {
        match self {
            Self::None => Below::default(),
            Self::By(entries) => Below { tree: entries.get(key).copied() },
        }
    }
}

fn entry<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    let Node::Object(entries) = node else { return None };
    entries.iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// A number from 0 to 1.
pub(super) fn number(node: &Node) -> Option<f64> {
    let Node::Number(text) = node else { return None };
    text.parse().ok().filter(|number| (0.0..=1.0).contains(number))
}
