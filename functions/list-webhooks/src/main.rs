//! The Lambda binary of `list-webhooks`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { list_webhooks::ENDPOINT.handler }).await
}
