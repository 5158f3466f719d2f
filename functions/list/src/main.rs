//! The Lambda binary of `list`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { list::ENDPOINT.handler }).await
}
