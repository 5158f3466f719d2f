//! What one invocation of Lambda carries: an event and an answer, each one JSON document in which a body is a string. So the limits
//! are of the string as it is written: escaped where it is text, base64 where it is not.

/// The largest event, in bytes. Lambda documents 6 MB for request and answer ("Lambda quotas"); the error of its `Invoke` says 6,291,456
/// bytes, 100 fewer than that of an answer.
pub const EVENT_LIMIT: usize = 6 * 1024 * 1024;

/// The largest answer, in bytes: "Response payload size exceeded maximum allowed payload size (6291556 bytes)".
pub const ANSWER_LIMIT: usize = EVENT_LIMIT + 100;

/// How many bytes a text takes as a JSON string, without the quotation marks around it.
pub fn size_as_text(text: &[u8]) -> usize {
    text.iter()
        .map(|byte| match byte {
            b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
            // Some writers have two letters for two more of them; six is what the others take.
            0..0x20 => 6,
            _ => 1,
        })
        .sum()
}

/// How many bytes so many bytes take as base64.
pub const fn size_as_base64(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_counted_as_it_is_written() {
        for text in ["plain", "\"quoted\" \\ \n\t\r", "\u{1}\u{1f}", "é€😀"] {
            let written = serde_json::to_string(text).unwrap();
            assert_eq!(size_as_text(text.as_bytes()) + 2, written.len(), "{text:?}");
        }
        assert_eq!([0, 1, 3, 4].map(size_as_base64), [0, 4, 4, 8]);
    }
}
