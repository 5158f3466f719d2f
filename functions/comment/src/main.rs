//! The Lambda binary of `comment`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { comment::ENDPOINT.handler }).await
}
