//! The Lambda binary of `test-webhook`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::lambda::run(test_webhook::FUNCTION).await
}
