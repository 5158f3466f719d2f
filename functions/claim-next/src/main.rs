//! The Lambda binary of `claim-next`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { claim_next::ENDPOINT.handler }).await
}
