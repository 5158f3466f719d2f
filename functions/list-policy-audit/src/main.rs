//! The Lambda binary of `list-policy-audit`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { list_policy_audit::ENDPOINT.handler }).await
}
