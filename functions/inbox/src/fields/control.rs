//! The control of one value, as its schema, its own type or its neighbours ask for it; and what it will be saved as.

use super::plan::{escaped, is_long, textarea};
use super::typed::Typed;
use crate::document::Node;
use crate::form::{Choice, Kind, field_text, in_words, theirs};
use crate::schema::Expected;
use maud::{Markup, html};
use shared::review::is_invisible;

/// What is said of one value that can be typed into.
pub(super) struct Control<'a> {
    pub(super) id: String,
    /// The field's name without its first letter.
    pub(super) place: &'a str,
    /// `f`, or `n` for what is new.
    pub(super) letter: char,
    pub(super) label: &'a str,
    /// What is there.
    pub(super) base: &'a Node,
    /// What is typed: the text, and what it was said to be.
    pub(super) typed: Option<Typed>,
    /// What a null here would be.
    pub(super) beside: Kind,
    /// What the schema asks for.
    pub(super) expected: Option<Expected<'a>>,
    pub(super) is_cell: bool,
    pub(super) is_wrong: bool,
    /// Whether it is of a property that an object lacks.
    pub(super) is_missing: bool,
}

/// The kind of value that a schema asks for.
pub(super) const fn kind_of(expected: &Expected<'_>) -> Kind {
    match expected {
        Expected::Text => Kind::Text,
        Expected::Number => Kind::Number,
        Expected::YesNo => Kind::Bool,
        Expected::Date => Kind::Date,
        Expected::Choice(_) => Kind::OneOf,
    }
}

/// What a value is without a word of the schema or of the reader.
fn implied(base: &Node, beside: Kind) -> Kind {
    Kind::of(base).filter(|kind| *kind != Kind::Null).unwrap_or(beside)
}

/// What a control sends where its reader says nothing: the kind that the schema asks for, if the value itself says another.
pub(super) fn unstated(base: &Node, beside: Kind, expected: Option<&Expected<'_>>) -> Option<Choice> {
    let kind = expected.map(kind_of)?;
    match (kind, implied(base, beside)) {
        (Kind::Text, Kind::Escaped) => None,
        (kind, implied) if kind == implied => None,
        (kind, _) => Some(Choice::As(kind)),
    }
}

/// The word in `data-kind`.
pub(super) fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Escaped => "text",
        Kind::Number => "number",
        Kind::Bool => "yesno",
        Kind::Date => "date",
        Kind::OneOf => "choice",
        Kind::Null => "nothing",
    }
}

