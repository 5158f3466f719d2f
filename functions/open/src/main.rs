//! The Lambda binary of `open`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run_with_bucket(const { open::ENDPOINT.handler }).await
}
