//! The Lambda binary of `resume`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run(const { resume::ENDPOINT.handler }).await
}
