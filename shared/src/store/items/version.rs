//! Versions as the table holds them: compressed when that is smaller, in chunks below DynamoDB's item limit.

use crate::review::{ContentHash, JsonText, OutputVersion, ReviewId, Seq, Timestamp};
use crate::store::error::{StoreError, TooLarge};
use crate::store::items::packed::{ChunkItem, Packed, unpack, unreadable};
use crate::store::items::values::{StoredActor, StoredOrigin};
use crate::store::table::codec::{self, Attributes};
use crate::store::table::keys;
use serde::{Deserialize, Serialize};

/// Largest snapshot as it is stored, compressed if that is smaller, in bytes. With META and an AUDIT page beside it,
/// it fits the 4 MB of one DynamoDB transaction.
pub const SNAPSHOT_LIMIT: usize = 3_400_000;
/// All of a review's versions as stored, with its notes, reasons and audit, in bytes: a larger overlay would not fit Lambda's
/// answer even when compressed. 1,100,000 bytes are left for what may follow the last version: 101 decisions and 50 reopenings
/// (`review::limits`) with reasons that do not compress.
pub const REVIEW_LIMIT: usize = 3_600_000;
/// All of a review's snapshots as JSON text, in bytes: an overlay beyond it would not fit Lambda's memory.
pub const REVIEW_TEXT_LIMIT: usize = 24_000_000;

/// A snapshot as it is stored.
pub struct PackedSnapshot(Packed);

impl PackedSnapshot {
    /// Packs a snapshot.
    pub fn pack(snapshot: &JsonText) -> Result<Self, TooLarge> {
        let packed = Packed::of(snapshot.as_str());
        let size = packed.stored_bytes();
        if size <= SNAPSHOT_LIMIT {
            Ok(Self(packed))
        } else {
            Err(TooLarge { what: "The snapshot, compressed,", limit: SNAPSHOT_LIMIT, size })
        }
    }

    /// Its size as stored, in bytes.
    pub const fn stored_bytes(&self) -> usize {
        self.0.stored_bytes()
    }

    /// The items of a version with this snapshot.
    pub(in crate::store) fn items(
        &self,
        id: &ReviewId,
        version: &OutputVersion,
    ) -> Result<Vec<Attributes>, StoreError> {
        let head = VersionItem {
            pk: keys::review(id),
            sk: keys::version(version.seq, 0),
            seq: version.seq.0,
            parent_seq: version.parent_seq.map(|seq| seq.0),
            author: StoredActor::from(&version.author),
            origin: version.origin.into(),
            body: self.0.first(),
            deflated: self.0.deflated,
            chunks: self.0.chunk_count(),
            content_sha256: version.content_sha256.0,
            note: version.note.clone(),
            created_at: version.created_at.millis(),
        };
        let mut items = vec![codec::encode_item(&head)?];
        for (index, body) in self.0.others() {
            let sk = keys::version(version.seq, index);
            items.push(codec::encode_item(&ChunkItem { pk: keys::review(id), sk, body })?);
        }
        Ok(items)
    }
}

/// The first chunk of an immutable snapshot, and all else about its version.
#[derive(Serialize, Deserialize)]
struct VersionItem {
    pk: String,
    sk: String,
    seq: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent_seq: Option<u32>,
    author: StoredActor,
    origin: StoredOrigin,
    #[serde(with = "serde_bytes")]
    body: Vec<u8>,
    /// Whether the body is compressed (RFC 1951).
    deflated: bool,
    chunks: usize,
    #[serde(with = "serde_bytes")]
    content_sha256: [u8; 32],
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    created_at: i64,
}

/// Assembles versions from their items, which must come in key order.
#[derive(Default)]
pub(in crate::store) struct Unpacker {
    open: Option<(VersionItem, usize)>,
    torn: bool,
    pub(in crate::store) versions: Vec<OutputVersion>,
    /// Size of the versions as stored, in bytes.
    pub(in crate::store) stored_bytes: usize,
}

