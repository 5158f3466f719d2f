//! The Lambda binary of `decide`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { decide::ENDPOINT.handler }).await
}
