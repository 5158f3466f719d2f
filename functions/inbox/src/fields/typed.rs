//! What is typed into a field, as it is shown again.

use super::At;
use super::control::unstated;
use crate::compare::Patch;
use crate::document::Node;
use crate::form::{Choice, FieldRole, Kind, field_text, typed};
use crate::schema::Expected;

/// What is typed into a field.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    pub(super) text: String,
    pub(super) choice: Option<Choice>,
    /// What it is read as, if it can be read.
    pub(super) value: Option<Node>,
}

impl Typed {
    /// What has a field say `value`, where `base` was, and `unstated` is what the field says by itself.
    pub(super) fn with(base: &Node, value: &Node, beside: Kind, unstated: Option<Choice>) -> Self {
        let of = Self::of(base, value);
        let is_implied = typed(base, beside, unstated, &of.text).as_ref() == Ok(value);
        Self { choice: of.choice.filter(|_| !is_implied), ..of }
    }

    /// What has a field say `value`, where `base` was.
    pub(super) fn of(base: &Node, value: &Node) -> Self {
        let choice = match value {
            Node::Null => Some(Choice::Null),
            Node::Text(_) => Some(Choice::Text),
            Node::Number(_) => Some(Choice::Number),
            Node::Bool(_) => Some(Choice::Bool),
            Node::List(_) | Node::Object(_) => None,
        };
        let choice = choice.filter(|_| std::mem::discriminant(base) != std::mem::discriminant(value));
        Self { text: field_text(value), choice, value: Some(value.clone()) }
    }

    /// Whether a field in the place of `base` can say `value`: it is read as that again.
    pub(super) fn can_say(base: &Node, value: &Node) -> bool {
        let Self { text, choice, .. } = Self::of(base, value);
        base.is_leaf() && value.is_leaf() && typed(base, Kind::Null, choice, &text).as_ref() == Ok(value)
    }

    pub(super) fn stated(&self) -> Option<Choice> {
        self.choice.and_then(Choice::stated)
    }
}

/// What is typed into the field of a leaf, if anything is.
pub(super) fn typed_into(at: &At<'_>, beside: Kind, expected: Option<&Expected<'_>>) -> Option<Typed> {
    if let Patch::Set { value, .. } = at.patch {
        return Some(Typed::with(at.node, value, beside, unstated(at.node, beside, expected)));
    }
    let choice = at.below.own(FieldRole::Kind).and_then(Choice::parse);
    let said = choice.map(|_| field_text(at.node));
    let text = at.below.own(FieldRole::Value).map(|text| text.replace("\r\n", "\n")).or(said)?;
    let value = typed(at.node, beside, choice, &text).ok();
    // What only says what is there is not typed; nor is a type that it has already.
    let is_said = |choice: Choice| !choice.is_nothing() && value.as_ref() == Some(at.node);
    let choice = choice.filter(|choice| !is_said(*choice) || *at.node == Node::Null);
    if choice.and_then(Choice::stated).is_none() && text == field_text(at.node) {
        return None;
    }
    Some(Typed { text, choice, value })
}
