//! What may come with an output: documents, schema, likelihoods, sources and evidence.

use super::sources;
use shared::api::{
    Content, FILENAME, Field, Fields, JsonLimits, List, Listed, MIME_TYPE, Nested, Object, OfOthers, Shape,
    Variant, fraction, identifier, integer, json_object, limited_json_object, object, objects, one_of, text,
    text_of,
};
use shared::bucket::Bucket;
use shared::review::{
    ContentFault, Document, DocumentId, DocumentSource, DocumentSourceKind, Evidence, HashedJson, JsonText,
    MAX_DOCUMENTS, MAX_ENTRIES, MAX_LABELS, MAX_PAGE, MAX_SCHEMA, UploadId, likelihood_faults, schema_faults,
    source_faults,
};
use std::collections::HashSet;

/// Longest text of an entry, in characters.
const MAX_TEXT: usize = 4000;
/// Longest JSON Pointer of an entry, in characters.
const MAX_PATH: usize = 1024;

/// The documents.
pub const DOCUMENTS: Field<Option<Listed>> = Field::new(
    "documents",
    "The documents that the output was read from; their ids, file names and media types together are at most 4,096 bytes.",
    objects(
        &Object {
            name: "DocumentGiven",
            about: "A document that an output was read from.",
            shape: Shape::Fields(&[ID.spec, FILENAME.spec, MIME_TYPE.spec, SOURCE.spec]),
        },
        MAX_DOCUMENTS,
    ),
)
.optional();
const ID: Field<DocumentId> = Field::new("id", "Your name for the document in this review.", identifier());
const SOURCE: Field<Nested> = Field::new(
    "source",
    "Where the document is.",
    object(&Object {
        name: "DocumentPlace",
        about: "Where a document is.",
        shape: Shape::Variants {
            tag: SOURCE_KIND.spec,
            variants: &[
                Variant { word: DocumentSourceKind::Upload.word(), fields: &[UPLOAD.spec] },
                Variant {
                    word: DocumentSourceKind::S3.word(),
                    fields: &[BUCKET.spec, KEY.spec, VERSION_ID.spec],
                },
            ],
            of_others: OfOthers::Unknown,
        },
    }),
);
const SOURCE_KIND: Field<DocumentSourceKind> =
    Field::new("kind", "The kind of place.", one_of(DocumentSourceKind::WORDS));
const UPLOAD: Field<UploadId> = Field::new("document_id", "The upload.", identifier());
/// Its limits are those of S3, as are the next two's.
const BUCKET: Field<String> = Field::new("bucket", "The bucket.", text_of(3..=63, Content::BucketName));
const KEY: Field<String> = Field::new("key", "The object's key.", text_of(1..=1024, Content::Name));
const VERSION_ID: Field<Option<String>> = Field::new(
    "version_id",
    "The object's version; by default the newest.",
    text_of(1..=1024, Content::Name),
)
.optional();

/// The schema.
pub const JSON_SCHEMA: Field<Option<HashedJson>> = Field::new(
    "json_schema",
    "The JSON Schema of the output, 2020-12 or draft 7, at most 262,144 bytes. It refers to nothing outside itself.",
    limited_json_object(JsonLimits { max_bytes: Some(MAX_SCHEMA), text_field: None }),
)
.optional();
/// The likelihoods.
pub const LIKELIHOODS: Field<Option<HashedJson>> = Field::new(
    "likelihoods",
    "How likely each value is: it mirrors the output, with numbers from 0 to 1, or null.",
    json_object(),
)
.optional();
/// The sources.
pub const SOURCES: Field<Option<HashedJson>> = Field::new(
    "sources",
    "Where each value stands: it mirrors the output, with `{value, source: {content, anchor}}` for each value. An anchor is \
        `{kind, …}`; one of the kind `pdf_bbox` or `image_bbox` has a `page` from 1, and `left`, `top`, `width` and `height` from 0 \
        to 1, measured from the top left.",
    json_object(),
)
.optional();

/// The evidence.
pub const EVIDENCE: Field<Option<Listed>> = Field::new(
    "evidence",
    "Where values stand and how likely they are, as a list: for outputs without likelihoods and sources of their own shape.",
    objects(
        &Object {
            name: "EvidenceEntry",
            about: "Where a value stands and how likely it is.",
            shape: Shape::Fields(&[
                PATH.spec,
                CONFIDENCE.spec,
                DOCUMENT_ID.spec,
                PAGE.spec,
                BOX.spec,
                TEXT.spec,
            ]),
        },
        MAX_ENTRIES,
    ),
)
.optional();
const PATH: Field<String> = Field::new(
    "path",
    "The value: a JSON Pointer into the output.",
    text_of(0..=MAX_PATH, Content::JsonPointer),
);
const CONFIDENCE: Field<Option<f64>> =
    Field::new("confidence", "How likely the value is.", fraction()).optional();
const DOCUMENT_ID: Field<Option<DocumentId>> =
    Field::new("document_id", "The `id` of one of the `documents`.", identifier()).optional();
const PAGE: Field<Option<u32>> =
    Field::new("page", "The page, from 1.", integer(1..=MAX_PAGE as i64)).optional();
