//! The Lambda binary of `docs`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    shared::runtime::lambda::run_pages(docs::NAME, &docs::PAGES, endpoints::ROUTES).await
}
