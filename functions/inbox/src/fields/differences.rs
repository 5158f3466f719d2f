//! Differences, side by side: what differs is shown itself, with a little around it, however long the texts are; and in it,
//! whatever a reader would not see.

use crate::compare::changes::{Change, Changes};
use crate::document::Node;
use crate::form::field_text;
use maud::{Markup, PreEscaped, html};
use shared::review::is_invisible;
use std::fmt::Write as _;
use unicode_general_category::{GeneralCategory, get_general_category};

/// Characters shown on each side of what differs.
const AROUND: usize = 40;
/// Characters shown of what differs, at its beginning and at its end.
const BEGINNING: usize = 300;
const END: usize = 60;

/// How many bytes of HTML a table of differences takes at most.
const BYTES: usize = 1 << 18;

/// Differences, field by field.
pub(crate) fn differences(changes: &Changes<'_>, before: &str, after: &str) -> Markup {
    let mut rows = String::new();
    let mut shown = 0;
    for change in &changes.listed {
        if rows.len() > BYTES {
            break;
        }
        rows.push_str(&row(change).0);
        shown += 1;
    }
    let more = changes.more + changes.listed.len() - shown;
    html! {
        div.scroll tabindex="0" role="region" aria-label="Differences" { table.differences {
            thead { tr { th scope="col" { "Field" } th scope="col" { (before) } th scope="col" { (after) } } }
            tbody { (PreEscaped(rows)) }
        } }
        @if more > 0 { p { "And " (more) " more." } }
    }
}

fn row(change: &Change<'_>) -> Markup {
    if let Some(from) = change.moved_from {
        return html! {
            tr { th scope="row" { bdi { (change.place) } } td { "stood at " (from + 1) } td { ins { "moved" } } }
        };
    }
    let (before, after) = sides(change.before, change.after);
    html! {
        tr {
            th scope="row" { bdi { (change.place) } }
            td { @match before { Some(text) => del dir="auto" { (text) }, None => span.muted { "not there" } } }
            td { @match after { Some(text) => ins dir="auto" { (text) }, None => span.muted { "removed" } } }
        }
    }
}

/// Both sides of a difference.
fn sides(before: Option<&Node>, after: Option<&Node>) -> (Option<Markup>, Option<Markup>) {
    let (Some(before), Some(after)) = (before, after) else {
        return (before.map(|it| html! { (value(it)) }), after.map(|it| html! { (value(it)) }));
    };
    let differ = std::mem::discriminant(before) != std::mem::discriminant(after);
    let is_said = differ && (looks_like_another(before, after) || looks_like_another(after, before));
    let kinds = if is_said { (kind(before), kind(after)) } else { (None, None) };
    let (old, new) = (text(before), text(after));
    let (old, new) = if old == new { (literal(before), literal(after)) } else { (old, new) };
    let (start, ends) = common(&old, &new);
    let said = |text: &str, end: usize, kind: Option<&str>| {
        let points = points(&text[start..end]);
        html! {
            (visible(&end_of(&text[..start]), is_invisible))
            mark { (visible(&middle(&text[start..end]), hides)) }
            (visible(&start_of(&text[end..]), is_invisible))
            @if let Some(points) = points { " " span.hint { (points) } }
            @if let Some(kind) = kind { " " span.hint { (kind) } }
        }
    };
    (Some(said(&old, ends.0, kinds.0)), Some(said(&new, ends.1, kinds.1)))
}

/// Whether a value may be taken for one of another type: a text that looks like a number, or anything beside a text.
fn looks_like_another(node: &Node, other: &Node) -> bool {
    match (node, other) {
        (Node::Text(text), Node::Null) => Node::parse(text).is_ok_and(|looks| looks.is_leaf()),
        (Node::Text(_), _) => true,
        _ => false,
    }
}

/// A value as one reads it, at its beginning, with all that cannot be seen made visible.
pub(crate) fn value(node: &Node) -> String {
    visible(&middle(&text(node)), hides)
}

fn text(node: &Node) -> String {
    match node {
        Node::Null => "not in the document".into(),
        Node::Text(text) if text.is_empty() => "empty text".into(),
        Node::Text(text) => text.clone(),
        Node::List(_) | Node::Object(_) => node.compact(),
        leaf => field_text(leaf),
    }
}

/// As [`text`], where that would be the same for two values that are not.
fn literal(node: &Node) -> String {
    node.compact()
}

const fn kind(node: &Node) -> Option<&'static str> {
    Some(match node {
        Node::Null => return None,
        Node::Bool(_) => "yes or no",
        Node::Number(_) => "number",
        Node::Text(_) => "text",
        Node::List(_) => "list",
        Node::Object(_) => "object",
    })
}

/// Where two texts begin to differ, and where in each of them they are the same again, to the end.
fn common(old: &str, new: &str) -> (usize, (usize, usize)) {
    let same = old.chars().zip(new.chars()).take_while(|(old, new)| old == new);
    let start: usize = same.map(|(old, _)| old.len_utf8()).sum();
    let rests = old[start..].chars().rev().zip(new[start..].chars().rev());
    let end: usize = rests.take_while(|(old, new)| old == new).map(|(old, _)| old.len_utf8()).sum();
    (start, (old.len() - end, new.len() - end))
}

