//! `/inbox`: the pages a reviewer works in, rendered here, usable without JavaScript.
//!
//! The path of one call: `routes` finds out once who calls and, of a POST, whether the form is theirs (`session`), and routes it:
//! to a page, to an action, or to `sign_in`. Each of these imports only those after it:
//!
//! - `actions`: what a reviewer does, by the API's own functions; the page then comes back with what was typed.
//! - `pages`: the queue, one review, signing in. `session`: who is signed in, drafts. `paths`: addresses.
//! - `fields`: a document as HTML. `checks`: what in it is to be checked. `schema`: what a JSON Schema says of it. `form`: what was
//!   typed into it. `compare`: differences, and two people's changes merged. `document`: a snapshot as a tree.

mod actions;
mod checks;
mod compare;
mod document;
mod fields;
mod form;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod pages;
mod paths;
mod routes;
mod schema;
mod session;
mod sign_in;

/// What the pages of other functions have in common with these: the frame, who is signed in and what they send, small parts.
pub mod common {
    pub use crate::form::SubmittedForm;
    pub use crate::pages::elements::{form_token, name, notice, time};
    pub use crate::pages::frame::{Frame, Layout, PageForm, failed};
    pub use crate::session::{Posted, SignedIn, Viewer, posted, signed_in};
    pub use crate::sign_in::ask;
}

use shared::api::Site;

/// The function.
pub const SITE: Site = Site {
    name: "inbox",
    paths: &["/", "/inbox", "/inbox/{proxy+}"],
    handle: |app, call| Box::pin(routes::visit(app, call)),
    failed: pages::frame::failed,
};
