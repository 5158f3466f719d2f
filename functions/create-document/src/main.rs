//! The Lambda binary of `create-document`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run_with_bucket(const { create_document::ENDPOINT.handler }).await
}
