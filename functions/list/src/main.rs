//! The Lambda binary of `list`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::lambda::run(list::FUNCTION).await
}
