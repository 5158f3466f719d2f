//! The Lambda binary of `get-policy`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { get_policy::ENDPOINT.handler }).await
}