impl Control<'_> {
    const LONG: usize = 72;
    /// From here on a browser takes seconds to break a text into lines, so it is left in its own.
    const VERY_LONG: usize = 20_000;

    pub(super) fn html(&self) -> Markup {
        let text = self.typed.as_ref().map_or_else(|| field_text(self.base), |typed| typed.text.clone());
        html! {
            (self.input(&text))
            (self.choice(&text))
            @if let Some(said) = self.saved_as() { span.hint { "Will be saved as " (said) "." } }
        }
    }

    /// What is typed here.
    pub(super) fn kind(&self) -> Kind {
        match self.typed.as_ref().and_then(Typed::stated) {
            Some(Choice::Text) => Kind::Text,
            Some(Choice::Number) => Kind::Number,
            Some(Choice::Bool) => Kind::Bool,
            _ => match (self.expected.as_ref().map(kind_of), implied(self.base, self.beside)) {
                (Some(Kind::Text) | None, Kind::Escaped) => Kind::Escaped,
                (Some(kind), _) | (None, kind) => kind,
            },
        }
    }

    /// The word for the kind, where the schema says something else than the value itself does.
    fn unstated(&self) -> &'static str {
        match unstated(self.base, self.beside, self.expected.as_ref()) {
            Some(Choice::As(kind)) => Choice::word_for(kind),
            _ => "",
        }
    }

    /// How many characters wide a cell would like to be.
    fn size(text: &str) -> usize {
        (text.chars().take(28).count() + 2).max(4)
    }

    fn input(&self, text: &str) -> Markup {
        let name = format!("{}{}", self.letter, self.place);
        let spoken = self.is_cell.then_some(self.label);
        let wrong = self.is_wrong.then(|| format!("{}-wrong", self.id));
        let invalid = self.is_wrong.then_some("true");
        let is_long = is_long(text) || field_text(self.base).contains('\n');
        let rows = (text.len() / Self::LONG + text.matches('\n').count() + 1).min(12);
        // A placeholder also lets the style sheet see whether the field is empty.
        let blank = match self.base {
            Node::Text(text) if text.is_empty() => "empty text",
            Node::Null if self.letter == 'f' || self.is_missing => "not in the document",
            _ => " ",
        };
        let id = &self.id;
        let options = self.options(text);
        html! {
            @if let Some(options) = options {
                select id=(id) name=(name) aria-label=[spoken] aria-invalid=[invalid] aria-describedby=[wrong] {
                    option value="" selected[text.is_empty()] { (if self.letter == 'n' && !self.is_missing { "" } else { "not in the document" }) }
                    @for (value, words) in &options { option value=(value) selected[*value == text] { (words) } }
                }
            } @else if is_long {
                textarea.code[text.len() > Self::VERY_LONG] id=(id) name=(name) rows=(rows) dir=[(text.len() <= Self::VERY_LONG).then_some("auto")] spellcheck="false" placeholder=(blank) aria-label=[spoken] aria-invalid=[invalid] aria-describedby=[wrong] {
                    "\n" (textarea(text))
                }
            } @else {
                input id=(id) name=(name) value=(text) size=[self.is_cell.then(|| Self::size(text))] dir="auto" autocomplete="off" spellcheck="false" placeholder=(blank)
                    aria-label=[spoken] aria-invalid=[invalid] aria-describedby=[wrong];
            }
        }
    }

    /// What is chosen from a list, and in which words; none, if it is typed.
    fn options<'b>(&'b self, text: &'b str) -> Option<Vec<(&'b str, String)>> {
        match (self.kind(), &self.expected) {
            (Kind::Bool, _) if ["", "true", "false"].contains(&text) => {
                Some(vec![("true", "yes".to_owned()), ("false", "no".to_owned())])
            }
            (Kind::OneOf, Some(Expected::Choice(choices))) => {
                let mut options: Vec<(&str, String)> =
                    choices.iter().filter(|it| !it.is_empty()).map(|it| (*it, (*it).to_owned())).collect();
                if !text.is_empty() && !choices.contains(&text) {
                    options.insert(0, (text, format!("{text} (not one of the choices)")));
                }
                Some(options)
            }
            _ => None,
        }
    }

    /// What the value is, where its field does not say it: why it is empty, or of which type it is.
    fn choice(&self, text: &str) -> Markup {
        let name = format!("k{}", self.place);
        let stated = self.typed.as_ref().and_then(Typed::stated);
        let is_typed_out = stated.is_some_and(|stated| !stated.is_nothing());
        let is_unknown = *self.base == Node::Null && (self.kind() == Kind::Null || self.is_wrong);
        let unstated = self.unstated();
        html! {
            @if is_unknown || is_typed_out {
                (self.kinds(&name, stated))
            } @else if self.letter == 'n' && stated.is_none() {
                @if !unstated.is_empty() { input type="hidden" name=(name) value=(unstated); }
            } @else {
                (self.why_nothing(&name, stated, unstated, text))
            }
        }
    }

    /// Why a field is empty; shown once it is.
    fn why_nothing(&self, name: &str, stated: Option<Choice>, unstated: &str, text: &str) -> Markup {
        let is_text = matches!(self.kind(), Kind::Text | Kind::Escaped);
        // An emptied text stays a text, what was null stays null, and what is new and empty is not added.
        let (by_itself, is_empty_text) = match (self.letter, self.base) {
            ('n', _) => ("", false),
            (_, Node::Null) => ("not in the document", false),
            _ if is_text => ("empty text", true),
            _ => ("not in the document", false),
        };
        let is_said = stated.filter(|_| text.trim().is_empty());
        html! {
            select.nothing name=(name) aria-label={(self.label) ": why it is empty"} {
                option value=(unstated) { (by_itself) }
                @if by_itself != "not in the document" { option value="null" selected[is_said == Some(Choice::Null)] { "not in the document" } }
                option value="illegible" selected[is_said == Some(Choice::Illegible)] { "illegible" }
                @if is_text && !is_empty_text { option value="text" { "empty text" } }
            }
        }
    }

    fn kinds(&self, name: &str, stated: Option<Choice>) -> Markup {
        html! {
            select.what name=(name) aria-label={(self.label) ": what it is"} {
                option value=(self.unstated()) selected[stated.is_none()] { (self.unstated_in_words()) }
                option value="text" selected[stated == Some(Choice::Text)] { "text" }
                option value="number" selected[stated == Some(Choice::Number)] { "number" }
                option value="bool" selected[stated == Some(Choice::Bool)] { "yes or no" }
                option value="null" selected[stated == Some(Choice::Null)] { "not in the document" }
                option value="illegible" selected[stated == Some(Choice::Illegible)] { "illegible" }
            }
        }
    }

    /// What it is if nothing is chosen.
    fn unstated_in_words(&self) -> &'static str {
        if let Some(expected) = &self.expected {
            return match expected {
                Expected::Number => "number, by the schema",
                Expected::YesNo => "yes or no, by the schema",
                Expected::Text | Expected::Date | Expected::Choice(_) => "text, by the schema",
            };
        }
        if *self.base != Node::Null {
            return "as it was";
        }
        match self.beside {
            Kind::Number => "number, as beside it",
            Kind::Bool => "yes or no, as beside it",
            Kind::Text | Kind::Escaped | Kind::Date | Kind::OneOf => "text, as beside it",
            Kind::Null => "as it looks: 12.5 number, true yes, else text",
        }
    }

    /// What it is saved as, where its looks do not say it.
    fn saved_as(&self) -> Option<String> {
        let typed = self.typed.as_ref()?;
        let value = typed.value.as_ref()?;
        let is_said = match (self.base, value) {
            (Node::Null, Node::Null) => true,
            (_, Node::Text(text)) if self.kind() == Kind::Date && *text != typed.text => {
                return Some(crate::document::key_label::short(text, 40));
            }
            (_, Node::Text(_)) if matches!(self.kind(), Kind::Date | Kind::OneOf) => true,
            (Node::Null, Node::Text(text)) if self.kind() == Kind::Text => !text.is_empty(),
            (Node::Null, _) | (_, Node::Null) => false,
            (_, Node::Text(text)) => !text.is_empty(),
            (_, Node::Number(number)) => *number == typed.text,
            _ => true,
        };
        (!is_said).then(|| in_words(value))
    }
}

