//! The Lambda binary of `get-evidence`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { get_evidence::ENDPOINT.handler }).await
}
