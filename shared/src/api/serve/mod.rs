//! From a request to an answer, whatever happens.

mod respond;
mod routes;
#[allow(clippy::module_inception)] // the folder is named after its main file
mod serve;
mod site;
mod static_page;

pub use routes::unrouted;
pub use serve::serve;
pub use site::{Answered, Site, serve_site};
pub use static_page::{StaticPage, serve_page};
