//! The Lambda binary of `delete-webhook`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { delete_webhook::ENDPOINT.handler }).await
}
