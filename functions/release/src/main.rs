//! The Lambda binary of `release`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { release::ENDPOINT.handler }).await
}
