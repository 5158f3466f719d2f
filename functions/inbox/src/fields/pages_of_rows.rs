//! Large tables: all of their rows are shown, and some of them, a page, can be typed into. Those that were typed into stay so.

use super::Drawing;
use super::plan::escaped;
use crate::document::Node;
use crate::form::field_text;
use maud::{Markup, html};
use std::ops::Range;

/// Which rows an address or a button asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// Of which table; of any, if none is named.
    place: Option<String>,
    from: usize,
}

impl Window {
    /// Parses "51-100" and "/items:51-100"; rows are counted from 1.
    pub(super) fn of(text: Option<&str>) -> Option<Self> {
        let text = text?;
        let (place, rows) = match text.rsplit_once(':') {
            Some((place, rows)) => (Some(place.to_owned()), rows),
            None => (None, text),
        };
        let first: usize = rows.split('-').next()?.parse().ok()?;
        Some(Self { place, from: first.checked_sub(1)? })
    }
}

/// The rows of a table that can be typed into.
pub(super) fn page(window: Option<&Window>, place: &str, rows: usize, size: usize) -> Range<usize> {
    let size = size.max(1);
    let named = window.filter(|window| window.place.as_deref().is_none_or(|named| named == place));
    let from = named.map_or(0, |window| window.from / size * size);
    let from = if from < rows { from } else { 0 };
    from..(from + size).min(rows)
}

/// How many bytes a cell takes that is only text.
pub(super) fn text_cell(value: &Node) -> usize {
    match value {
        Node::Text(_) => 60 + escaped(&field_text(value)),
        Node::Number(text) => 40 + text.len(),
        _ => 60,
    }
}

impl Drawing<'_> {
    /// The page with the first row of this table that is to be checked.
    pub(super) fn first_to_check(&self) -> Option<Window> {
        let prefix = format!("{}/", self.place);
        let row = |path: &str| path.strip_prefix(&prefix)?.split('/').next()?.parse().ok();
        let from = self.guide()?.checks.listed.iter().find_map(|check| row(&check.path))?;
        Some(Window { place: Some(self.place.clone()), from })
    }

    /// The number of a row, as a button for the page that it is in.
    pub(super) fn page_button(&self, number: usize) -> Markup {
        let Some(action) = self.action() else { return html! { (number) } };
        html! {
            @let place = self.place.rsplit_once('/').map_or("", |(list, _)| list);
            button.quiet form="correction" formaction=(action) name="rows" value={(place) ":" (number)} title="Type into this row" { (number) }
        }
    }

    /// Buttons, or links, for the other pages of a table's rows.
    pub(super) fn pages(&self, name: &str, rows: usize, page: &Range<usize>) -> Markup {
        /// Pages that have a button each.
        const BUTTONS: usize = 40;
        let size = page.len().max(1);
        let first = (page.start / size).saturating_sub(BUTTONS / 2);
        let pages: Vec<usize> = (0..rows.div_ceil(size)).skip(first).take(BUTTONS).collect();
        let action = self.action();
        html! {
            div.row-pages {
                p.hint { "This table is large: rows " (page.start + 1) " to " (page.end) " can be typed into. What you typed elsewhere is kept." }
                @if let Some(action) = &action {
                    div.pages role="group" aria-label={(name) ": rows that can be typed into"} {
                        @for number in pages {
                            @let (from, to) = (number * size + 1, ((number + 1) * size).min(rows));
                            button.quiet form="correction" formaction=(action) name="rows" value={(self.place) ":" (from) "-" (to)} aria-current=[(from == page.start + 1).then_some("true")] { (from) "–" (to) }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_rows_is_named_with_or_without_its_table() {
        let at = |text: &str, place: &str| page(Window::of(Some(text)).as_ref(), place, 500, 50);
        assert_eq!(
            [at("51-100", "/items"), at("/items:51-100", "/items"), at("/a:b:499", "/a:b")],
            [50..100, 50..100, 450..500]
        );
        for other in ["/other:51-100", "", "x", "0-50", "501-550", "-5"] {
            assert_eq!(at(other, "/items"), 0..50, "{other}");
        }
        assert_eq!(page(None, "", 7, 50), 0..7);
    }
}
