//! The Lambda binary of `list-deliveries`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { list_deliveries::ENDPOINT.handler }).await
}
