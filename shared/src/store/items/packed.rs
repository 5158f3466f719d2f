//! A text as the table holds it: compressed when that is smaller, in chunks below DynamoDB's item limit.

use crate::store::error::StoreError;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};

/// How many bytes of a text go into one item of at most 400 KB.
const CHUNK: usize = 380_000;

/// A text as it is stored.
pub(in crate::store::items) struct Packed {
    bytes: Vec<u8>,
    /// Whether it is compressed (RFC 1951).
    pub(in crate::store::items) deflated: bool,
}

impl Packed {
    pub(in crate::store::items) fn of(text: &str) -> Self {
        let plain = text.as_bytes();
        match deflate(plain).filter(|deflated| deflated.len() < plain.len()) {
            Some(bytes) => Self { bytes, deflated: true },
            None => Self { bytes: plain.to_vec(), deflated: false },
        }
    }

    /// Its size as stored, in bytes.
    pub(in crate::store::items) const fn stored_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// How many items it takes.
    pub(in crate::store::items) const fn chunk_count(&self) -> usize {
        self.bytes.len().div_ceil(CHUNK)
    }

    /// What goes into the first item.
    pub(in crate::store::items) fn first(&self) -> Vec<u8> {
        self.bytes.chunks(CHUNK).next().unwrap_or_default().to_vec()
    }

    /// What goes into the others, with their numbers from 1.
    pub(in crate::store::items) fn others(&self) -> impl Iterator<Item = (u16, Vec<u8>)> {
        (1..).zip(self.bytes.chunks(CHUNK).skip(1).map(<[u8]>::to_vec))
    }
}

/// The text of all chunks of a [`Packed`]; `None` if they do not fit together.
pub(in crate::store::items) fn unpack(body: Vec<u8>, deflated: bool) -> Option<String> {
    let bytes = if deflated { inflate(&body)? } else { body };
    String::from_utf8(bytes).ok()
}

/// The error of a text that cannot be unpacked.
pub(in crate::store::items) fn unreadable(what: &str) -> StoreError {
    StoreError::Corrupt(format!("the chunks of {what} do not fit together"))
}

/// A further chunk.
#[derive(Serialize, Deserialize)]
pub(in crate::store::items) struct ChunkItem {
    pub(in crate::store::items) pk: String,
    pub(in crate::store::items) sk: String,
    #[serde(with = "serde_bytes")]
    pub(in crate::store::items) body: Vec<u8>,
}

fn deflate(plain: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok()
}

fn inflate(packed: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    DeflateDecoder::new(packed).read_to_end(&mut plain).ok()?;
    Some(plain)
}
