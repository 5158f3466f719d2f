//! The Lambda binary of `delete-policy`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { delete_policy::ENDPOINT.handler }).await
}
