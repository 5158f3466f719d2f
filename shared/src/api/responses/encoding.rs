//! Bodies as they are sent: plain or compressed, and never larger than Lambda can carry.

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
    let size = carried_as_bytes(&bytes);
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
    let carried = carried_as_text(&body);
    let fits = carried <= LAMBDA_LIMIT;
    let wanted = accepts == Gzip::Welcome && body.len() >= WORTH_COMPRESSING;
    if fits && !wanted {
        return Ok(Encoded::Plain(body));
    }
    if accepts == Gzip::Refused {
        return Err(ResponseTooLarge { limit: LAMBDA_LIMIT, size: carried });
    }
    match gzip(body.as_bytes()) {
        Some(bytes) if carried_as_bytes(&bytes) <= LAMBDA_LIMIT => Ok(Encoded::Gzip(bytes)),
        Some(bytes) => Err(ResponseTooLarge { limit: LAMBDA_LIMIT, size: carried_as_bytes(&bytes) }),
        None => Ok(Encoded::Plain(body)),
    }
}

/// Largest body that Lambda can send, in bytes, as a JSON string: 6 MB, less room for headers.
const LAMBDA_LIMIT: usize = 6 * 1024 * 1024 - 16 * 1024;

/// The size of a text as a JSON string.
fn carried_as_text(body: &str) -> usize {
    body.bytes()
        .map(|byte| match byte {
            b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
            0..0x20 => 6,
            _ => 1,
        })
        .sum()
}

/// The size of bytes as base64.
const fn carried_as_bytes(bytes: &[u8]) -> usize {
    bytes.len().div_ceil(3) * 4
}

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

    #[test]
    fn what_lambda_carries_is_counted_as_it_carries_it() {
        for text in ["plain", "\"quoted\" \\ \n\t\r", "\u{1}\u{1f}", "é€😀"] {
            assert_eq!(carried_as_text(text) + 2, serde_json::to_string(text).unwrap().len(), "{text:?}");
        }
        assert_eq!(carried_as_bytes(&[0; 4]), 8);
    }
}
