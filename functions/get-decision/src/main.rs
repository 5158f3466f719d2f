//! The Lambda binary of `get-decision`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { get_decision::ENDPOINT.handler }).await
}
