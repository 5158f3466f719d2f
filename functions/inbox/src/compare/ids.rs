//! Which values are equal: each gets a number, found out once, so that comparing two of them is one step.

use crate::document::Node;
use std::collections::HashMap;

/// What a value is made of, with the numbers of what it holds.
#[derive(PartialEq, Eq, Hash)]
enum Shape<'a> {
    Null,
    Bool(bool),
    Number(&'a str),
    Text(&'a str),
    List(Vec<u32>),
    /// By key: the order of keys says nothing.
    Object(Vec<(&'a str, u32)>),
}

/// The numbers of all values of some documents: two values have the same if, and only if, they are equal, the order of keys
/// aside. Linear in the documents, but for sorting the keys of each object.
#[derive(Default)]
pub(crate) struct Ids<'a> {
    shapes: HashMap<Shape<'a>, u32>,
    /// By address: the documents stay where they are as long as this lives.
    numbers: HashMap<*const Node, u32>,
    /// How many values were looked at, for the tests of how work grows.
    pub(crate) steps: usize,
}

impl<'a> Ids<'a> {
    /// The numbers of two documents.
    pub(crate) fn of(documents: [&'a Node; 2]) -> Self {
        let mut ids = Self::default();
        for document in documents {
            ids.add(document);
        }
        ids
    }

    fn add(&mut self, node: &'a Node) -> u32 {
        self.steps += 1;
        let shape = match node {
            Node::Null => Shape::Null,
            Node::Bool(value) => Shape::Bool(*value),
            Node::Number(text) => Shape::Number(text),
            Node::Text(text) => Shape::Text(text),
            Node::List(items) => Shape::List(items.iter().map(|item| self.add(item)).collect()),
            Node::Object(entries) => {
                let mut shape: Vec<(&str, u32)> =
                    entries.iter().map(|(key, value)| (key.as_str(), self.add(value))).collect();
                shape.sort_unstable();
                Shape::Object(shape)
            }
        };
        let next = u32::try_from(self.shapes.len()).unwrap_or(u32::MAX);
        let number = *self.shapes.entry(shape).or_insert(next);
        self.numbers.insert(std::ptr::from_ref(node), number);
        number
    }

    /// The number of a value of one of the documents.
    pub(crate) fn get(&self, node: &Node) -> Option<u32> {
        self.numbers.get(&std::ptr::from_ref(node)).copied()
    }

    /// Whether two values of the documents are equal.
    pub(crate) fn are_same(&self, one: &Node, other: &Node) -> bool {
        self.get(one).is_some_and(|number| self.get(other) == Some(number))
    }
}
