//! Lists: which of their rows go and come, and those that are shown item by item.

use super::control::take_out;
use super::new_objects::{Shape, emptied};
use super::new_rows::{New, State};
use super::part::restored;
use super::plan::escaped;
use super::row::{Name, Property};
use super::typed::Typed;
use super::{At, Drawing, Model, Show, anchor, group_path};
use crate::compare::align::align;
use crate::document::{Node, pointer_of};
use crate::form::{COLUMNS, Column, FieldRole, Kind, columns, kind_beside};
use crate::schema::Rules;
use maud::{Markup, html};

impl<'a> Drawing<'a> {
    pub(super) fn list(&mut self, name: &str, at: &At<'a>, items: &'a [Node]) -> Markup {
        let models = self.models(at.model, items);
        let model_columns = match at.model {
            Model::Said(Node::List(said)) if items.is_empty() => columns(said),
            _ => None,
        };
        let item_rules = at.rules.item(0);
        let columns = columns(items).or(model_columns).or_else(|| self.columns_of(&item_rules, items));
        // What was emptied is read by what is typed, not by columns that it no longer has.
        let read_columns = columns.as_deref().filter(|_| !items.is_empty());
        let state = State::of(at, items.len(), read_columns);
        match columns {
            Some(columns) => self.table(name, at, items, &columns, &state, &models),
            None => self.items(name, at, items, &state, &models),
        }
    }

