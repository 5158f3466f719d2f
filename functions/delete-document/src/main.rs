//! The Lambda binary of `delete-document`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run_with_bucket(const { delete_document::ENDPOINT.handler }).await
}
