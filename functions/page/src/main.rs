//! The Lambda binary of `page`, and the child that it starts for each page.

use std::process::ExitCode;

fn main() -> ExitCode {
    page::child::serve().unwrap_or(ExitCode::FAILURE)
}
