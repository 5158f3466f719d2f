//! The Lambda binary of `page`, and the child that it starts for each page.

use std::process::ExitCode;

fn main() -> ExitCode {
    page::child::serve().unwrap_or_else(answer)
}

#[tokio::main(flavor = "current_thread")]
async fn answer() -> ExitCode {
    shared::runtime::lambda::run_calls_and_site_with_bucket(page::HANDLERS, page::SITE).await
}