/// What a schema asks for, if there is room for it on the page: choices are drawn again with each control.
pub(super) fn if_it_fits<'s>(expected: Expected<'s>, room: &mut usize) -> Expected<'s> {
    /// Choices that a list has at most.
    const MOST: usize = 300;
    if let Expected::Choice(choices) = &expected {
        let bytes: usize = choices.iter().map(|choice| 2 * escaped(choice) + 30).sum();
        let is_seen =
            choices.iter().all(|choice| !choice.chars().any(is_invisible) && !choice.contains('\r'));
        if choices.len() > MOST || bytes > *room || !is_seen {
            return Expected::Text;
        }
        *room -= bytes;
    }
    expected
}

/// The choice for a value that both changed: `mine`, which the field holds, or theirs.
pub(super) fn whose(place: &str, label: &str, mine: &str, their_value: &str, sent: Option<&str>) -> Markup {
    let (name, value) = (format!("t{place}"), theirs(mine));
    let is_theirs = sent.is_some_and(|sent| sent == value);
    html! {
        div.whose role="radiogroup" aria-label={"Both of you changed " (label)} {
            label.check { input type="radio" name=(name) value="mine" checked[!is_theirs]; " Yours, as shown here" }
            label.check { input type="radio" name=(name) value=(value) checked[is_theirs];
                " Theirs: " bdi { (their_value) } }
        }
    }
}

/// A box to take out a row or an entry. While it is checked, the row is struck through; clearing it takes that back.
pub(super) fn take_out(name: &str, what: &str, is_checked: bool) -> Markup {
    html! {
        label.take-out title="Take out, or put back" {
            input type="checkbox" name=(name) value="1" checked[is_checked] aria-label={"Take out " (what)};
            span aria-hidden="true" { "×" }
        }
    }
}

/// A value that cannot be changed.
pub(super) fn plain(base: &Node) -> Markup {
    let is_blank = matches!(base, Node::Null) || matches!(base, Node::Text(text) if text.is_empty());
    html! {
        span.value.none[is_blank] dir="auto" {
            @if *base == Node::Null { "not in the document" } @else if is_blank { (in_words(base)) } @else { (field_text(base)) }
        }
    }
}
