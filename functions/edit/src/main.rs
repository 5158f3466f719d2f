//! The Lambda binary of `edit`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { edit::ENDPOINT.handler }).await
}
