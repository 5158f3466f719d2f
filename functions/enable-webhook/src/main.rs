//! The Lambda binary of `enable-webhook`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(enable_webhook::FUNCTION).await
}
