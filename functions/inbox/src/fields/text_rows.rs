//! Rows of a large table that are only text, because another page of it can be typed into.

use super::table::Table;
use super::{Drawing, Show};
use crate::checks::Check;
use crate::document::{Node, pointer_of};
use crate::form::{Column, field_text, segment};
use maud::{Markup, PreEscaped, html};
use std::collections::HashMap;

impl<'a> Drawing<'a> {
    /// A row that is only text: its cells are those of the columns, in their order.
    pub(super) fn text_row(&mut self, table: &Table<'_, 'a>, index: usize, node: &'a Node) -> Markup {
        let Node::Object(entries) = node else { return html! {} };
        let values: HashMap<&str, &'a Node> =
            entries.iter().map(|(key, value)| (key.as_str(), value)).collect();
        let checks = self.checks_of_cells(table);
        let is_to_check = checks.iter().any(Option::is_some);
        let is_shown = match self.fields.aids.show {
            Show::All => true,
            Show::Check => is_to_check,
            Show::Changed => false,
        };
        self.shown += usize::from(is_shown);
        html! {
            tr.text data-path=(self.place) hidden[!is_shown] {
                th.no scope="row" { @if is_to_check { (self.page_button(index + 1)) } @else { (index + 1) } }
                @for (column, check) in table.columns.iter().zip(&checks) {
                    (text_cell(values.get(column.name).copied(), *check))
                }
                @if self.fields.editable { td {} }
            }
        }
    }

    /// What is to be checked in the cells of a row, column by column.
    fn checks_of_cells(&self, table: &Table<'_, 'a>) -> Vec<Option<&'a Check>> {
        let checks = self.guide().map(|guide| &guide.checks).filter(|checks| !checks.listed.is_empty());
        let of = |column: &Column<'a>| {
            checks?.at(&pointer_of(&format!("{}/{}", self.place, segment(column.name))))
        };
        table.columns.iter().map(of).collect()
    }
}

/// A cell that is only text. Its value is its text, unless `data-value` says that it is none: null, or an empty text.
fn text_cell(value: Option<&Node>, check: Option<&Check>) -> Markup {
    if let Some(check) = check {
        let text = value.filter(|value| **value != Node::Null).map_or_else(|| "–".to_owned(), field_text);
        return html! {
            td.to-check id=(check.id) tabindex="-1" data-path=(check.path) data-check=(check.kind.as_str()) title=(check.text) { (text) }
        };
    }
    match value {
        None => html! { td.none { "–" } },
        Some(Node::Null) => html! { td.none data-value="null" {} },
        Some(Node::Text(text)) if text.is_empty() => html! { td.none data-value="\"\"" { "empty text" } },
        Some(Node::Number(text)) => PreEscaped(format!("<td class=\"num\">{text}</td>")),
        Some(value) => html! { td { (field_text(value)) } },
    }
}
