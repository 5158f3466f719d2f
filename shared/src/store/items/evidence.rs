//! EVIDENCE: what came with an output, and what the gate found, beside version 0. It is written once, with META.

use crate::review::{Document, DocumentId, DocumentSource, Evidence, JsonText, Opening, ReviewId, UploadId};
use crate::store::error::{StoreError, TooLarge};
use crate::store::items::packed::{ChunkItem, Packed, unpack, unreadable};
use crate::store::items::version::{PackedSnapshot, SNAPSHOT_LIMIT};
use crate::store::table::codec::{self, Attributes, corrupt};
use crate::store::table::keys;
use serde::{Deserialize, Serialize};

/// What an opening stores beside META, as it is stored.
pub struct PackedOpening {
    /// The output.
    pub snapshot: PackedSnapshot,
    evidence: Option<Packed>,
}

impl PackedOpening {
    /// Packs what an opening stores. All of it is written in one transaction, so together it may be as large as a snapshot alone.
    pub fn pack(opening: &Opening) -> Result<Self, TooLarge> {
        let snapshot = PackedSnapshot::pack(&opening.snapshot.text)?;
        let evidence =
            opening.evidence.is_stored().then(|| Packed::of(&StoredEvidence::text(&opening.evidence)));
        let size = snapshot.stored_bytes() + evidence.as_ref().map_or(0, Packed::stored_bytes);
        if size > SNAPSHOT_LIMIT {
            let what = "The snapshot and what came with it, compressed,";
            return Err(TooLarge { what, limit: SNAPSHOT_LIMIT, size });
        }
        Ok(Self { snapshot, evidence })
    }

    /// The items of EVIDENCE; none if nothing came with the output.
    pub(in crate::store) fn evidence_items(&self, id: &ReviewId) -> Result<Vec<Attributes>, StoreError> {
        let Some(packed) = &self.evidence else { return Ok(Vec::new()) };
        let head = EvidenceItem {
            pk: keys::review(id),
            sk: keys::evidence(0),
            body: packed.first(),
            deflated: packed.deflated,
            chunks: packed.chunk_count(),
        };
        let mut items = vec![codec::encode_item(&head)?];
        for (index, body) in packed.others() {
            items.push(codec::encode_item(&ChunkItem {
                pk: keys::review(id),
                sk: keys::evidence(index),
                body,
            })?);
        }
        Ok(items)
    }
}

/// The first chunk.
#[derive(Serialize, Deserialize)]
struct EvidenceItem {
    pk: String,
    sk: String,
    #[serde(with = "serde_bytes")]
    body: Vec<u8>,
    /// Whether the body is compressed (RFC 1951).
    deflated: bool,
    chunks: usize,
}

/// What the items of EVIDENCE hold, in the order of their keys; `None` if one is missing.
pub(in crate::store) fn decode(items: Vec<Attributes>) -> Result<Option<Evidence>, StoreError> {
    let mut items = items.into_iter();
    // A query that saw half of a transaction may lack the first chunk, too.
    let Some(head) = items.next().filter(|head| head.contains_key("chunks")) else { return Ok(None) };
    let mut head: EvidenceItem = codec::decode_item(head)?;
    let mut seen = 1;
    for attributes in items {
        head.body.extend(codec::decode_item::<ChunkItem>(attributes)?.body);
        seen += 1;
    }
    if seen != head.chunks {
        return Ok(None);
    }
    let text = unpack(head.body, head.deflated).ok_or_else(|| unreadable("the evidence"))?;
    let stored: StoredEvidence = serde_json::from_str(&text).map_err(|_| unreadable("the evidence"))?;
    stored.decode().map(Some)
}

/// What came with an output, as one JSON text. Each JSON in it stays the text that came.
#[derive(Serialize, Deserialize)]
struct StoredEvidence {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    documents: Vec<StoredDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    json_schema: Option<Raw>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    likelihoods: Option<Raw>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sources: Option<Raw>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    evidence: Option<Raw>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    evaluation: Option<Raw>,
}

type Raw = Box<serde_json::value::RawValue>;

#[derive(Serialize, Deserialize)]
struct StoredDocument {
    id: String,
    filename: String,
    mime_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    upload: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    s3: Option<StoredObject>,
}

#[derive(Serialize, Deserialize)]
struct StoredObject {
    bucket: String,
    key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
}

