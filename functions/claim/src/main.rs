//! The Lambda binary of `claim`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { claim::ENDPOINT.handler }).await
}