const BOX: Field<Option<Nested>> = Field::new(
    "box",
    "Where on the page.",
    object(&Object {
        name: "PageBox",
        about: "A part of a page, in fractions of its width and height, from the top left.",
        shape: Shape::Fields(&[LEFT.spec, TOP.spec, WIDTH.spec, HEIGHT.spec]),
    }),
)
.optional();
const LEFT: Field<f64> = Field::new("left", "Its left side.", fraction());
const TOP: Field<f64> = Field::new("top", "Its upper side.", fraction());
const WIDTH: Field<f64> = Field::new("width", "Its width.", fraction());
const HEIGHT: Field<f64> = Field::new("height", "Its height.", fraction());
const TEXT: Field<Option<String>> =
    Field::new("text", "What the document says there.", text(0..=MAX_TEXT)).optional();

/// All that came with an output. An empty list is as good as none.
pub(crate) fn read(bucket: Option<&Bucket>, body: &mut Fields<'_, '_>) -> Option<Evidence> {
    let (documents, ids) = read_documents(bucket, body);
    let json_schema = read_json(body, &JSON_SCHEMA, schema_faults);
    let likelihoods = read_json(body, &LIKELIHOODS, likelihood_faults);
    let sources = read_json(body, &SOURCES, |sources| source_faults(sources, |id| ids.contains(id)));
    let evidence = body.list(&EVIDENCE, |entry| read_entry(entry, &ids));
    let evidence = evidence?.filter(|list| !list.items.is_empty()).map(|list| list.text);
    Some(Evidence {
        documents: documents?,
        json_schema: json_schema?,
        likelihoods: likelihoods?,
        sources: sources?,
        evidence,
        evaluation: None,
    })
}

/// The documents, and the ids of all that have one, also where something else is wrong with them.
fn read_documents(
    bucket: Option<&Bucket>,
    body: &mut Fields<'_, '_>,
) -> (Option<Vec<Document>>, HashSet<String>) {
    let mut ids = HashSet::new();
    let documents = body.list(&DOCUMENTS, |document| {
        let id = document.read(&ID);
        let is_new = id.as_ref().is_none_or(|id| ids.insert(id.to_string()));
        if !is_new {
            document.reject("id", "duplicate_field", "is the id of an earlier document");
        }
        let (filename, mime_type) = (document.read(&FILENAME), document.read(&MIME_TYPE));
        let source = document.required_object(&SOURCE, read_source);
        if let Some(Err(fault)) = source.as_ref().map(|source| sources::check(bucket, source)) {
            document.reject("source", fault.code, fault.message);
        }
        Some(Document { id: id?, filename: filename?, mime_type: mime_type?, source: source? })
    });
    let documents = documents.map(|list| list.map_or_else(Vec::new, |List { items, .. }| items));
    let size = documents.iter().flatten().map(Document::label_bytes).sum::<usize>();
    if size > MAX_LABELS {
        let message = format!(
            "must have ids, file names and media types of at most {MAX_LABELS} bytes together, not {size}"
        );
        body.reject("documents", "out_of_range", message);
    }
    (documents, ids)
}

fn read_source(source: &mut Fields<'_, '_>) -> Option<DocumentSource> {
    match source.choose(&SOURCE_KIND)? {
        DocumentSourceKind::Upload => {
            source.read(&UPLOAD).map(|document_id| DocumentSource::Upload { document_id })
        }
        DocumentSourceKind::S3 => {
            let (bucket, key, version_id) =
                (source.read(&BUCKET), source.read(&KEY), source.read(&VERSION_ID));
            Some(DocumentSource::S3 { bucket: bucket?, key: key?, version_id: version_id? })
        }
    }
}

/// A JSON object with what is wrong inside it.
#[allow(clippy::option_option)] // wrong, absent, there
fn read_json(
    body: &mut Fields<'_, '_>,
    field: &Field<Option<HashedJson>>,
    faults: impl FnOnce(&JsonText) -> Vec<ContentFault>,
) -> Option<Option<JsonText>> {
    let text = body.read(field)?.map(|json| json.text);
    let faults = text.as_ref().map(faults).unwrap_or_default();
    let places = faults.into_iter().map(|ContentFault { path, message }| (path, message));
    body.reject_inside(field.spec.name, places);
    Some(text)
}

/// One entry of the evidence. What it says is kept as the text that came.
fn read_entry(entry: &mut Fields<'_, '_>, ids: &HashSet<String>) -> Option<()> {
    let path = entry.read(&PATH);
    let (confidence, page) = (entry.read(&CONFIDENCE), entry.read(&PAGE));
    let document = entry.read(&DOCUMENT_ID);
    if document.iter().flatten().any(|id| !ids.contains(id.as_str())) {
        entry.reject("document_id", "invalid_value", "must be the id of one of the `documents`");
    }
    let place = entry.object(&BOX, |sides| {
        let (left, top) = (sides.read(&LEFT), sides.read(&TOP));
        let (width, height) = (sides.read(&WIDTH), sides.read(&HEIGHT));
        left.and(top).and(width).and(height).map(drop)
    });
    let text = entry.read(&TEXT);
    path.and(confidence.map(drop)).and(page.map(drop)).and(place.map(drop)).and(text.map(drop))
}
