//! Rows that are new and hold objects in objects: their template, and a field for each of its single values.

use super::plan::escaped;
use super::row::{Name, Property};
use super::{Drawing, anchor};
use crate::document::Node;
use crate::form::{Below, Kind, is_blank, segment};
use crate::schema::Rules;
use maud::{Markup, html};

/// What a new row is like.
#[derive(Clone, Copy)]
pub(super) struct Shape<'n, 'a> {
    /// Without values.
    pub(super) template: &'n Node,
    /// Another row, whose values say of which types they are.
    pub(super) sample: Option<&'n Node>,
    pub(super) rules: &'n Rules<'a>,
}

impl<'n, 'a> Shape<'n, 'a> {
    /// Of one of its entries.
    fn entry<'m>(self, (key, template): &'m (String, Node), rules: &'m Rules<'a>) -> Shape<'m, 'a>
    where
        'n: 'm,
    {
        let sample = match self.sample {
            Some(Node::Object(entries)) => entries.iter().find(|(name, _)| name == key).map(|(_, it)| it),
            _ => None,
        };
        Shape { template, sample, rules }
    }

    /// Whether there can be a field for each value: in a few levels of objects, and no list that is not empty.
    pub(super) fn has_fields(&self) -> bool {
        const LEVELS: usize = 5;
        const FIELDS: usize = 40;
        fn count(node: &Node, levels: usize) -> Option<usize> {
            match node {
                Node::Object(entries) if levels > 0 => {
                    entries.iter().map(|(_, value)| count(value, levels - 1)).sum()
                }
                Node::List(items) if items.is_empty() => Some(0),
                Node::Object(_) | Node::List(_) => None,
                _ => Some(1),
            }
        }
        let fields = count(self.template, LEVELS).unwrap_or_default();
        matches!(self.template, Node::Object(_)) && (1..=FIELDS).contains(&fields)
    }
}

/// The same without its values: what is in lists is left out, and of a large one what there is no room for.
pub(super) fn emptied(node: &Node, room: &mut usize) -> Node {
    match node {
        Node::Object(entries) => {
            let mut kept = Vec::new();
            for (key, value) in entries {
                if *room == 0 {
                    break;
                }
                *room -= 1;
                kept.push((key.clone(), emptied(value, room)));
            }
            Node::Object(kept)
        }
        Node::List(_) => Node::List(Vec::new()),
        _ => Node::Null,
    }
}

/// The template of a row that has such a value, if fields can say all of it.
pub(super) fn template_of(value: &Node) -> Option<Node> {
    let has_lists = |node: &Node| !all_lists_are_empty(node);
    let is_new_object = matches!(value, Node::Object(_)) && !is_blank(value) && !has_lists(value);
    is_new_object.then(|| emptied(value, &mut 200))
}

fn all_lists_are_empty(node: &Node) -> bool {
    match node {
        Node::List(items) => items.is_empty(),
        Node::Object(entries) => entries.iter().all(|(_, value)| all_lists_are_empty(value)),
        _ => true,
    }
}

impl<'a> Drawing<'a> {
    /// A new row: its template, which nobody sees, and its fields.
    pub(super) fn new_object(
        &mut self,
        shape: Shape<'_, 'a>,
        value: Option<&Node>,
        below: Below<'a>,
    ) -> Markup {
        html! {
            input type="hidden" name={"e" (self.place)} value=(shape.template.compact());
            (self.fields_of_new(shape, value, below))
        }
    }

    fn fields_of_new(&mut self, shape: Shape<'_, 'a>, value: Option<&Node>, below: Below<'a>) -> Markup {
        let Node::Object(entries) = shape.template else { return html! {} };
        html! {
            @for entry in entries {
                @let (key, template) = entry;
                @let rules = shape.rules.key(key);
                @let label = self.label(&rules, key, 1);
                @let segment = segment(key);
                @let child = below.child(&segment);
                @let value = entry_of(value, key);
                @let of = shape.entry(entry, &rules);
                (self.inside(&segment, |drawing| match template {
                    Node::Object(_) => html! { fieldset.group { legend { (label) } (drawing.fields_of_new(of, value, child)) } },
                    Node::List(_) => html! {},
                    _ => {
                        let property = Property { rules: &rules, sample: of.sample, is_missing: false, is_required: false };
                        let value = value.filter(|value| **value != Node::Null);
                        drawing.new_value(Name::row(&label), value, child, Kind::Null, property)
                    }
                }))
            }
        }
    }

    /// What can be added to a list of objects: by fields, or, where there are none for it, as JSON.
    pub(super) fn one_more_object(&mut self, name: &str, shape: Shape<'_, 'a>, below: Below<'a>) -> Markup {
        /// What the fields of one value take.
        const FIELD: usize = 1200;
        let bytes = FIELD * shape.template.compact().len() / 8 + 5 * escaped(&self.place);
        if shape.has_fields() && self.has_room_for(bytes) {
            return html! {
                details.add-row { summary { "+ Add row" }
                    div.item.new { div.group { (self.new_object(shape, None, below)) } }
                }
            };
        }
        self.one_more_as_json(name, shape.template)
    }

    fn one_more_as_json(&mut self, name: &str, template: &Node) -> Markup {
        let field = format!("e{}", self.place);
        let (id, wrong) = (anchor(&field), self.fields.wrong.get(&field).map(str::to_owned));
        let text = if template.is_leaf() { String::new() } else { template.pretty() };
        let rows = (text.matches('\n').count() + 1).clamp(2, 12);
        html! {
            details.add-row open[wrong.is_some()] { summary { "+ Add row" }
                div.field {
                    label for=(id) { (name) ": one more, as JSON" }
                    textarea.code id=(id) name=(field) rows=(rows) spellcheck="false" { "\n" (text) }
                    @if let Some(fault) = &wrong { span.fault { (fault) } }
                }
            }
        }
    }
}

fn entry_of<'n>(value: Option<&'n Node>, key: &str) -> Option<&'n Node> {
    let Node::Object(entries) = value? else { return None };
    entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
}
