//! The Lambda binary of `test-webhook`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { test_webhook::ENDPOINT.handler }).await
}
