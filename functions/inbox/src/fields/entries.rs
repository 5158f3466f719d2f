//! Objects, entry by entry.

use super::control::take_out;
use super::distinct_labels::distinct_labels;
use super::plan::escaped;
use super::row::{Name, Property};
use super::typed::Typed;
use super::{At, Drawing, Model};
use crate::checks::likelihoods::Entries as Likelihoods;
use crate::compare::{Entry, Patch};
use crate::document::key_label::key_label;
use crate::document::{Node, key_of};
use crate::form::{FieldRole, Kind, segment};
use maud::{Markup, html};
use std::collections::{HashMap, HashSet};

impl<'a> Drawing<'a> {
    pub(super) fn entries(&mut self, at: &At<'a>, entries: &'a [(String, Node)]) -> Markup {
        let names =
            distinct_labels(entries.iter().map(|(key, _)| (key.as_str(), at.rules.key(key).label(key))));
        let patches = patches(at.patch);
        let (model, likelihoods) = (by_key(at.model), at.likelihood.entries());
        html! {
            @for ((key, value), name) in entries.iter().zip(&names) {
                (self.entry(key, value, name, at, patches.get(key.as_str()).copied(), (&model, &likelihoods)))
            }
            @if self.fields.editable {
                (self.missing(at, entries, &patches))
                (self.added(at, &patches))
            }
        }
    }

    /// Rows for the single values that the schema knows and the object lacks.
    fn missing(
        &mut self,
        at: &At<'a>,
        entries: &'a [(String, Node)],
        patches: &HashMap<&'a str, &'a Entry>,
    ) -> Markup {
        let mut properties = at.rules.properties();
        // What is required first, while there is room.
        properties.sort_by_key(|key| !at.rules.requires(key));
        if properties.is_empty() {
            return html! {};
        }
        let known: HashSet<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
        html! {
            @for key in properties.into_iter().filter(|key| !known.contains(key)) {
                @let rules = at.rules.key(key);
                @if rules.is_leaf() && self.has_room_for_row(key) {
                    @let segment = segment(key);
                    @let below = at.below.child(&segment);
                    @let value = patches.get(key).and_then(|entry| added_leaf(entry));
                    @let property = Property { rules: &rules, sample: None, is_missing: true, is_required: at.rules.requires(key) };
                    @let label = rules.label(key);
                    (self.inside(&segment, |drawing| drawing.new_value(Name::row(&label), value, below, Kind::Null, property)))
                }
            }
        }
    }

    fn has_room_for_row(&mut self, key: &str) -> bool {
        /// What a row takes beside the names of its fields and its labels.
        const ROW: usize = 1500;
        self.has_room_for(ROW + 5 * (self.place.len() + escaped(key)))
    }

    fn entry(
        &mut self,
        key: &'a str,
        node: &'a Node,
        name: &str,
        at: &At<'a>,
        entry: Option<&'a Entry>,
        (model, likelihoods): (&Entries<'a>, &Likelihoods<'a>),
    ) -> Markup {
        let segment = segment(key);
        let child = At {
            node,
            patch: patch_of(entry),
            below: at.below.child(&segment),
            model: model.get(key),
            rules: at.rules.key(key),
            likelihood: likelihoods.key(key),
            is_required: at.rules.requires(key),
        };
        let removed = match entry {
            Some(Entry::Removed { asked }) => Some(*asked),
            _ => child.below.own(FieldRole::TakenOut).map(|_| false),
        };
        self.inside(&segment, |drawing| {
            let drawn = drawing.value(name, &child, Kind::Null);
            match removed {
                Some(asked) => html! { div.item { (drawn) (drawing.removed(name, asked)) } },
                None => drawn,
            }
        })
    }

    /// The box of what one's own changes take out.
    fn removed(&self, name: &str, asked: bool) -> Markup {
        html! {
            (take_out(&format!("x{}", self.place), name, true))
            @if asked { p.hint { "You took this out, and somebody else changed it. It goes, unless you clear this box." } }
        }
    }

    /// What one's own changes add to an object.
    pub(super) fn added(&mut self, at: &At<'a>, patches: &HashMap<&'a str, &'a Entry>) -> Markup {
        let Node::Object(entries) = at.node else { return html! {} };
        let mut new: Vec<(String, String, bool)> = Vec::new();
        if let Patch::Object(all) = at.patch {
            for (key, entry) in all.iter().filter(|(key, _)| patches.contains_key(key.as_str())) {
                let has_row = added_leaf(entry).is_some() && at.rules.key(key).is_leaf();
                if let Entry::Added { value, asked } = entry
                    && !has_row
                {
                    new.push((key.clone(), value.pretty(), *asked));
                }
            }
        }
        let steps = at.below.steps(&[FieldRole::Added]);
        if !steps.is_empty() {
            let known: HashSet<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
            for step in steps {
                let text = at.below.child(step).own(FieldRole::Added);
                let key = key_of(step);
                if let Some(text) = text.filter(|_| !known.contains(key.as_str())) {
                    new.push((key, text.to_owned(), false));
                }
            }
        }
        html! {
            @for (key, text, asked) in &new {
                @let segment = segment(key);
                @let is_out = at.below.child(&segment).own(FieldRole::TakenOut).is_some();
                (self.inside(&segment, |drawing| drawing.added_as_json(&key_label(key), text, *asked, is_out)))
            }
        }
    }
}

/// The value that an entry adds, if a field can say it and nobody is asked about it.
fn added_leaf(entry: &Entry) -> Option<&Node> {
    match entry {
        Entry::Added { value, asked: false } if Typed::can_say(&Node::Null, value) => Some(value),
        _ => None,
    }
}

/// The changes of an object's entries, by key.
pub(super) fn patches(patch: &Patch) -> HashMap<&str, &Entry> {
    match patch {
        Patch::Object(entries) => entries.iter().map(|(key, entry)| (key.as_str(), entry)).collect(),
        _ => HashMap::new(),
    }
}

pub(super) fn patch_of(entry: Option<&Entry>) -> &Patch {
    match entry {
        Some(Entry::Changed(patch)) => patch,
        _ => &Patch::Same,
    }
}

/// What the model said of an object's entries.
pub(super) enum Entries<'a> {
    Unknown,
    By(HashMap<&'a str, &'a Node>),
}

impl<'a> Entries<'a> {
    pub(super) fn get(&self, key: &str) -> Model<'a> {
        match self {
            Self::Unknown => Model::Unknown,
            Self::By(entries) => entries.get(key).map_or(Model::Missing, |node| Model::Said(node)),
        }
    }
}

pub(super) fn by_key(model: Model<'_>) -> Entries<'_> {
    match model {
        Model::Said(Node::Object(entries)) => {
            Entries::By(entries.iter().map(|(key, value)| (key.as_str(), value)).collect())
        }
        Model::Said(_) | Model::Missing => Entries::By(HashMap::new()),
        Model::Unknown => Entries::Unknown,
    }
}
