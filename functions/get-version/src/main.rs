//! The Lambda binary of `get-version`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { get_version::ENDPOINT.handler }).await
}
