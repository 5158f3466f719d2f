//! The Lambda binary of `create-webhook`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { create_webhook::ENDPOINT.handler }).await
}
