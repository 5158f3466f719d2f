//! The control of one value, with its hints: what it will be saved as, what the model said, what is wrong, which version to keep.

use super::plan::{is_long, textarea};
use crate::document::Node;
use crate::form::{Choice, Kind, field_text, in_words, theirs, typed};
use maud::{Markup, html};

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
    pub(super) is_cell: bool,
    pub(super) is_wrong: bool,
}

/// What is typed into a field.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    pub(super) text: String,
    pub(super) choice: Option<Choice>,
    /// What it is read as, if it can be read.
    pub(super) value: Option<Node>,
}

impl Typed {
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

    fn kind(&self) -> Kind {
        Kind::of(self.base).filter(|kind| *kind != Kind::Null).unwrap_or(self.beside)
    }

    /// Whether it is chosen from a list. What was said to be something else is not.
    fn is_yes_or_no(&self, text: &str) -> bool {
        let fits = match self.typed.as_ref().and_then(|typed| typed.choice) {
            None | Some(Choice::Bool) => true,
            Some(Choice::Null) => *self.base != Node::Null,
            Some(Choice::Text | Choice::Number) => false,
        };
        fits && self.kind() == Kind::Bool && ["", "true", "false"].contains(&text)
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
            Node::Null if self.letter == 'f' => "no value",
            _ => " ",
        };
        let id = &self.id;
        html! {
            @if self.is_yes_or_no(text) {
                select id=(id) name=(name) aria-label=[spoken] aria-invalid=[invalid] aria-describedby=[wrong] {
                    option value="" selected[text.is_empty()] { "no value" }
                    option value="true" selected[text == "true"] { "yes (true)" }
                    option value="false" selected[text == "false"] { "no (false)" }
                }
            } @else if is_long {
                textarea.code[text.len() > Self::VERY_LONG] id=(id) name=(name) rows=(rows) dir=[(text.len() <= Self::VERY_LONG).then_some("auto")] spellcheck="false" placeholder=(blank) aria-label=[spoken] aria-invalid=[invalid] aria-describedby=[wrong] {
                    "\n" (textarea(text))
                }
            } @else {
                input id=(id) name=(name) value=(text) dir="auto" autocomplete="off" spellcheck="false" placeholder=(blank)
                    aria-label=[spoken] aria-invalid=[invalid] aria-describedby=[wrong];
            }
        }
    }

    /// What the value is, where that is not clear: of what is null, and of a text that is emptied.
    fn choice(&self, text: &str) -> Markup {
        let name = format!("k{}", self.place);
        let chosen = self.typed.as_ref().and_then(|typed| typed.choice);
        html! {
            @match self.base {
                _ if self.is_yes_or_no(text) => {}
                Node::Null => (self.kinds(&name, chosen)),
                _ if chosen.is_some_and(|chosen| chosen != Choice::Null) => (self.kinds(&name, chosen)),
                Node::Text(_) => {
                    label.nothing {
                        input type="checkbox" name=(name) value="null" checked[chosen == Some(Choice::Null)];
                        " no value, not an empty text"
                    }
                }
                _ => {}
            }
        }
    }

    fn kinds(&self, name: &str, chosen: Option<Choice>) -> Markup {
        let about = format!("{}: what it is", self.label);
        html! {
            select.what name=(name) aria-label=(about) {
                option value="" selected[chosen.is_none()] { (self.unsaid()) }
                option value="text" selected[chosen == Some(Choice::Text)] { "text" }
                option value="number" selected[chosen == Some(Choice::Number)] { "number" }
                option value="bool" selected[chosen == Some(Choice::Bool)] { "yes or no" }
                option value="null" selected[chosen == Some(Choice::Null)] { "no value" }
            }
        }
    }

    /// What it is if nothing is chosen.
    fn unsaid(&self) -> &'static str {
        if *self.base != Node::Null {
            return "as it was";
        }
        match self.beside {
            Kind::Number => "number, as beside it",
            Kind::Bool => "yes or no, as beside it",
            Kind::Text | Kind::Escaped => "text, as beside it",
            Kind::Null => "as it looks: 12.5 number, true yes, else text",
        }
    }

    /// What it is saved as, where its looks do not say it.
    fn saved_as(&self) -> Option<String> {
        let typed = self.typed.as_ref()?;
        let value = typed.value.as_ref()?;
        let is_said = match (self.base, value) {
            (Node::Null, Node::Null) => true,
            (Node::Null, _) | (_, Node::Null) => false,
            (_, Node::Text(text)) => !text.is_empty(),
            (_, Node::Number(number)) => *number == typed.text,
            _ => true,
        };
        (!is_said).then(|| in_words(value))
    }
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

/// A box to take out a row or an entry.
pub(super) fn take_out(name: &str, what: &str, is_checked: bool) -> Markup {
    html! {
        label.take-out title="Take out" {
            input type="checkbox" name=(name) value="1" checked[is_checked] aria-label={"Take out " (what)};
            span aria-hidden="true" { "×" }
        }
    }
}

/// A value that cannot be changed.
pub(super) fn plain(
    label: &str,
    base: &Node,
    is_cell: bool,
    is_corrected: bool,
    hint: Option<&Markup>,
) -> Markup {
    let is_blank = matches!(base, Node::Null) || matches!(base, Node::Text(text) if text.is_empty());
    html! {
        div.field.cell[is_cell].corrected[is_corrected] {
            @if !is_cell { span.label { (label) } }
            span.value.none[is_blank] dir="auto" {
                @if is_blank { (in_words(base)) } @else { (field_text(base)) }
            }
            @if let Some(hint) = hint { (hint) }
        }
    }
}
