//! The Lambda binary of `publish`.

use publish::{Invocation, Publisher};
use shared::runtime::config::Config;
use shared::runtime::lambda::run_triggered;
use shared::{api, metrics};

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    let prepare = |config: Config| (config.metrics, Publisher::from_config_with_bucket(config));
    run_triggered("publish", prepare, async |(level, publisher), invocation: Invocation| {
        let answer = publisher.handle(invocation).await?;
        let (now, metrics) = (api::system_time().millis(), answer.batch().metrics());
        metrics::print_line(*level, (publisher.table(), "publish"), now, &metrics);
        Ok(answer)
    })
    .await
}
