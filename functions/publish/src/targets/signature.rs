//! Signed deliveries, as the Standard Webhooks specification has them.

use crate::targets::outbound::CallFault;
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue};
use shared::review::Timestamp;
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook};

/// The headers of a delivery with the id that tells duplicates, signed with each of the secrets: a receiver that knows one of
/// them accepts it. Without a secret it is not signed.
pub(crate) fn headers<'a>(
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
