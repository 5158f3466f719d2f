//! The Lambda binary of `list-webhooks`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(list_webhooks::FUNCTION).await
}