impl StoredEvidence {
    fn text(evidence: &Evidence) -> String {
        let raw = |text: &Option<JsonText>| text.as_ref().map(|text| text.raw().to_owned());
        let stored = Self {
            documents: evidence.documents.iter().map(StoredDocument::of).collect(),
            json_schema: raw(&evidence.json_schema),
            likelihoods: raw(&evidence.likelihoods),
            sources: raw(&evidence.sources),
            evidence: raw(&evidence.evidence),
            evaluation: raw(&evidence.evaluation),
        };
        // These types have string keys and no failing serializer.
        serde_json::to_string(&stored).unwrap_or_default()
    }

    fn decode(self) -> Result<Evidence, StoreError> {
        let text = |raw: Option<Raw>| raw.map(|raw| JsonText::from(&*raw));
        Ok(Evidence {
            documents: self.documents.into_iter().map(StoredDocument::decode).collect::<Result<_, _>>()?,
            json_schema: text(self.json_schema),
            likelihoods: text(self.likelihoods),
            sources: text(self.sources),
            evidence: text(self.evidence),
            evaluation: text(self.evaluation),
        })
    }
}

impl StoredDocument {
    fn of(document: &Document) -> Self {
        let (upload, s3) = match &document.source {
            DocumentSource::Upload { document_id } => (Some(document_id.to_string()), None),
            DocumentSource::S3 { bucket, key, version_id } => {
                let object =
                    StoredObject { bucket: bucket.clone(), key: key.clone(), version_id: version_id.clone() };
                (None, Some(object))
            }
        };
        Self {
            id: document.id.to_string(),
            filename: document.filename.clone(),
            mime_type: document.mime_type.clone(),
            upload,
            s3,
        }
    }

    fn decode(self) -> Result<Document, StoreError> {
        let source = match (self.upload, self.s3) {
            (Some(id), None) => {
                let document_id = UploadId::parse(&id).map_err(|_| corrupt("a document's upload")())?;
                DocumentSource::Upload { document_id }
            }
            (None, Some(StoredObject { bucket, key, version_id })) => {
                DocumentSource::S3 { bucket, key, version_id }
            }
            _ => return Err(corrupt("a document's source")()),
        };
        let id = DocumentId::parse(&self.id).map_err(|_| corrupt("a document's id")())?;
        Ok(Document { id, filename: self.filename, mime_type: self.mime_type, source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::tests::properties::{evidences, opening};
    use proptest::prelude::*;

    fn items(evidence: Evidence) -> Vec<Attributes> {
        let (opening, _) = opening();
        let opening = Opening { evidence, ..opening };
        PackedOpening::pack(&opening).unwrap().evidence_items(&opening.id).unwrap()
    }

    proptest! {
        #[test]
        fn evidence_reads_back_to_the_letter(evidence in evidences()) {
            let items = items(evidence.clone());
            prop_assert_eq!(items.is_empty(), !evidence.is_stored());
            if evidence.is_stored() {
                prop_assert_eq!(decode(items).unwrap(), Some(evidence));
            }
        }

        /// What differs is named, and what is the same is not.
        #[test]
        fn evidence_differs_from_another_in_the_fields_that_do(one in evidences(), other in evidences()) {
            let differs = [
                ("documents", one.documents != other.documents),
                ("json_schema", one.json_schema != other.json_schema),
                ("likelihoods", one.likelihoods != other.likelihoods),
                ("sources", one.sources != other.sources),
                ("evidence", one.evidence != other.evidence),
            ];
            let names: Vec<&str> = differs.iter().filter(|(_, differs)| *differs).map(|(name, _)| *name).collect();
            prop_assert_eq!(one.digest() == other.digest(), names.is_empty());
            prop_assert_eq!(one.differences(&other), names);
        }
    }

    #[test]
    fn evidence_of_which_a_chunk_is_missing_is_not_read() {
        let noise: Vec<String> =
            (0_u32..140_000).map(|index| format!("{:x}", index.wrapping_mul(2_654_435_761))).collect();
        let noise = noise.concat();
        let text = JsonText::parse(format!("{{\"a\":\"{noise}\"}}")).unwrap();
        let evidence = Evidence { sources: Some(text), ..Evidence::default() };
        let all = items(evidence.clone());
        assert!(all.len() > 1, "{}", all.len());
        assert_eq!(decode(all.clone()).unwrap(), Some(evidence));
        for missing in 0..all.len() {
            let mut items = all.clone();
            items.remove(missing);
            assert_eq!(decode(items).unwrap(), None);
        }
        assert_eq!(decode(Vec::new()).unwrap(), None);
    }
}
