//! The Lambda binary of `get`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { get::ENDPOINT.handler }).await
}