impl Unpacker {
    /// Whether parts of a version were missing.
    pub(in crate::store) fn is_torn(&self) -> bool {
        self.torn || self.open.is_some()
    }

    pub(in crate::store) fn take(&mut self, attributes: Attributes) -> Result<(), StoreError> {
        if attributes.contains_key("seq") {
            let head: VersionItem = codec::decode_item(attributes)?;
            self.open = Some((head, 1));
        } else if let Some((head, seen)) = self.open.as_mut() {
            let chunk: ChunkItem = codec::decode_item(attributes)?;
            head.body.extend_from_slice(&chunk.body);
            *seen += 1;
        } else {
            // The query saw half of a transaction: the first chunk is not visible yet.
            self.torn = true;
        }
        if let Some((head, _)) = self.open.take_if(|(head, seen)| *seen >= head.chunks) {
            self.stored_bytes += head.body.len();
            self.versions.push(head.decode()?);
        }
        Ok(())
    }
}

impl VersionItem {
    fn decode(self) -> Result<OutputVersion, StoreError> {
        let text = unpack(self.body, self.deflated).ok_or_else(|| unreadable("a snapshot"))?;
        Ok(OutputVersion {
            seq: Seq(self.seq),
            parent_seq: self.parent_seq.map(Seq),
            author: self.author.decode()?,
            origin: self.origin.into(),
            snapshot: JsonText::parse(text).map_err(|_| unreadable("a snapshot"))?,
            content_sha256: ContentHash(self.content_sha256),
            note: self.note,
            created_at: Timestamp::from_millis(self.created_at),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::tests::properties::review_and_version;

    fn round_trip(snapshot: String) -> (usize, OutputVersion) {
        let (review, mut version) = review_and_version();
        version.snapshot = JsonText::parse(snapshot).unwrap();
        let items = PackedSnapshot::pack(&version.snapshot).unwrap().items(&review.id, &version).unwrap();
        let count = items.len();
        let mut unpacker = Unpacker::default();
        for attributes in items {
            unpacker.take(attributes).unwrap();
        }
        assert_eq!(unpacker.versions, vec![version.clone()]);
        (count, version)
    }

    /// JSON text that hardly compresses.
    fn noise(bytes: usize) -> String {
        use sha2::{Digest, Sha256};
        let mut text = String::from("\"");
        for index in 0_u64.. {
            if text.len() >= bytes {
                break;
            }
            text.extend(Sha256::digest(index.to_be_bytes()).iter().map(|byte| char::from(35 + byte % 57)));
        }
        text + "\""
    }

    #[test]
    fn snapshots_of_any_size_come_back_to_the_letter() {
        assert_eq!(round_trip("{}".into()).0, 1);
        assert_eq!(round_trip(format!("\"{}\"", "x".repeat(5_000_000))).0, 1);
        assert!(round_trip(noise(3_000_000)).0 > 5);
    }

    #[test]
    fn the_first_size_that_is_refused_is_just_over_the_limit_as_stored() {
        let pack = |bytes| PackedSnapshot::pack(&JsonText::parse(noise(bytes)).unwrap());
        let (mut fits, mut refused) = (4_500_000, 5_500_000);
        assert!(pack(fits).is_ok() && pack(refused).is_err());
        // A SHA-256 at a time: the noise grows by 32 letters.
        while refused - fits > 32 {
            let middle = usize::midpoint(fits, refused);
            *(if pack(middle).is_ok() { &mut fits } else { &mut refused }) = middle;
        }
        let Err(fault) = pack(refused) else { panic!("it fit") };
        println!("text of noise: {fits} bytes fit, {refused} do not: {fault:?}");
        assert!(
            fault.limit == SNAPSHOT_LIMIT && fault.size > SNAPSHOT_LIMIT && fault.size < SNAPSHOT_LIMIT + 100
        );
        assert!(pack(fits).is_ok_and(|packed| packed.stored_bytes() > SNAPSHOT_LIMIT - 100));
    }
}
