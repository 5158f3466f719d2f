//! The Lambda binary of `reopen`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { reopen::ENDPOINT.handler }).await
}
