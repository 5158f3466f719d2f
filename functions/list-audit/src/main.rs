//! The Lambda binary of `list-audit`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::lambda::run(list_audit::FUNCTION).await
}
