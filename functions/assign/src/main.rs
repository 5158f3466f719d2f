//! The Lambda binary of `assign`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { assign::ENDPOINT.handler }).await
}
