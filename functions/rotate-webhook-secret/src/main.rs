//! The Lambda binary of `rotate-webhook-secret`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { rotate_webhook_secret::ENDPOINT.handler }).await
}
