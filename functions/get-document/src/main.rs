//! The Lambda binary of `get-document`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run_with_bucket(const { get_document::ENDPOINT.handler }).await
}
