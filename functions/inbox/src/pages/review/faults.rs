//! What is wrong with what was typed: a list of faults, each with a link to its field.

use super::extra_fields::title;
use crate::document::Node;
use crate::fields::anchor;
use crate::form::ValueError;
use maud::{Markup, html};

/// Faulty fields that a page lists at most; the others are counted.
const LISTED: usize = 50;

/// All that is wrong, each with a link to its field.
pub(crate) fn summary(wrong: &ValueError, base: Option<&Node>, alone: bool) -> Markup {
    let mut faults: Vec<(&str, &str)> = wrong.iter().collect();
    faults.sort_unstable();
    html! {
        p { @if alone { strong { "Nothing was done." } " " }
            @if faults.len() == 1 { "One field needs another look:" } @else { (faults.len()) " fields need another look:" } }
        ul.faults {
            @for (field, fault) in faults.iter().take(LISTED) { li {
                a href={"#" (id_of(field))} { bdi { (title(field, base)) } } " " (fault)
            } }
            @if faults.len() > LISTED { li { "And " (faults.len() - LISTED) " more." } }
        }
    }
}

/// Where a field's control is.
pub(crate) fn id_of(field: &str) -> String {
    if field.contains('/') || field == "j" || field == "n" { anchor(field) } else { field.to_owned() }
}
