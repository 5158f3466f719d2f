//! A signed POST of a message, as the Standard Webhooks specification has it.

use super::Call;
use super::attempt::{Message, Speed};
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue};
use shared::egress::outbound::{Answered, CallFault, Outbound};
use shared::review::Timestamp;
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook};
use std::time::{Duration, Instant};

/// What came of one POST.
pub(super) struct Posted {
    pub(super) answer: Result<Answered, CallFault>,
    pub(super) took: Duration,
    pub(super) speed: Speed,
    /// When the receiver asks to be called again, if it does.
    pub(super) retry_at: Option<Timestamp>,
}

/// Posts a message under the `webhook-id` that is given, signed with each of the secrets.
pub(super) async fn post<'a>(
    outbound: &Outbound,
    url: &str,
    (id, secrets): (&str, impl Iterator<Item = &'a str>),
    message: &Message<'_>,
    call: Call,
) -> Posted {
    outbound.prepare();
    let started = Instant::now();
    let answer = match headers(secrets, id, message.body, call.at) {
        Err(fault) => Err(fault),
        Ok(headers) if call.is_in_stream => outbound.post_first(url, headers, message.body.to_owned()).await,
        Ok(headers) => outbound.post(url, headers, message.body.to_owned()).await,
    };
    let took = started.elapsed();
    let speed = speed(&answer, took, outbound.slow_after);
    let asked = answer.as_ref().ok().and_then(|answer| answer.retry_after);
    let retry_at = asked.map(|asked| asked.from(call.at));
    Posted { answer, took, speed, retry_at }
}

/// The speed of a call that `took` so long, where more than `slow_after` is slow.
fn speed(answer: &Result<Answered, CallFault>, took: Duration, slow_after: Duration) -> Speed {
    let is_late = took > slow_after;
    match answer {
        Ok(answer) if answer.is_success() && is_late => Speed::Slow,
        Ok(answer) if answer.is_success() => Speed::Quick,
        Ok(_) if is_late => Speed::Silent,
        Ok(_) | Err(CallFault::NotAllowed(_)) => Speed::Refusing,
        Err(CallFault::NotSent(_) | CallFault::Lost(_)) => Speed::Silent,
    }
}

/// The headers of a delivery, signed with each of the secrets: a receiver that knows one of them accepts it. Without a secret
/// it is not signed.
fn headers<'a>(
    secrets: impl Iterator<Item = &'a str>,
    id: &str,
    body: &str,
    now: Timestamp,
) -> Result<HeaderMap, CallFault> {
    let refused = |error: String| CallFault::NotAllowed(error);
    let seconds = now.millis().div_euclid(1000);
    let sign = |secret: &str| {
        let signed = Webhook::new(secret).and_then(|webhook| webhook.sign(id, seconds, body.as_bytes()));
        signed.map_err(|error| refused(error.to_string()))
    };
    let signatures = secrets.map(sign).collect::<Result<Vec<String>, CallFault>>()?;
    let mut headers = HeaderMap::new();
    let mut set = |name: &'static str, value: &str| -> Result<(), CallFault> {
        let value = HeaderValue::from_str(value).map_err(|error| refused(error.to_string()))?;
        headers.insert(HeaderName::from_static(name), value);
        Ok(())
    };
    set(HEADER_WEBHOOK_ID, id)?;
    set(HEADER_WEBHOOK_TIMESTAMP, &seconds.to_string())?;
    if !signatures.is_empty() {
        set(HEADER_WEBHOOK_SIGNATURE, &signatures.join(" "))?;
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_lets_wait_is_slow_whatever_it_says() {
        let status = |status: u16| Ok(Answered { status, redirect_host: None, retry_after: None });
        let (soon, late) = (Duration::from_millis(999), Duration::from_millis(9500));
        let lost = || Err(CallFault::Lost("timed out".into()));
        let not_sent = || Err(CallFault::NotSent("refused".into()));
        let not_allowed = || Err(CallFault::NotAllowed("the URL".into()));
        for (answer, took, expected) in [
            (status(204), soon, Speed::Quick),
            (status(204), late, Speed::Slow),
            (status(500), soon, Speed::Refusing),
            (status(302), soon, Speed::Refusing),
            (status(500), late, Speed::Silent),
            (lost(), soon, Speed::Silent),
            (not_sent(), soon, Speed::Silent),
            (not_allowed(), late, Speed::Refusing),
        ] {
            let speed = speed(&answer, took, Duration::from_secs(1));
            assert_eq!(speed, expected, "{answer:?} after {took:?}");
        }
    }
}
