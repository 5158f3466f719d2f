//! The inbox, as a browser without JavaScript meets it. With one: `tests/browser`.

mod comments;
mod edge;
mod gate;
mod guided;
mod merge;
mod pages;
mod policies;
mod terms;
pub(crate) mod typed;
