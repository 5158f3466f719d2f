//! What is not shown as fields: as JSON, or cut.

use super::control::{take_out, whose};
use super::plan::{BYTES, in_textarea, textarea};
use super::{At, Drawing, anchor};
use crate::compare::Patch;
use crate::document::Node;
use crate::document::key_label::short;
use crate::form::{FieldRole, ValueError};
use maud::{Markup, html};

impl<'a> Drawing<'a> {
    /// What has more fields than a form can have, or is no longer what the form has fields for.
    pub(super) fn as_json(
        &mut self,
        name: &str,
        at: &At<'a>,
        value: &Node,
        is_pretty: bool,
        because: &str,
    ) -> Markup {
        let field = format!("j{}", self.place);
        let made = (*at.patch != Patch::Same).then(|| at.patch.apply(at.node));
        let is_typed = at.below.own(FieldRole::Json).is_some() || made.is_some();
        let shown = made.as_ref().unwrap_or(value);
        let json = || if is_pretty { shown.pretty() } else { shown.compact() };
        let text = at.below.own(FieldRole::Json).map_or_else(json, str::to_owned);
        let (id, wrong) = (anchor(&field), self.fields.wrong.get(&field));
        let their_choice = at.below.own(FieldRole::Whose);
        let asked = at.patch.questions() > 0 || their_choice.is_some();
        let said = if asked { self.theirs(at.node) } else { String::new() };
        html! {
            div.field.wrong[wrong.is_some()].typed[is_typed].asked[asked] {
                label for=(id) { (name) }
                p.hint { (because) }
                textarea.code id=(id) name=(field) rows="24" readonly[!self.fields.editable] spellcheck="false" aria-invalid=[wrong.map(|_| "true")] { "\n" (textarea(&text)) }
                @if asked { (whose(&self.place, name, &text, &said, their_choice)) }
                @if let Some(fault) = wrong { span.fault { (fault) } }
            }
        }
    }

    /// What is new, as JSON: an entry, or a row that the columns have no place for.
    pub(super) fn added_as_json(&mut self, name: &str, text: &str, asked: bool, is_out: bool) -> Markup {
        let field = format!("a{}", self.place);
        let (id, wrong) = (anchor(&field), self.fields.wrong.get(&field));
        let rows = (text.matches('\n').count() + 1).min(12);
        html! {
            div.item {
                div.field.typed.asked[asked].wrong[wrong.is_some()] {
                    label for=(id) { (name) ", new" }
                    textarea.code id=(id) name=(field) rows=(rows) spellcheck="false" aria-invalid=[wrong.map(|_| "true")] { "\n" (textarea(text)) }
                    @if asked { (restored()) }
                    @if let Some(fault) = wrong { span.fault { (fault) } }
                }
                (take_out(&format!("x{}", self.place), name, is_out))
            }
        }
    }

    /// What is too large even as JSON.
    pub(super) fn cut(&self, name: &str, node: &Node) -> Markup {
        html! {
            div.field {
                span.label { (name) }
                (too_large(node, self.fields.raw))
            }
        }
    }
}

/// Why a row is shown that somebody else took out.
pub(super) fn restored() -> Markup {
    html! { p.hint { "You changed this, and somebody else took it out. It will be saved as shown here unless you take it out, too." } }
}

fn too_large(node: &Node, raw: &str) -> Markup {
    /// Characters of it that are shown.
    const SOME: usize = 400;
    let beginning = match node {
        Node::Text(text) => short(text, SOME),
        node => short(&node.compact(), SOME),
    };
    html! {
        div {
            p.hint { "This is too large for a page, and can be changed through the API only. " a href=(raw) { "All of it" } "." }
            div.value { (crate::fields::differences::value(&Node::Text(beginning))) }
        }
    }
}

/// The whole output as one text to be changed.
pub(crate) fn whole_as_json(
    shown: &Node,
    sent: Option<&str>,
    is_typed: bool,
    wrong: &ValueError,
    editable: bool,
    raw: &str,
) -> Markup {
    let pretty = || Some(shown.pretty()).filter(|text| in_textarea(text) <= BYTES);
    let text = sent.map(str::to_owned).or_else(pretty).unwrap_or_else(|| shown.compact());
    if sent.is_none() && !is_typed && in_textarea(&text) > BYTES {
        return html! { div.field { span.label { "The whole output" } (too_large(shown, raw)) } };
    }
    let wrong = wrong.get("snapshot");
    html! {
        div.field.wrong[wrong.is_some()].typed[is_typed] {
            label for="snapshot" { "The whole output, as JSON" }
            textarea.code #snapshot name="snapshot" rows="30" spellcheck="false" readonly[!editable]
                aria-invalid=[wrong.map(|_| "true")] aria-describedby=[wrong.map(|_| "snapshot-wrong")] { "\n" (textarea(&text)) }
            @if let Some(fault) = wrong { span.fault #snapshot-wrong { "It " (fault) } }
        }
    }
}
