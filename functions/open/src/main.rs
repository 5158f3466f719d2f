//! The Lambda binary of `open`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::lambda::run(open::FUNCTION).await
}
