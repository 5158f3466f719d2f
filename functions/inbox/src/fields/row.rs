//! One value with all that is said of it: as a row with a label and a side note, or as a cell of a table.

use super::control::{Control, if_it_fits, plain, unstated, whose, word};
use super::typed::Typed;
use super::typed::typed_into;
use super::{At, Drawing, Model, Show, anchor, differences};
use crate::checks::{Check, CheckKind, shown};
use crate::compare::Patch;
use crate::document::{Node, pointer_of};
use crate::form::Below;
use crate::form::{Choice, FieldRole, Kind, back_to, field_text, long_date, typed};
use crate::schema::{Expected, Rules};
use maud::{Markup, html};
use shared::review::visible;

/// How a value is called, and where it is drawn.
#[derive(Clone, Copy)]
pub(super) struct Name<'n> {
    pub(super) label: &'n str,
    pub(super) is_cell: bool,
    /// Of a cell: whether its column holds long texts.
    pub(super) is_long: bool,
}

impl<'n> Name<'n> {
    pub(super) const fn row(label: &'n str) -> Self {
        Self { label, is_cell: false, is_long: false }
    }
}

/// What is said of a value besides its control.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools)] // each is a class of its own
struct Notes {
    /// Whether its place is one of the output's, or could be.
    is_there: bool,
    kind: Option<Kind>,
    check: Option<Check>,
    likelihood: Option<f64>,
    is_required: bool,
    description: Option<String>,
    is_corrected: bool,
    is_typed: bool,
    is_asked: bool,
    is_wrong: bool,
    /// Wrong as it is stored: nobody has typed it.
    is_refused: bool,
    is_number: bool,
    /// In words, where it is a date.
    in_words: Option<String>,
}

impl<'a> Drawing<'a> {
    /// A single value.
    pub(super) fn leaf(&mut self, name: Name<'_>, at: &At<'a>, beside: Kind) -> Markup {
        let field = format!("f{}", self.place);
        let (id, wrong) = (anchor(&field), self.fields.wrong.get(&field).map(str::to_owned));
        let expected = at.rules.expected().map(|expected| if_it_fits(expected, &mut self.room_for_choices));
        let input = if self.fields.editable { typed_into(at, beside, expected.as_ref()) } else { None };
        let is_typed = input.is_some();
        let model = self.corrected(at);
        let their_choice = at.below.own(FieldRole::Whose);
        let is_asked = matches!(at.patch, Patch::Set { asked: true, .. }) || their_choice.is_some();
        let text = input.as_ref().map_or_else(|| field_text(at.node), |typed| typed.text.clone());
        let theirs = if is_asked { self.theirs(at.node) } else { String::new() };
        let place = self.place.clone();
        let control = Control {
            id: id.clone(),
            place: &place,
            letter: 'f',
            label: name.label,
            base: at.node,
            typed: input,
            beside,
            expected,
            is_cell: name.is_cell,
            is_wrong: wrong.is_some(),
            is_missing: false,
        };
        let kind = control.kind();
        let said = Notes {
            kind: Some(kind),
            is_there: true,
            likelihood: self.likelihood(at),
            is_corrected: !matches!(model, Model::Unknown),
            is_typed,
            is_asked,
            is_number: matches!(at.node, Node::Number(_)) || kind == Kind::Number,
            in_words: if kind == Kind::Date { long_date(&text) } else { None },
            ..self.said(at)
        };
        let said = Notes { is_wrong: wrong.is_some(), is_refused: wrong.is_some() && !is_typed, ..said };
        let was = self.was(at, is_typed, model);
        self.framed(name, &id, &said, &html! {
            @if self.fields.editable {
                (control.html())
            } @else { (plain(at.node)) }
            @if let Some(was) = &was { (was) }
            @if is_asked && self.fields.editable { (whose(&place, name.label, &text, &theirs, their_choice)) }
            @if let Some(fault) = &wrong { span.fault id={(id) "-wrong"} { @if name.is_cell { (name.label) " " } (fault) } }
        })
    }

