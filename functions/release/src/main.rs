//! The Lambda binary of `release`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::lambda::run(release::FUNCTION).await
}
