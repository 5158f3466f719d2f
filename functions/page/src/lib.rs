//! Pages of a review's documents: pictures and words. The only function that links a renderer.

pub mod child;
pub mod job;
pub mod kind;
pub mod limits;
#[cfg(feature = "render")]
pub mod render;
#[cfg(feature = "render")]
mod words;
