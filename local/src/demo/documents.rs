//! The files of the demo: the documents that its reviews were read from, and the schemas of what was read. `scripts/demo-documents`
//! makes them.

/// A document, and the media type that it is uploaded with.
pub struct DemoDocument {
    /// Its name.
    pub filename: &'static str,
    /// Its media type.
    pub mime_type: &'static str,
    /// All of it.
    pub content: &'static [u8],
}

macro_rules! documents {
    ($($mime_type:literal: $($filename:literal),+;)+) => {
        [$($(DemoDocument {
            filename: $filename,
            mime_type: $mime_type,
            content: include_bytes!(concat!("../../demo/documents/", $filename)),
        }),+),+]
    };
}

macro_rules! schemas {
    ($($name:literal),+) => {
        [$(($name, include_str!(concat!("../../demo/schemas/", $name, ".json")))),+]
    };
}

const DOCUMENTS: [DemoDocument; 20] = documents! {
    "application/pdf":
        "Bestellung_4500031877.pdf", "CTS-100482.pdf", "FA-2026-0532.pdf", "HPW-2026-0418.pdf", "KWU-SVC-2026-019.pdf",
        "LDC-2026-0093_scan.pdf", "RE-2026-1187.pdf", "SL-7741-0926.pdf", "TRL-20931.pdf", "claim_2026-04471_post.pdf",
        "claim_MV-418-20447.pdf", "factura-2026-214.pdf", "factuur-20260311.pdf", "ridings_energy_letter.pdf", "scan_0887.pdf",
        "scan_20260512_0931.pdf", "statement_2026-004.pdf";
    "image/jpeg": "beleg_4471.jpg", "receipt_0057.jpg";
    "image/tiff": "DN-50933.tiff";
};

const SCHEMAS: [(&str, &str); 11] = schemas![
    "approval-branch",
    "bank-details",
    "bank-statement",
    "contract",
    "delivery-note",
    "invoice",
    "mail-label",
    "mailroom-split",
    "motor-claim",
    "purchase-order",
    "receipt"
];

/// What is to be uploaded before the reviews are opened.
pub fn uploads() -> impl Iterator<Item = &'static DemoDocument> {
    DOCUMENTS.iter()
}

/// The document that a body names as `FILE:documents/NAME`.
pub(super) fn document(reference: &str) -> Option<&'static DemoDocument> {
    let filename = reference.strip_prefix("FILE:documents/")?;
    DOCUMENTS.iter().find(|document| document.filename == filename)
}

/// The schema that a body names as `FILE:schemas/NAME.json`.
pub(super) fn schema(reference: &str) -> Option<&'static str> {
    let name = reference.strip_prefix("FILE:schemas/")?.strip_suffix(".json")?;
    SCHEMAS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// The schemas, by name.
#[cfg(test)]
pub(super) fn schemas() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    SCHEMAS.iter()
}
