//! A walk through a JSON value that notes what is wrong, each with its place.

use crate::review::JsonText;
use serde_json::Value;

/// One thing that is wrong inside a JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentFault {
    /// Where: a JSON Pointer (RFC 6901).
    pub path: String,
    /// What is wrong, for people to read.
    pub message: String,
}

/// Most faults that are noted of one value: an answer has no room for more.
const MAX_FAULTS: usize = 100;

/// One step down from a value.
#[derive(Clone, Copy)]
pub(super) enum Step<'v> {
    Key(&'v str),
    Index(usize),
}

/// Where the walk is, and what it has noted.
#[derive(Default)]
pub(super) struct Walk<'v> {
    path: Vec<Step<'v>>,
    faults: Vec<ContentFault>,
}

impl<'v> Walk<'v> {
    /// Walks through a text. It was checked before, so it is not nested deeper than the reader of JSON goes.
    pub(super) fn through(
        text: &JsonText,
        visit: impl for<'w> FnOnce(&mut Walk<'w>, &'w Value),
    ) -> Vec<ContentFault> {
        match serde_json::from_str(text.as_str()) {
            Ok(value) => {
                let mut walk = Walk::default();
                visit(&mut walk, &value);
                walk.faults
            }
            Err(error) => {
                vec![ContentFault { path: String::new(), message: format!("is not readable: {error}") }]
            }
        }
    }

    /// Goes one step down, and back.
    pub(super) fn down(&mut self, step: Step<'v>, visit: impl FnOnce(&mut Self)) {
        self.path.push(step);
        visit(self);
        self.path.pop();
    }

    /// Goes to each value of an object or a list; to none of another value.
    pub(super) fn each(&mut self, value: &'v Value, mut visit: impl FnMut(&mut Self, Step<'v>, &'v Value)) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    let step = Step::Key(key);
                    self.down(step, |walk| visit(walk, step, value));
                }
            }
            Value::Array(items) => {
                for (index, value) in items.iter().enumerate() {
                    let step = Step::Index(index);
                    self.down(step, |walk| visit(walk, step, value));
                }
            }
            _ => {}
        }
    }

    /// How many steps down the walk is.
    pub(super) const fn depth(&self) -> usize {
        self.path.len()
    }

    /// Whether as many faults are noted as an answer has room for.
    pub(super) const fn is_full(&self) -> bool {
        self.faults.len() >= MAX_FAULTS
    }

    /// Notes that the value here is wrong.
    pub(super) fn fault(&mut self, message: impl Into<String>) {
        if !self.is_full() {
            self.faults.push(ContentFault { path: self.pointer(), message: message.into() });
        }
    }

    /// Notes that a field of the object here is wrong.
    pub(super) fn fault_of(&mut self, field: &'v str, message: impl Into<String>) {
        self.down(Step::Key(field), |walk| walk.fault(message));
    }

    /// Where the walk is, as a JSON Pointer.
    pub(super) fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in &self.path {
            pointer.push('/');
            match step {
                Step::Key(key) => pointer.push_str(&key.replace('~', "~0").replace('/', "~1")),
                Step::Index(index) => pointer.push_str(&index.to_string()),
            }
        }
        pointer
    }
}
