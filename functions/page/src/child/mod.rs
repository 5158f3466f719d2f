//! Rendering happens in a child process of the same executable, with a limit on its memory and its time: a hostile file ends the
//! child, and nothing else. A panic could be caught; an allocation that fails and a loop without an end could not.
//!
//! The child gets the job and the document through its standard input and answers on its standard output. It has no environment, so no
//! credentials, and cannot open files or connections.

mod frame;
mod parent;
#[cfg(feature = "render")]
mod process;

pub use parent::{Failure, Renderer};
#[cfg(feature = "render")]
pub use process::serve;

/// The first argument of a child. No user has a reason to type it.
pub const ARGUMENT: &str = "render-one-page";
