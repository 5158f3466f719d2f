//! The Lambda binary of `put-policy`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { put_policy::ENDPOINT.handler }).await
}
