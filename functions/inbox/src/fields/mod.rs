//! A document as the fields of a form, or, where it may not be changed, as plain values.
//!
//! - `row`: one value, as a row or as a cell; `control`: what is typed into or chosen from; `typed`: what was typed. `distinct_labels`: what fields are called.
//! - `entries`: objects. `rows`: lists, `new_rows`: which of their rows stay, go and come, `new_objects`: new rows of nested objects; `table`: those that are tables, `sums`: what their columns add up to.
//! - `plan`: which parts are too large for that; `part`: those, and `pages_of_rows`: the tables of which only some rows can be
//!   typed into at a time; `text_rows`: their others. `aids`: what a page asks for.
//!
//! Each value has a row (or a cell) with `data-path` (a JSON Pointer, but for what cannot be seen: see `document::push_key`), `data-kind` (`text`, `number`, `date`, `choice`, `yesno`,
//! `nothing`), `data-likelihood` and `data-check` where they are known.

mod aids;
mod control;
pub(crate) mod differences;
mod distinct_labels;
mod entries;
mod new_objects;
mod new_rows;
mod pages_of_rows;
mod part;
mod plan;
mod row;
mod rows;
mod sums;
mod table;
mod text_rows;
mod typed;

use crate::checks::Guide;
use crate::checks::likelihoods::Below as Likelihood;
use crate::compare::Patch;
use crate::compare::ids::Ids;
use crate::document::key_label::key_label;
use crate::document::{Node, pointer_of};
pub(crate) use crate::form::anchor;
use crate::form::{Below, FieldRole, Kind, SubmittedForm, ValueError};
use crate::schema::{Rules, Schema};
pub(crate) use aids::{Aids, Show};
use maud::{Markup, html};
use pages_of_rows::Window;
pub(crate) use part::whole_as_json;
use plan::Plan;
use row::Name;
use sums::Numbers;
use typed::Typed;

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
    pub(crate) aids: Aids<'a>,
}

impl Fields<'_> {
    /// As HTML.
    pub(crate) fn html(&self) -> Markup {
        let sent = self.sent.map(SubmittedForm::by_place).unwrap_or_default();
        let documents = self.model.map(|model| [model, self.base]);
        let mut drawing = Drawing {
            fields: self,
            plan: Plan::of(self.base),
            window: Window::of(self.aids.rows),
            ids: documents.map(Ids::of).unwrap_or_default(),
            place: String::new(),
            numbers: Numbers::of(self.base),
            room_for_hints: Drawing::HINTS,
            room_for_choices: Drawing::CHOICES,
            room_for_missing: Drawing::MISSING,
            room_for_titles: Drawing::TITLES,
            shown: 0,
        };
        let model = self.model.map_or(Model::Unknown, Model::Said);
        let guide = self.aids.guide;
        let whole = At {
            node: self.base,
            patch: self.patch,
            below: Below::all(&sent),
            model,
            rules: guide.and_then(|guide| guide.schema.as_ref()).map(Schema::root).unwrap_or_default(),
            likelihood: guide.map(|guide| guide.likelihoods.root()).unwrap_or_default(),
            is_required: false,
        };
        let is_open = |entries: &[(String, Node)]| {
            !entries.is_empty() || (self.editable && !whole.rules.properties().is_empty())
        };
        match self.base {
            Node::Object(entries) if is_open(entries) && drawing.part(&whole).is_none() => {
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
#[derive(Clone)]
struct At<'a> {
    node: &'a Node,
    patch: &'a Patch,
    below: Below<'a>,
    model: Model<'a>,
    rules: Rules<'a>,
    likelihood: Likelihood<'a>,
    is_required: bool,
}

struct Drawing<'a> {
    fields: &'a Fields<'a>,
    plan: Plan,
    window: Option<Window>,
    /// Of the model's document and of what is shown.
    ids: Ids<'a>,
    /// Where the drawing is, as in the names of fields.
    place: String,
    /// The numbers that columns may add up to.
    numbers: Numbers,
    room_for_hints: usize,
    room_for_choices: usize,
    room_for_missing: usize,
    room_for_titles: usize,
    /// How many values were drawn that are shown.
    shown: usize,
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
    /// How many bytes all lists of choices take at most, beside the first.
    const CHOICES: usize = 1 << 19;
    /// How many bytes is taken at most by what the output does not have: rows of missing properties, columns of empty lists.
    const MISSING: usize = 1 << 18;
    /// How many bytes the titles take at most that the schema has for labels.
    const TITLES: usize = 1 << 19;

    /// What a value is called that is drawn so many times: by its title in the schema, while there is room for titles.
    fn label(&mut self, rules: &Rules<'_>, key: &str, times: usize) -> String {
        if rules.title(key).is_none() {
            return key_label(key);
        }
        let label = rules.label(key);
        // Its label, and those of what belongs to its control.
        let bytes = plan::escaped(&label).saturating_mul(4).saturating_mul(times);
        if bytes > self.room_for_titles {
            return key_label(key);
        }
        self.room_for_titles -= bytes;
        label
    }

    /// Takes room for so many bytes of what the output does not have, if there is any.
    fn has_room_for(&mut self, bytes: usize) -> bool {
        let fits = bytes <= self.room_for_missing;
        self.room_for_missing -= if fits { bytes } else { 0 };
        fits
    }

    fn guide(&self) -> Option<&'a Guide> {
        self.fields.aids.guide
    }

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
            (patch, Some(plan::How::Cut))
                if *patch != Patch::Same || at.below.own(FieldRole::Json).is_some() =>
            {
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
            (_, None) if at.below.own(FieldRole::Json).is_some() => {
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
            Node::Object(entries) => {
                let is_empty = entries.is_empty() && *at.patch == Patch::Same;
                if is_empty && (!self.fields.editable || at.rules.properties().is_empty()) {
                    return empty(name, "nothing in it");
                }
                self.group(name, |drawing| drawing.entries(at, entries))
            }
            Node::List(items) => self.list(name, at, items),
            _ => self.leaf(Name::row(name), at, beside),
        }
    }

    /// A group of rows under a name, with what is to be checked of it as a whole; hidden, if none of its rows is shown.
    fn group(&mut self, name: &str, draw: impl FnOnce(&mut Self) -> Markup) -> Markup {
        let before = self.shown;
        let content = draw(self);
        let check = self.guide().and_then(|guide| guide.checks.at(&pointer_of(&self.place)));
        let is_shown = self.fields.aids.show == Show::All || self.shown > before || check.is_some();
        html! {
            fieldset.group.to-check[check.is_some()] id=(anchor(&format!("f{}", self.place))) data-path=[group_path(&self.place)] data-check=[check.map(|it| it.kind.as_str())] hidden[!is_shown] {
                legend { (name) @if let Some(check) = check { " " span.advice { (check.fault.as_deref().unwrap_or(&check.text)) } } }
                (content)
            }
        }
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
}

/// The place of a group for `data-path`; none of one whose keys are very long, because what is in it has that, too.
fn group_path(place: &str) -> Option<&str> {
    const LONGEST: usize = 500;
    (place.len() <= LONGEST).then_some(place)
}

fn empty(name: &str, what: &str) -> Markup {
    html! { div.field { span.label { (name) } span.muted { (what) } } }
}

#[cfg(test)]
mod guided_tests;
#[cfg(test)]
mod tests;
