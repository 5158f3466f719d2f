//! A document as the fields of a form, or, where it may not be changed, as plain values.
//!
//! - `plan`: which parts are too large for that, `part`: those. `labels`: what fields are called. `control`: one value.
//! - `entries`: objects. `rows`: lists; `table`: those that are tables.

mod control;
pub(crate) mod differences;
mod distinct_labels;
mod entries;
mod part;
mod plan;
mod rows;
mod table;

use crate::compare::Patch;
use crate::compare::ids::Ids;
use crate::document::Node;
use crate::form::{Below, Choice, Kind, SubmittedForm, ValueError, What, field_text, typed};
use control::{Control, Typed, plain, whose};
use maud::{Markup, html};
pub(crate) use part::whole_as_json;
use plan::Plan;
use sha2::{Digest, Sha256};

/// What is shown, and what of it was typed.
pub(crate) struct Fields<'a> {
    /// What is shown.
    pub(crate) base: &'a Node,
    /// One's own changes of it, that are not saved.
    pub(crate) patch: &'a Patch,
    /// What the model said, where it has been corrected since.
    pub(crate) model: Option<&'a Node>,
    /// What was typed last, wrong or not.
    pub(crate) sent: Option<&'a SubmittedForm>,
    pub(crate) wrong: &'a ValueError,
    pub(crate) editable: bool,
    /// Where all of it is, as it was stored.
    pub(crate) raw: &'a str,
}

impl Fields<'_> {
    /// As HTML.
    pub(crate) fn html(&self) -> Markup {
        let sent = self.sent.map(SubmittedForm::by_place).unwrap_or_default();
        let documents = self.model.map(|model| [model, self.base]);
        let mut drawing = Drawing {
            fields: self,
            plan: Plan::of(self.base),
            ids: documents.map(Ids::of).unwrap_or_default(),
            place: String::new(),
            room_for_hints: Drawing::HINTS,
        };
        let model = self.model.map_or(Model::Unknown, Model::Said);
        let whole = At { node: self.base, patch: self.patch, below: Below::all(&sent), model };
        match self.base {
            Node::Object(entries) if !entries.is_empty() && drawing.part(&whole).is_none() => {
                drawing.entries(&whole, entries)
            }
            _ => drawing.value("Output", &whole, Kind::Null),
        }
    }
}

/// What the model said of a value.
#[derive(Clone, Copy)]
enum Model<'a> {
    /// Not known: nothing is shown.
    Unknown,
    Said(&'a Node),
    /// The model had no such entry.
    Missing,
}

/// A value that is drawn, and all there is about it.
#[derive(Clone, Copy)]
struct At<'a> {
    node: &'a Node,
    patch: &'a Patch,
    below: Below<'a>,
    model: Model<'a>,
}

struct Drawing<'a> {
    fields: &'a Fields<'a>,
    plan: Plan,
    /// Of the model's document and of what is shown.
    ids: Ids<'a>,
    /// Where the drawing is, as in the names of fields.
    place: String,
    room_for_hints: usize,
}

/// How a value is shown that is not drawn as fields.
enum Part<'a> {
    /// As JSON: of its own, or what is put in its place.
    Json {
        value: &'a Node,
        is_pretty: bool,
        because: &'static str,
    },
    Cut,
}

impl<'a> Drawing<'a> {
    /// How many bytes all hints together take at most.
    const HINTS: usize = 1 << 19;

    fn inside<T>(&mut self, segment: &str, draw: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.place.len();
        self.place.push('/');
        self.place.push_str(segment);
        let drawn = draw(self);
        self.place.truncate(before);
        drawn
    }

