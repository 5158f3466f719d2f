//! The child that renders a page for the tests: they run in an executable that is no renderer.

fn main() -> std::process::ExitCode {
    page::child::serve().unwrap_or(std::process::ExitCode::FAILURE)
}
