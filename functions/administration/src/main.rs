//! The Lambda binary of `administration`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run_calls_and_site(administration::HANDLERS, administration::SITE).await
}
