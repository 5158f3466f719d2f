//! The Lambda binary of `get-version`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(get_version::FUNCTION).await
}