    fn part(&self, at: &At<'a>) -> Option<Part<'a>> {
        let large = "This is more than a form can hold: it is shown as JSON.";
        match (at.patch, self.plan.part(at.node)) {
            // What was typed is never cut.
            (patch, Some(plan::How::Cut)) if *patch != Patch::Same || at.below.own(What::Json).is_some() => {
                Some(Part::Json { value: at.node, is_pretty: false, because: large })
            }
            (_, Some(plan::How::Cut)) => Some(Part::Cut),
            (_, Some(plan::How::Json { is_pretty })) => {
                Some(Part::Json { value: at.node, is_pretty, because: large })
            }
            (Patch::Set { value, .. }, None) if !Typed::can_say(at.node, value) => Some(Part::Json {
                value,
                is_pretty: true,
                because: "This has become something that its field cannot hold: it is shown as JSON.",
            }),
            (_, None) if at.below.own(What::Json).is_some() => {
                Some(Part::Json { value: at.node, is_pretty: true, because: "This was typed as JSON." })
            }
            _ => None,
        }
    }

    /// `beside` is what a null here would be.
    fn value(&mut self, name: &str, at: &At<'a>, beside: Kind) -> Markup {
        match self.part(at) {
            Some(Part::Cut) => return self.cut(name, at.node),
            Some(Part::Json { value, is_pretty, because }) => {
                return self.as_json(name, at, value, is_pretty, because);
            }
            None => {}
        }
        match at.node {
            Node::Object(entries) if entries.is_empty() && *at.patch == Patch::Same => {
                empty(name, "nothing in it")
            }
            Node::Object(entries) => html! {
                fieldset.group { legend { (name) } (self.entries(at, entries)) }
            },
            Node::List(items) => self.list(name, at, items),
            _ => self.leaf(name, at, beside, false),
        }
    }

    /// What the model said here, if it is something else.
    fn hint(&mut self, at: &At<'a>) -> Option<Markup> {
        let said = match at.model {
            Model::Said(said) if !self.ids.are_same(said, at.node) => differences::value(said),
            Model::Missing => "no value".to_owned(),
            Model::Unknown | Model::Said(_) => return None,
        };
        let said = self.if_it_fits(said, "see Compare");
        Some(html! { span.hint { "Model: " bdi { (said) } } })
    }

    /// A value beside a field, or a placeholder once there is no more room for such values.
    fn if_it_fits(&mut self, said: String, instead: &str) -> String {
        let length = plan::escaped(&said);
        if length > self.room_for_hints {
            return instead.to_owned();
        }
        self.room_for_hints -= length;
        said
    }

    /// What others made of a value that both changed.
    fn theirs(&mut self, node: &Node) -> String {
        self.if_it_fits(differences::value(node), "as it is in the newest version")
    }

    fn leaf(&mut self, name: &str, at: &At<'a>, beside: Kind, is_cell: bool) -> Markup {
        let hint = self.hint(at);
        if !self.fields.editable {
            return plain(name, at.node, is_cell, hint.is_some(), hint.as_ref());
        }
        let field = format!("f{}", self.place);
        let wrong = self.fields.wrong.get(&field);
        let id = anchor(&field);
        let input = typed_into(at, beside);
        let their_choice = at.below.own(What::Whose);
        let asked = matches!(at.patch, Patch::Set { asked: true, .. }) || their_choice.is_some();
        let text = input.as_ref().map_or_else(|| field_text(at.node), |typed| typed.text.clone());
        let is_typed = input.is_some();
        let said = if asked { self.theirs(at.node) } else { String::new() };
        let control = Control {
            id: id.clone(),
            place: &self.place,
            letter: 'f',
            label: name,
            base: at.node,
            typed: input,
            beside,
            is_cell,
            is_wrong: wrong.is_some(),
        };
        html! {
            div.field.cell[is_cell].corrected[hint.is_some()].typed[is_typed].asked[asked].wrong[wrong.is_some()] {
                @if !is_cell { label for=(id) { (name) } }
                (control.html())
                @if let Some(hint) = &hint { (hint) }
                @if asked { (whose(&self.place, name, &text, &said, their_choice)) }
                @if let Some(fault) = wrong { span.fault id={(id) "-wrong"} { @if is_cell { (name) " " } (fault) } }
            }
        }
    }
}

/// What is typed into the field of a leaf, if anything is.
fn typed_into(at: &At<'_>, beside: Kind) -> Option<Typed> {
    if let Patch::Set { value, .. } = at.patch {
        return Some(Typed::of(at.node, value));
    }
    let choice = at.below.own(What::Kind).and_then(Choice::parse);
    let said = choice.map(|_| field_text(at.node));
    let text = at.below.own(What::Value).map(|text| text.replace("\r\n", "\n")).or(said)?;
    if choice.is_none() && text == field_text(at.node) {
        return None;
    }
    let value = typed(at.node, beside, choice, &text).ok();
    Some(Typed { text, choice, value })
}

/// The id of a field's control.
pub(crate) fn anchor(field: &str) -> String {
    let hash = Sha256::digest(field);
    hash[..6].iter().fold("f-".to_owned(), |hex, byte| format!("{hex}{byte:02x}"))
}

fn empty(name: &str, what: &str) -> Markup {
    html! { div.field { span.label { (name) } span.muted { (what) } } }
}

#[cfg(test)]
mod tests;
