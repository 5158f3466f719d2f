//! The Lambda binary of `sign-in`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run_site(sign_in::SITE).await
}