fn end_of(text: &str) -> String {
    match text.char_indices().rev().nth(AROUND) {
        Some((place, first)) => format!("…{}", &text[place + first.len_utf8()..]),
        None => text.to_owned(),
    }
}

fn start_of(text: &str) -> String {
    match text.char_indices().nth(AROUND) {
        Some((place, _)) => format!("{}…", &text[..place]),
        None => text.to_owned(),
    }
}

/// A text without its middle, if it is long.
fn middle(text: &str) -> String {
    let (first, last) = (text.char_indices().nth(BEGINNING), text.char_indices().rev().nth(END - 1));
    match (first, last) {
        (Some((first, _)), Some((last, _))) if first < last => {
            format!("{}… ({} characters) …{}", &text[..first], text.chars().count(), &text[last..])
        }
        _ => text.to_owned(),
    }
}

/// Whether a character shows nothing by itself, or not what it is: controls, formats (the direction of text among them), blanks
/// other than a space, marks that are put onto another letter, and what no font has.
fn hides(character: char) -> bool {
    use GeneralCategory as Category;
    is_invisible(character)
        || matches!(
            get_general_category(character),
            Category::Format
                | Category::NonspacingMark
                | Category::SpacingMark
                | Category::EnclosingMark
                | Category::LineSeparator
                | Category::ParagraphSeparator
                | Category::PrivateUse
                | Category::Unassigned
        )
        || (character != ' ' && get_general_category(character) == Category::SpaceSeparator)
        || matches!(character, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{2800}' | '\t' | '\r')
}

fn visible(text: &str, hides: impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if hides(character) {
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    shown
}

/// The numbers of a few letters that may look like others.
fn points(text: &str) -> Option<String> {
    const FEW: usize = 16;
    let is_plain = text.is_ascii() || text.chars().nth(FEW).is_some();
    (!is_plain).then(|| {
        text.chars().map(|character| format!("U+{:04X}", u32::from(character))).collect::<Vec<_>>().join(" ")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(before: &str, after: &str) -> (String, String) {
        let (before, after) = (Node::Text(before.into()), Node::Text(after.into()));
        let (before, after) = sides(Some(&before), Some(&after));
        (before.unwrap().into_string(), after.unwrap().into_string())
    }

    #[test]
    fn the_difference_itself_is_shown_wherever_it_is() {
        let long = "x".repeat(100_000);
        let (before, after) = of(&format!("{long}PAY 10{long}"), &format!("{long}PAY 99{long}"));
        assert!(
            before.contains("PAY <mark>10</mark>x") && after.contains("PAY <mark>99</mark>x"),
            "{before}"
        );
        assert!(before.len() + after.len() < 400, "{before}");
    }

    #[test]
    fn values_that_look_the_same_are_told_apart() {
        for (one, other) in [
            ("é", "e\u{301}"),
            ("a", "а"),
            ("pay me", "pay\u{a0}me"),
            ("ab", "a\u{200d}b"),
            ("ab", "a\u{200f}b"),
            ("ab", "a\u{202e}b"),
            ("ab", "a\u{ad}b"),
            ("ab", "a\u{e0041}b"),
            ("a", "a\u{fe0f}"),
            ("a", "a\u{3164}"),
            ("a\tb", "a b"),
        ] {
            let (before, after) = of(one, other);
            let ascii = |text: &str| text.chars().filter(char::is_ascii).collect::<String>();
            assert_ne!(ascii(&before), ascii(&after), "{other:?}");
        }
    }

    #[test]
    fn a_table_of_differences_has_so_many_bytes_and_no_more() {
        let hidden =
            |mark: char| format!("[{}1]", format!("\"{}\",", mark.to_string().repeat(400)).repeat(450));
        let before = Node::parse(&hidden('\u{e0041}')).unwrap();
        let after = Node::parse(&hidden('\u{e0042}')).unwrap();
        let patch = crate::compare::diff(&before, &after);
        let changes = Changes::of(&before, &patch);
        assert_eq!(changes.listed.len(), 450);
        let html = differences(&changes, "before", "after").into_string();
        assert!(html.len() < BYTES + 20_000 && html.contains(" more."), "{}", html.len());
    }

    #[test]
    fn a_type_is_a_difference() {
        let (before, after) = sides(Some(&Node::Number("5".into())), Some(&Node::Text("5".into())));
        assert_eq!(
            before.unwrap().into_string(),
            "<mark></mark>5 <span class=\"hint\">number</span>"
                .replace("<mark></mark>5", &of_literal("5", "\"5\"").0)
        );
        assert!(after.unwrap().into_string().contains("text"));
        assert_eq!(
            [value(&Node::Null), value(&Node::Text(String::new()))],
            ["not in the document", "empty text"]
        );
        assert_ne!(of("not in the document", "empty text").0, String::new());
    }

    fn of_literal(before: &str, after: &str) -> (String, String) {
        let (start, ends) = common(before, after);
        let mark = |text: &str, end: usize| {
            format!("{}<mark>{}</mark>{}", &text[..start], &text[start..end], &text[end..])
        };
        (mark(before, ends.0), mark(after, ends.1))
    }
}
