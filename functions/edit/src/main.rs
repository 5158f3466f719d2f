//! The Lambda binary of `edit`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(edit::FUNCTION).await
}
