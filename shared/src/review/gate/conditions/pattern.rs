//! Regular expressions: how large they may be, and what it costs to compile them and to look for them.

use super::MAX_PATTERN;
use crate::review::gate::work::Work;
use regex::{Regex, RegexBuilder};

/// A regular expression.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    regex: Regex,
    /// Steps that compiling it took, in the worst case.
    pub(super) compiling: u64,
    /// Steps for each byte that is looked at, in the worst case.
    steps: u64,
}

impl Pattern {
    /// Bytes that a regular expression may take when it is compiled. The time for each byte of a text grows with it.
    const SIZES: [usize; 5] = [4 << 10, 16 << 10, 64 << 10, 256 << 10, 512 << 10];
    /// Bytes that its states may take while it looks.
    const STATES: usize = 256 << 10;
    /// Steps for a character of it: one may name a class of some hundred ranges.
    const READING: u64 = 64;

    /// Compiles it within the smallest size that is enough. How many characters and bytes it may have is said before it is compiled, so
    /// that the steps are bounded, too.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.chars().nth(MAX_PATTERN).is_some() {
            return Err("must be a regular expression of at most 500 characters");
        }
        let mut compiling = 0;
        for size in Self::SIZES {
            compiling += text.len() as u64 * Self::READING + size as u64 / 16;
            let built = RegexBuilder::new(text).size_limit(size).dfa_size_limit(Self::STATES).build();
            match built {
                Ok(regex) => return Ok(Self { regex, compiling, steps: size as u64 / 512 }),
                Err(regex::Error::CompiledTooBig(_)) => {}
                Err(_) => {
                    return Err(
                        "must be a regular expression of Rust's crate `regex`: no look-around, no back-references",
                    );
                }
            }
        }
        Err("is a regular expression that takes too much memory; make it shorter, or its counts smaller")
    }

    /// `None`: looking would be too much work.
    pub(super) fn is_in(&self, text: &str, work: &mut Work) -> Option<bool> {
        let steps = (text.len() as u64 + 1).saturating_mul(self.steps);
        work.afford(steps + 1).then(|| self.regex.is_match(text))
    }
}
