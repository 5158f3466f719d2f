//! The Lambda binary of `list-audit`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(list_audit::FUNCTION).await
}
