//! The Lambda binary of `dry-run-policy`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { dry_run_policy::ENDPOINT.handler }).await
}
