//! `POST /v1/documents`: a URL to upload a document to.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lambda_http::http::StatusCode;
use shared::api::{
    Answer, App, Body, Call, Caller, Code, Content, Endpoint, Error, FILENAME, Field, FieldErrors, Fields,
    MIME_TYPE, Object, Reply, Shape, UploadView, integer, schema_of, text_of,
};
use shared::bucket::{DocumentPlace, PutOf, UPLOAD_LIMIT, attachment};
use shared::hex::{hex, unhex};
use shared::new_id::random;
use shared::review::UploadId;
use shared::store::Scope;
use std::future::ready;
use std::time::Duration;

/// How long the URL is valid: an upload must begin within that time.
const VALID_FOR: Duration = Duration::from_mins(15);

/// The endpoint.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Upload a document",
    description: "Send the file to `upload.url` with `upload.method` and all of `upload.headers`; a file of another size or SHA-256 is \
        refused there. Then name it as a document of a review, with `source: {kind: \"upload\", document_id}`. An upload that no \
        review names is deleted after a day.",
    body: Some(&BODY),
    example: Some(
        r#"{
            "filename": "invoice-2026-0418.pdf",
            "mime_type": "application/pdf",
            "size": 48213,
            "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
        }"#,
    ),
    answers: &[Answer::json(201, "Where to send the file.", schema_of::<UploadView>)],
    errors: &[Code::BodyTooLarge],
    ..Endpoint::new("create-document", "POST", "/v1/documents", Scope::Runtime, |app, caller, call| {
        Box::pin(ready(create(app, caller, call)))
    })
};

const SIZE: Field<u32> =
    Field::new("size", "Its size in bytes, at most 100 MiB.", integer(1..=UPLOAD_LIMIT as i64));
const SHA256: Field<String> = Field::new(
    "sha256",
    "The SHA-256 of the file, in hexadecimal and lower case.",
    text_of(64..=64, Content::Sha256),
);

const BODY: Body = Body {
    object: Object {
        name: "CreateDocumentRequest",
        about: "The body of `create-document`.",
        shape: Shape::Fields(&[FILENAME.spec, MIME_TYPE.spec, SIZE.spec, SHA256.spec]),
    },
    limit: Body::SMALL,
};

struct Request {
    filename: String,
    mime_type: String,
    size: u32,
    sha256: String,
}

/// Nothing is stored: the URL says all there is to say.
fn create(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let Request { filename, mime_type, size, sha256 } = parse(call)?;
    let document_id = new_id()?;
    let key = DocumentPlace::upload(&caller.organization, &document_id);
    let put = PutOf {
        key: &key,
        size: size.into(),
        content_type: &mime_type,
        sha256_base64: &STANDARD.encode(unhex(&sha256)),
        disposition: &attachment(&filename),
    };
    let presigned = app.files()?.presign_put(&put, VALID_FOR)?;
    Ok(Reply::json(StatusCode::CREATED, &UploadView::new(document_id, presigned)))
}

fn parse(call: &Call) -> Result<Request, Error> {
    let mut errors = FieldErrors::new();
    let request = call.body(&BODY, &mut errors, read)?;
    Ok(errors.finish(request)?)
}

fn read(body: &mut Fields<'_, '_>) -> Option<Request> {
    let (filename, mime_type) = (body.read(&FILENAME), body.read(&MIME_TYPE));
    let (size, sha256) = (body.read(&SIZE), body.read(&SHA256));
    Some(Request { filename: filename?, mime_type: mime_type?, size: size?, sha256: sha256? })
}

/// 128 random bits: who guesses one has no key of its organization all the same.
fn new_id() -> Result<UploadId, Error> {
    let random: [u8; 16] = random().map_err(|_| Error::Panicked)?;
    UploadId::parse(&format!("doc_{}", hex(&random))).map_err(|_| Error::Panicked)
}
