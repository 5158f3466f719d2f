//! The Lambda binary of `acknowledge`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { acknowledge::ENDPOINT.handler }).await
}
