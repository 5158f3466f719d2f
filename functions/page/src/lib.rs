//! Pages of a review's documents: pictures and words. The only function that links a renderer.

pub mod child;
mod documents;
mod endpoints;
pub mod job;
pub mod kind;
pub mod limits;
mod pages;
#[cfg(feature = "render")]
pub mod render;
#[cfg(feature = "render")]
mod words;

pub use endpoints::{ENDPOINT, HANDLERS, NAME, SITE, WORDS};
pub use pages::use_program;
