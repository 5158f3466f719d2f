//! The Lambda binary of `list-policies`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { list_policies::ENDPOINT.handler }).await
}