    /// What the model said of each row, by what they are.
    fn models(&mut self, model: Model<'a>, items: &'a [Node]) -> Vec<Model<'a>> {
        let said = match model {
            Model::Said(Node::List(said)) => said,
            Model::Unknown => return vec![Model::Unknown; items.len()],
            Model::Said(_) | Model::Missing => return vec![Model::Missing; items.len()],
        };
        let pairs = align(&mut self.ids, said, items);
        // Of a row that the model did not have, it said nothing.
        pairs
            .into_iter()
            .map(|pair| pair.map_or(Model::Unknown, |pair| Model::Said(&said[pair.from])))
            .collect()
    }

    fn items(
        &mut self,
        name: &str,
        at: &At<'a>,
        items: &'a [Node],
        state: &State<'a>,
        models: &[Model<'a>],
    ) -> Markup {
        let kind = kind_beside(items);
        let is_plain = items.iter().all(Node::is_leaf);
        let before = self.shown;
        let content = html! {
            @for (index, item) in items.iter().enumerate() {
                @for new in state.new.get(&index).into_iter().flatten() { (self.new_item(name, at, new, kind)) }
                (self.item(&format!("{name} {}", index + 1), at, (index, item), state, models, kind))
            }
            @for new in state.new.get(&items.len()).into_iter().flatten() { (self.new_item(name, at, new, kind)) }
            @if items.is_empty() { p.hint { "An empty list." } }
            @if self.fields.editable { (self.one_more(name, at, items, state, is_plain, kind)) }
        };
        self.list_group(name, &format!("{}", items.len()), None, self.shown > before, &content)
    }

    /// A list under its name.
    pub(super) fn list_group(
        &self,
        name: &str,
        count: &str,
        note: Option<&str>,
        has_shown: bool,
        content: &Markup,
    ) -> Markup {
        let check = self.guide().and_then(|guide| guide.checks.at(&pointer_of(&self.place)));
        let is_shown = self.fields.aids.show == Show::All || has_shown || check.is_some();
        html! {
            fieldset.group.list.to-check[check.is_some()] id=(anchor(&format!("f{}", self.place))) data-path=[group_path(&self.place)] data-check=[check.map(|it| it.kind.as_str())] hidden[!is_shown] {
                legend { (name) " " span.count { (count) }
                    @if let Some(note) = note { " " small { (note) } }
                    @if let Some(check) = check { " " span.advice { (check.fault.as_deref().unwrap_or(&check.text)) } }
                }
                (content)
            }
        }
    }

    fn item(
        &mut self,
        name: &str,
        at: &At<'a>,
        (index, node): (usize, &'a Node),
        state: &State<'a>,
        models: &[Model<'a>],
        kind: Kind,
    ) -> Markup {
        let number = index.to_string();
        let child = At {
            node,
            patch: state.patch(index),
            below: at.below.child(&number),
            model: models[index],
            rules: at.rules.item(index),
            likelihood: at.likelihood.item(index),
            is_required: false,
        };
        let (is_out, asked) = state.taken_out(index, &child.below);
        self.inside(&number, |drawing| {
            html! {
                div.item {
                    (drawing.value(name, &child, kind))
                    @if drawing.fields.editable { (take_out(&format!("x{}", drawing.place), name, is_out)) }
                    @if asked { (taken_out()) }
                }
            }
        })
    }

    /// The columns that the schema names for the items of a list that is empty: all are single values.
    fn columns_of(&mut self, rules: &Rules<'a>, items: &[Node]) -> Option<Vec<Column<'a>>> {
        /// What a cell takes beside the names of its fields and its labels.
        const CELL: usize = 700;
        if !items.is_empty() {
            return None;
        }
        let names = rules.properties();
        let is_table =
            !names.is_empty() && names.len() <= COLUMNS && names.iter().all(|name| rules.key(name).is_leaf());
        let bytes: usize = names.iter().map(|name| CELL + 4 * (self.place.len() + escaped(name))).sum();
        // An empty list has no columns when it is read: each cell says itself what it is.
        let column = |name: &&'a str| Column { name, kind: Kind::Null, is_long: false };
        (is_table && self.has_room_for(bytes)).then(|| names.iter().map(column).collect())
    }

    /// What can be added at the end.
    fn one_more(
        &mut self,
        name: &str,
        at: &At<'a>,
        items: &'a [Node],
        state: &State<'a>,
        is_plain: bool,
        kind: Kind,
    ) -> Markup {
        let length = items.len();
        let rules = at.rules.item(length);
        let label = format!("{name}: one more");
        let count = state.new.get(&length).map_or(0, Vec::len);
        // What the schema asks for, or what the others have.
        let template = match (rules.blank(), items.last()) {
            (Node::Null, Some(last)) if !last.is_leaf() => emptied(last, &mut 200),
            (blank, _) if self.has_room_for(2 * escaped(&blank.pretty())) => blank,
            _ => Node::Null,
        };
        let is_single = is_plain && (rules.is_empty() || template == Node::Null);
        html! {
            @if is_single {
                @let property = Property { rules: &rules, sample: None, is_missing: false, is_required: false };
                (self.new_value(Name::row(&label), None, at.below, kind, property))
            }
            @if !is_single || length == 0 && rules.is_empty() {
                @let shape = Shape { template: &template, sample: items.last(), rules: &rules };
                @let slot = format!("{length}.{count}");
                @let below = at.below.child(&slot);
                (self.inside(&slot, |drawing| drawing.one_more_object(name, shape, below)))
            }
        }
    }

    fn new_item(&mut self, name: &str, at: &At<'a>, new: &New<'a>, kind: Kind) -> Markup {
        let label = format!("{name}, new");
        let is_out = new.below.own(FieldRole::TakenOut).is_some();
        let rules = at.rules.item(0);
        self.shown += 1;
        if let Some(template) = new.template() {
            let sample = if let Node::List(items) = at.node { items.last() } else { None };
            let shape = Shape { template: &template, sample, rules: &rules };
            if shape.has_fields() {
                return self.inside(&new.slot, |drawing| html! {
                    div.item.new {
                        fieldset.group { legend { (label) } (drawing.new_object(shape, new.value, new.below)) }
                        (take_out(&format!("x{}", drawing.place), &label, is_out))
                        @if new.asked { (restored()) }
                    }
                });
            }
        }
        let json = match new.value {
            Some(value) if !Typed::can_say(&Node::Null, value) => Some(value.pretty()),
            _ => new.json(),
        };
        self.inside(&new.slot, |drawing| {
            html! {
                @if let Some(text) = &json { (drawing.added_as_json(name, text, new.asked, is_out)) }
                @else {
                    div.item.new {
                        @let property = Property { rules: &rules, sample: None, is_missing: false, is_required: false };
                        (drawing.new_value(Name::row(&label), new.value, new.below, kind, property))
                        (take_out(&format!("x{}", drawing.place), &label, is_out))
                        @if new.asked { (restored()) }
                    }
                }
            }
        })
    }
}

/// Why a row is marked as taken out that others have changed.
pub(super) fn taken_out() -> Markup {
    html! { p.hint { "You took this out, and somebody else changed it. It goes, unless you clear this box." } }
}
