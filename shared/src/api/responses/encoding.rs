//! Bodies as they are sent: plain or compressed, and never larger than Lambda can carry.

use crate::api::payload::{ANSWER_LIMIT, size_as_base64, size_as_text};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

/// An answer is larger than Lambda can carry; sizes in bytes.
#[derive(Debug)]
pub(in crate::api) struct ResponseTooLarge {
    pub(in crate::api) limit: usize,
    pub(in crate::api) size: usize,
}

/// A body as it is sent.
pub(in crate::api) enum Encoded {
    Nothing,
    Plain(String),
    Gzip(Vec<u8>),
    Bytes(Vec<u8>),
}

/// Bytes are sent as they are.
pub(super) fn encode_bytes(bytes: Vec<u8>) -> Result<Encoded, ResponseTooLarge> {
    let size = size_as_base64(bytes.len());
    if size <= LAMBDA_LIMIT {
        Ok(Encoded::Bytes(bytes))
    } else {
        Err(ResponseTooLarge { limit: LAMBDA_LIMIT, size })
    }
}

/// Encodes a body as the client accepts it and Lambda can carry it.
pub(super) fn encode(body: String, accepts: Gzip) -> Result<Encoded, ResponseTooLarge> {
    /// Below this size, compression is not worth its time.
    const WORTH_COMPRESSING: usize = 1024;
    let carried = size_as_text(body.as_bytes());
    let fits = carried <= LAMBDA_LIMIT;
    let wanted = accepts == Gzip::Welcome && body.len() >= WORTH_COMPRESSING;
    if fits && !wanted {
        return Ok(Encoded::Plain(body));
    }
    if accepts == Gzip::Refused {
        return Err(ResponseTooLarge { limit: LAMBDA_LIMIT, size: carried });
    }
    match gzip(body.as_bytes()) {
        Some(bytes) => {
            let size = size_as_base64(bytes.len());
            if size > LAMBDA_LIMIT {
                return Err(ResponseTooLarge { limit: LAMBDA_LIMIT, size });
            }
            Ok(Encoded::Gzip(bytes))
        }
        None => Ok(Encoded::Plain(body)),
    }
}

/// What an answer takes besides its body: its headers, and the names of all. Ours take less than 2,000 bytes; a cookie and a place to
/// go to take more.
const ROOM_FOR_HEADERS: usize = 16 * 1024 + 100;

/// Largest body that Lambda can send, in bytes, as the string that it is in the answer.
const LAMBDA_LIMIT: usize = ANSWER_LIMIT - ROOM_FOR_HEADERS;

fn gzip(plain: &[u8]) -> Option<Vec<u8>> {
    /// Below the usual 6: an answer is compressed for one reader, so time matters more than the last bytes.
    const LEVEL: u32 = 4;
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Compression::new(LEVEL));
    encoder.write_all(plain).ok()?;
    encoder.finish().ok()
}

/// What a client says about gzip (RFC 9110, 12.5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum Gzip {
    /// It accepts it.
    Welcome,
    /// It does not say: any encoding is allowed, and plain is what it expects.
    Unsaid,
    /// It does not accept it.
    Refused,
}

impl Gzip {
    pub(in crate::api) fn of(accept_encoding: Option<&str>) -> Self {
        let Some(list) = accept_encoding else { return Self::Unsaid };
        let mut any = None;
        for item in list.split(',') {
            let mut parts = item.split(';').map(str::trim);
            let coding = parts.next().unwrap_or_default();
            let refused = parts.any(|part| {
                let weight = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="));
                weight.is_some_and(|weight| weight.parse() == Ok(0.0_f32))
            });
            let verdict = if refused { Self::Refused } else { Self::Welcome };
            if coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip") {
                return verdict;
            }
            if coding == "*" {
                any = Some(verdict);
            }
        }
        any.unwrap_or(Self::Refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::responses::Reply;
    use lambda_http::http::{HeaderValue, StatusCode, header};
    use lambda_http::{Adapter, Body, Context, LambdaEvent, Request, Response, Service, service_fn};
    use serde_json::json;
    use std::convert::Infallible;

    #[test]
    fn gzip_is_welcome_unsaid_or_refused() {
        for (header, expected) in [
            (None, Gzip::Unsaid),
            (Some("gzip, deflate"), Gzip::Welcome),
            (Some("br;q=1.0, GZIP;q=0.5"), Gzip::Welcome),
            (Some("*"), Gzip::Welcome),
            (Some("gzip;q=0"), Gzip::Refused),
            (Some("*, gzip; q=0.0"), Gzip::Refused),
            (Some("identity"), Gzip::Refused),
            (Some(""), Gzip::Refused),
        ] {
            assert_eq!(Gzip::of(header), expected, "{header:?}");
        }
    }

    /// The size of an answer as the runtime sends it to Lambda.
    async fn sent(response: Response<Body>) -> usize {
        let answer = |_: Request| std::future::ready(Ok::<_, Infallible>(response.clone()));
        let mut adapter = Adapter::from(service_fn(answer));
        let event = json!({
            "version": "2.0", "routeKey": "$default", "rawPath": "/", "rawQueryString": "", "headers": {},
            "isBase64Encoded": false,
            "requestContext": { "http": { "method": "GET", "path": "/" }, "timeEpoch": 0 },
        });
        let event = LambdaEvent::new(serde_json::from_value(event).unwrap(), Context::default());
        serde_json::to_vec(&adapter.call(event).await.unwrap()).unwrap().len()
    }

    #[tokio::test]
    async fn the_largest_body_fits_into_an_answer_with_its_headers() {
        // Two bytes for each of these characters, as a string; four for three of the bytes, as base64.
        let text = |more: usize| encode("\"".repeat(LAMBDA_LIMIT / 2 + more), Gzip::Refused);
        let bytes = |more: usize| encode_bytes(vec![0xFF; LAMBDA_LIMIT / 4 * 3 + more]);
        let location = HeaderValue::from_str(&"/a".repeat(5000)).unwrap();
        for (largest, one_more, kind) in
            [(text(0), text(1), "application/json"), (bytes(0), bytes(1), "image/png")]
        {
            let mut answer =
                Reply::empty(StatusCode::OK).into_response(largest.unwrap(), "JKJaXmPLvHcESHA=", true);
            answer.headers_mut().insert(header::LOCATION, location.clone());
            answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
            let size = sent(answer).await;
            assert!((LAMBDA_LIMIT + 10_000..=ANSWER_LIMIT).contains(&size), "{size}");
            assert!(one_more.is_err());
        }
    }
}
