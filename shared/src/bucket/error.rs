//! Why a bucket could not answer.

/// Why a bucket could not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BucketError {
    /// There is no such object. S3 says the same of one that may not be read: our functions may not list what there is.
    #[error("there is no such object")]
    NotFound,
    /// The object is larger than the caller can take.
    #[error("the object has {size} bytes; {limit} can be read")]
    TooLarge {
        /// In bytes.
        limit: u64,
        /// In bytes, as far as is known.
        size: u64,
    },
    /// It could not be reached, did not answer in time, failed or throttled.
    #[error("S3 is unavailable: {0}")]
    Unavailable(String),
    /// It refused a request that should not have been refused.
    #[error("S3 refused the request: {0}")]
    Refused(String),
}

impl BucketError {
    /// What an answer that is no success means. `body` is the beginning of S3's XML. Only its code is kept: the rest repeats the key.
    pub(super) fn from_answer(status: u16, body: &[u8]) -> Self {
        let code = code(body);
        match (status, code.as_str()) {
            (404, "NoSuchBucket") => Self::Refused(code),
            (404 | 410, _) | (403, "AccessDenied" | "") => Self::NotFound,
            (408 | 429 | 500..=599, _) | (400, "RequestTimeout" | "ExpiredToken") => {
                Self::Unavailable(format!("{status} {code}"))
            }
            _ => Self::Refused(format!("{status} {code}")),
        }
    }

    pub(super) const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

/// `<Code>…</Code>`: a few letters.
pub(super) fn code(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    let letters = |code: &str| code.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
    code.map(|(code, _)| letters(code)).unwrap_or_default()
}
