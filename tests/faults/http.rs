//! A plain client over real HTTP, without retries.

use serde_json::Value;
use ureq::Agent;

/// One caller.
pub(crate) struct Http {
    agent: Agent,
    url: String,
    key: String,
}

/// What it was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    pub(crate) body: Value,
}

impl Answer {
    /// The status and the code of a refusal of our shape.
    pub(crate) fn refusal(&self) -> (u16, &str) {
        (self.status, self.body["detail"]["code"].as_str().unwrap_or_default())
    }
}

impl Http {
    pub(crate) fn new(url: &str, key: &str) -> Self {
        let agent = Agent::config_builder().http_status_as_error(false).build().into();
        Self { agent, url: url.to_owned(), key: key.to_owned() }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        let request = self.agent.get(format!("{}{path}", self.url)).header("api-key", &self.key);
        Self::answer(request.call().unwrap())
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.agent.post(format!("{}{path}", self.url)).header("api-key", &self.key);
        Self::answer(request.header("content-type", "application/json").send(body.to_string()).unwrap())
    }

    fn answer(mut response: ureq::http::Response<ureq::Body>) -> Answer {
        let text = response.body_mut().with_config().limit(64 * 1024 * 1024).read_to_string().unwrap();
        let retry_after = response.headers().get("retry-after").map(|it| it.to_str().unwrap().to_owned());
        Answer {
            status: response.status().as_u16(),
            retry_after,
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
        }
    }
}
