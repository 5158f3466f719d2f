//! NAMING: that a review names an uploaded document. Written with META, and removed when the review's audit says that the document
//! was deleted.

use crate::review::{Document, DocumentId, DocumentSource, OrganizationId, ReviewId, UploadId};
use crate::store::error::StoreError;
use crate::store::table::codec::{self, Attributes, corrupt};
use crate::store::table::keys;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A review, and its names of a document.
pub(in crate::store) struct Naming {
    pub(in crate::store) review: ReviewId,
    pub(in crate::store) names: Vec<DocumentId>,
}

#[derive(Serialize, Deserialize)]
struct NamingItem {
    pk: String,
    sk: String,
    names: Vec<String>,
}

/// The items of a review's documents, one for each upload, however often the review names it.
pub(in crate::store) fn items(id: &ReviewId, documents: &[Document]) -> Result<Vec<Attributes>, StoreError> {
    let mut uploads: BTreeMap<&str, (&UploadId, Vec<String>)> = BTreeMap::new();
    for document in documents {
        if let DocumentSource::Upload { document_id } = &document.source {
            let (_, names) = uploads.entry(document_id.as_str()).or_insert((document_id, Vec::new()));
            names.push(document.id.to_string());
        }
    }
    let item = |(upload, names)| {
        let pk = keys::document(&id.organization, upload);
        codec::encode_item(&NamingItem { pk, sk: keys::naming_review(id), names })
    };
    uploads.into_values().map(item).collect()
}

impl Naming {
    pub(in crate::store) fn decode(
        organization: &OrganizationId,
        item: Attributes,
    ) -> Result<Self, StoreError> {
        let item: NamingItem = codec::decode_item(item)?;
        let names = item.names.iter().map(|name| DocumentId::parse(name)).collect::<Result<_, _>>();
        let review = keys::parse_naming_review(organization, &item.sk)?;
        Ok(Self { review, names: names.map_err(|_| corrupt("names")())? })
    }
}
