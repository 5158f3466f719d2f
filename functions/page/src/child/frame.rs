//! What goes to a child and comes from it: a length, so many bytes of JSON, and the rest.

use crate::job::{Page, Unavailable};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// What a child answers before the picture.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    /// The page. Its picture follows, if one was made.
    Page(Page),
    /// There is none.
    Unavailable(Unavailable),
}

/// A head as it is sent.
pub(super) fn head(value: &impl Serialize) -> Option<Vec<u8>> {
    let json = serde_json::to_vec(value).ok()?;
    let length = u32::try_from(json.len()).ok()?;
    Some([&length.to_le_bytes(), json.as_slice()].concat())
}

/// A head of at most `limit` bytes, and how long it is with its length.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8], limit: usize) -> Option<(T, usize)> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok().filter(|length| *length <= limit)?;
    Some((serde_json::from_slice(rest.get(..length)?).ok()?, 4 + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_comes_back_and_nothing_else_is_one() {
        let mut sent = head(&Answer::Unavailable(Unavailable::TooComplex)).unwrap();
        let length = sent.len();
        sent.extend(b"picture");
        let (answer, at) = parse::<Answer>(&sent, 1000).unwrap();
        assert!(matches!(answer, Answer::Unavailable(Unavailable::TooComplex)));
        assert_eq!((at, &sent[at..]), (length, &b"picture"[..]));
        assert!(parse::<Answer>(&sent, 3).is_none());
        for bytes in [&b""[..], b"\xff\xff\xff\xff{}", b"\x02\0\0\0{}", &sent[..length - 1]] {
            assert!(parse::<Answer>(bytes, 1000).is_none());
        }
    }
}
