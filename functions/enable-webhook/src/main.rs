//! The Lambda binary of `enable-webhook`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { enable_webhook::ENDPOINT.handler }).await
}