    /// What the schema and the checks say of a value.
    fn said(&mut self, at: &At<'a>) -> Notes {
        let check = self.guide().and_then(|guide| guide.checks.at(&pointer_of(&self.place)).cloned());
        let description = at.rules.description().map(|text| self.if_it_fits(visible(text).into_owned(), ""));
        Notes { check, description, is_required: at.is_required, ..Notes::default() }
    }

    fn likelihood(&self, at: &At<'a>) -> Option<f64> {
        let guide = self.guide()?;
        if guide.likelihoods.is_empty() {
            return None;
        }
        guide.likelihoods.at(&pointer_of(&self.place), at.node, at.likelihood)
    }

    /// What the model said here, if it is something else.
    fn corrected(&self, at: &At<'a>) -> Model<'a> {
        match at.model {
            Model::Said(said) if self.ids.are_same(said, at.node) => Model::Unknown,
            model => model,
        }
    }

    /// What was here before: of what is typed, what it was; of what was corrected, what the model said. With a button that
    /// takes it back.
    fn was(&mut self, at: &At<'a>, is_typed: bool, model: Model<'a>) -> Option<Markup> {
        let before = match model {
            _ if is_typed => Some(at.node),
            Model::Said(said) => Some(said),
            Model::Missing => None,
            Model::Unknown => return None,
        };
        let text = before.map_or_else(|| "nothing".to_owned(), differences::value);
        let text = self.if_it_fits(text, "see Compare");
        let place = &self.place;
        let button = match before {
            _ if is_typed => Some(("undo", place.clone())),
            Some(before) if before.is_leaf() => Some(("back", back_to(place, before))),
            _ => None,
        };
        let button = button.filter(|(_, value)| value.len() <= 300 + 2 * place.len());
        Some(html! {
            div.was { "was " s { bdi { (text) } }
                @if let (Some((name, value)), Some(action)) = (&button, self.action()) {
                    " " button.undo form="correction" formaction=(action) name=(name) value=(value) title="Set it back" aria-label="Set it back" { "↶" }
                }
            }
        })
    }

    /// Where a button leads that writes nothing, and shows the form again.
    pub(super) fn action(&self) -> Option<String> {
        let path = self.fields.aids.path.filter(|_| self.fields.editable)?;
        Some(format!("{path}/form"))
    }

    /// The row or the cell around a control.
    fn framed(&mut self, name: Name<'_>, id: &str, said: &Notes, content: &Markup) -> Markup {
        let place = said.is_there.then(|| self.place.clone());
        let threshold = self.guide().map_or(0.9, |guide| guide.threshold);
        let is_shown = match self.fields.aids.show {
            Show::All => true,
            Show::Check => said.check.is_some(),
            Show::Changed => said.is_corrected || said.is_typed,
        } || said.is_wrong
            || said.is_asked;
        self.shown += usize::from(is_shown);
        let kind = said.kind.map(word);
        let likelihood = said.likelihood.or(said.check.as_ref().and_then(|check| check.likelihood));
        let doubt = likelihood.filter(|it| *it < threshold).map(|it| shown(it, threshold));
        let likelihood = likelihood.map(|it| shown(it, threshold));
        let check = said.check.as_ref().map(|check| check.kind.as_str());
        // What is wrong with it is said once.
        let fault = said.check.as_ref().and_then(|check| check.fault.as_deref()).filter(|_| !said.is_refused);
        let is_gate = said.check.as_ref().is_some_and(|check| check.kind == CheckKind::Gate);
        let description = said.description.as_deref().filter(|text| !text.is_empty());
        let note = html! {
            @if let Some(doubt) = &doubt { span.likelihood title="How sure the machine was" { (doubt) } }
            @if is_gate { span.likelihood { "gate" } }
        };
        if name.is_cell {
            return html! {
                td.cell.num[said.is_number].long[name.is_long].to-check[check.is_some()].corrected[said.is_corrected].typed[said.is_typed].asked[said.is_asked].wrong[said.is_wrong].refused[said.is_refused]
                    data-path=[place] data-kind=[kind] data-likelihood=[likelihood] data-check=[check] {
                    (content)
                    @if let Some(fault) = fault { span.advice { (fault) } }
                    (note)
                }
            };
        }
        html! {
            div.row.to-check[check.is_some()].corrected[said.is_corrected].typed[said.is_typed].asked[said.is_asked].wrong[said.is_wrong].refused[said.is_refused]
                data-path=[place] data-kind=[kind] data-likelihood=[likelihood] data-check=[check] hidden[!is_shown] {
                @if self.fields.editable { label for=(id) title=[description] { (name.label) @if said.is_required { (required(said.check.as_ref())) } } }
                @else { span.label id=(id) title=[description] { (name.label) } }
                div.v { (content) @if let Some(fault) = fault { span.advice { (fault) } } }
                div.n { (note) @if let Some(words) = &said.in_words { span.words { (words) } } }
            }
        }
    }

    /// A single value that is new: of a new row, or of a property that is missing.
    pub(super) fn new_value(
        &mut self,
        name: Name<'_>,
        value: Option<&Node>,
        below: Below<'a>,
        beside: Kind,
        property: Property<'_, 'a>,
    ) -> Markup {
        let Property { rules, sample, is_missing, is_required } = property;
        let field = format!("n{}", self.place);
        let wrong = self.fields.wrong.get(&field).map(str::to_owned);
        // The checks link to a missing property by its place.
        let id = if is_missing { anchor(&format!("f{}", self.place)) } else { anchor(&field) };
        let of_sample = || match sample? {
            Node::Text(_) => Some(Expected::Text),
            Node::Number(_) => Some(Expected::Number),
            Node::Bool(_) => Some(Expected::YesNo),
            _ => None,
        };
        let expected: Option<Expected<'a>> = rules.expected().or_else(of_sample);
        let expected = expected.map(|expected| if_it_fits(expected, &mut self.room_for_choices));
        let sent = below.own(FieldRole::New).map(|text| {
            let choice = below.own(FieldRole::Kind).and_then(Choice::parse);
            let value = typed(&Node::Null, beside, choice, text).ok();
            Typed { text: text.replace("\r\n", "\n"), choice, value }
        });
        // A null that is new is one by choice.
        let there = |value: &Node| match value {
            Node::Null => Typed { text: String::new(), choice: Some(Choice::Null), value: Some(Node::Null) },
            value => {
                Typed::with(&Node::Null, value, beside, unstated(&Node::Null, beside, expected.as_ref()))
            }
        };
        let input = value.map(there).or(sent);
        let is_said =
            |typed: &Typed| !typed.text.is_empty() || typed.choice.and_then(Choice::stated).is_some();
        let is_typed = input.as_ref().is_some_and(is_said);
        let place = self.place.clone();
        let control = Control {
            id: id.clone(),
            place: &place,
            letter: 'n',
            label: name.label,
            base: &Node::Null,
            typed: input.filter(|_| is_typed),
            beside,
            expected,
            is_cell: name.is_cell,
            is_wrong: wrong.is_some(),
            is_missing,
        };
        let kind = control.kind();
        let check = self.guide().and_then(|guide| guide.checks.at(&pointer_of(&self.place)).cloned());
        let said = Notes {
            kind: Some(kind),
            is_there: is_missing,
            check,
            is_required,
            is_typed,
            is_wrong: wrong.is_some(),
            is_number: kind == Kind::Number,
            ..Notes::default()
        };
        self.framed(name, &id, &said, &html! {
            @if is_missing && wrong.is_some() { span id=(anchor(&field)) {} }
            (control.html())
            @if let Some(fault) = &wrong { span.fault id={(id) "-wrong"} { @if name.is_cell { (name.label) " " } (fault) } }
        })
    }
}

/// What the schema says of a value that is not there yet.
#[derive(Clone, Copy)]
pub(super) struct Property<'n, 'a> {
    pub(super) rules: &'n Rules<'a>,
    /// A value of another row, which says of which type it is where the schema does not.
    pub(super) sample: Option<&'n Node>,
    /// Whether it is a property that an object lacks.
    pub(super) is_missing: bool,
    pub(super) is_required: bool,
}

/// A sign only where the value is missing: nearly all are required, and a sign at each draws the eye from what is to check.
fn required(check: Option<&Check>) -> Markup {
    let is_missing = check.is_some_and(|check| check.kind == CheckKind::Missing);
    html! { @if is_missing { span.required aria-hidden="true" { " *" } } span.visually-hidden { " (required)" } }
}
