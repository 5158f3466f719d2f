//! The Lambda binary of `inbox`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run_site(inbox::SITE).await
}
