//! The Lambda binary of `gate`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run_with_bucket(const { gate::ENDPOINT.handler }).await
}
