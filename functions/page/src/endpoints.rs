//! What is asked for, by the API and under a session of the inbox, and how it is answered.

use crate::documents::{self, Place};
use crate::job::{Format, Picture};
use crate::pages;
use lambda_http::http::{StatusCode, header};
use shared::api::{
    Answer, Answered, App, Call, Caller, Code, Endpoint, Error, Field, FieldErrors, FieldSpec, Handler,
    Literal, Reply, Route, Site, document_path, integer, schema_of, signed_in,
};
use shared::store::Scope;

/// The function's name.
pub const NAME: &str = "page";

/// The widths of pictures, in pixels: few, so that few are made and kept.
const WIDTHS: [u32; 4] = [800, 1200, 1600, 2400];

const WIDTH: Field<u32> = Field::new(
    "width",
    "Its width in pixels. It is made 800, 1200, 1600 or 2400 wide: the least that is enough.",
    integer(800..=2400),
)
.default(Literal::Integer(1200));

const QUERY: &[FieldSpec] = &[WIDTH.spec];

/// The picture of a page.
pub const ENDPOINT: Endpoint = Endpoint {
    summary: "Show a page of a document",
    description: "A picture of the page: of a PDF or a TIFF lossless WebP, or PNG where `Accept` does not allow WebP. A PNG, JPEG or \
        WebP file comes as it is, and a text, CSV, JSON or XML file as plain text; both are one page. The first view renders the page and keeps it. \
        What is too large to be answered so is a JPEG. It never changes, unless the document is an object in a bucket of yours, \
        named without its version: then it is that of its present content.",
    query: QUERY,
    answers: &[Answer::file(200, "The picture.", &["image/webp", "image/png", "image/jpeg", "text/plain"])],
    errors: ERRORS,
    has_etag: true,
    ..Endpoint::new(
        NAME,
        "GET",
        "/v1/workflows/reviews/{run_id}/{block_id}/documents/{document_id}/pages/{page}",
        Scope::Read,
        |app, caller, call| Box::pin(picture(app, caller, call)),
    )
};

/// The words of a page.
pub const WORDS: Endpoint = Endpoint {
    of_function: Some(NAME),
    summary: "Read the words of a page",
    description: "Each word with its place: left, top, width and height as parts of the page's width and height, from the top left. \
        The text layer of a scanned PDF is included. Where there is none, `has_text` is false. `warnings` says what the picture may \
        lack. It never changes.",
    answers: &[Answer::json(200, "The words.", schema_of::<crate::job::Page>)],
    errors: ERRORS,
    has_etag: true,
    ..Endpoint::new(
        "page-words",
        "GET",
        "/v1/workflows/reviews/{run_id}/{block_id}/documents/{document_id}/pages/{page}/words",
        Scope::Read,
        |app, caller, call| Box::pin(words(app, caller, call)),
    )
};

const ERRORS: &[Code] = &[
    Code::ReviewNotFound,
    Code::DocumentNotFound,
    Code::PageUnavailable,
    Code::RendererBusy,
    Code::ResponseTooLarge,
];

/// The calls of the API that this function answers.
pub const HANDLERS: &[(Route, Handler)] = &[(ENDPOINT.route, ENDPOINT.handler), (WORDS.route, WORDS.handler)];

/// The same for those who are signed in to the inbox, and the download.
pub const SITE: Site = Site {
    name: NAME,
    paths: &[DOWNLOAD, PICTURE, PICTURE_WORDS],
    handle: |app, call| Box::pin(visit(app, call)),
    failed: Error::reply,
};

const DOWNLOAD: &str = "/inbox/reviews/{run_id}/{block_id}/documents/{document_id}";
const PICTURE: &str = "/inbox/reviews/{run_id}/{block_id}/documents/{document_id}/pages/{page}";
const PICTURE_WORDS: &str = "/inbox/reviews/{run_id}/{block_id}/documents/{document_id}/pages/{page}/words";

async fn visit(app: &App, call: &Call) -> Answered {
    let caller = match signed_in(app, call).await {
        Ok(Some((caller, _))) => caller,
        Ok(None) => return (None, Err(Error::Unauthenticated)),
        Err(error) => return (None, Err(error)),
    };
    let is_at = |path| Route { method: "GET", path }.captures(call.path()).is_some();
    let result = if call.method() != "GET" {
        Err(Error::MethodNotAllowed { allow: "GET".into() })
    } else if !caller.may(Scope::Read) {
        Err(Error::Forbidden { scope: Scope::Read })
    } else if is_at(PICTURE) {
        picture(app, &caller, call).await
    } else if is_at(PICTURE_WORDS) {
        words(app, &caller, call).await
    } else {
        download(app, &caller, call).await
    };
    (Some(caller), result)
}

async fn picture(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let named = document_path(caller, call, &mut errors);
    let page = call.page(&mut errors);
    let width = call.query_fields(QUERY, &mut errors, |query| {
        let asked = query.read(&WIDTH)?;
        WIDTHS.into_iter().find(|width| *width >= asked)
    });
    let ((id, document), (page, width)) = errors.finish(named.zip(page.zip(width)))?;
    let place = documents::find(app, &id, &document).await?;
    let picture = Picture { width, format: format(call.header("accept")) };
    let tag = place.tag(&format!("{page}-{width}.{}", picture.format.extension()));
    if call.has(&tag) {
        let known = Reply::file("image/webp", Vec::new()).tagged_strongly(&tag, call);
        return Ok(varied(as_settled(&place, known)));
    }
    let (content_type, bytes) = pages::picture(&place, page, picture).await?;
    Ok(varied(as_settled(&place, Reply::file(content_type, bytes).tagged_strongly(&tag, call))))
}

/// An answer that a browser asks about each time, unless the document never changes.
fn as_settled(place: &Place, reply: Reply) -> Reply {
    if place.is_settled() { reply } else { reply.asked_about() }
}

/// An answer that depends on what the client reads, and on who asks.
fn varied(reply: Reply) -> Reply {
    reply.with_header(header::VARY, "accept, api-key, authorization, cookie")
}

async fn words(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let named = document_path(caller, call, &mut errors);
    let page = call.page(&mut errors);
    call.query_fields(&[], &mut errors, |_| Some(()));
    let ((id, document), page) = errors.finish(named.zip(page))?;
    let place = documents::find(app, &id, &document).await?;
    let tag = place.tag(&format!("{page}-words"));
    if call.has(&tag) {
        let known = Reply::empty(StatusCode::OK).tagged(&tag, call).kept_by_its_reader();
        return Ok(as_settled(&place, known));
    }
    let page = pages::words(&place, page).await?;
    let reply = Reply::json(StatusCode::OK, &page).tagged(&tag, call).kept_by_its_reader();
    Ok(as_settled(&place, reply))
}

async fn download(app: &App, caller: &Caller, call: &Call) -> Result<Reply, Error> {
    let mut errors = FieldErrors::new();
    let named = document_path(caller, call, &mut errors);
    let (id, document) = errors.finish(named)?;
    shared::api::download(app, &id, &document).await
}

/// `WebP`, unless the client says what it reads and that is not among it (RFC 9110, 12.5.1).
fn format(accept: Option<&str>) -> Format {
    let Some(accept) = accept else { return Format::Webp };
    let reads_webp = accept.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
        let refused = parts.any(|part| part.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0_f32)));
        !refused && matches!(kind.as_str(), "image/webp" | "image/*" | "*/*")
    });
    if reads_webp { Format::Webp } else { Format::Png }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webp_is_sent_to_those_who_read_it() {
        for (accept, expected) in [
            (None, Format::Webp),
            (Some("image/avif,image/webp,image/apng,*/*;q=0.8"), Format::Webp),
            (Some("image/png"), Format::Png),
            (Some("image/png, IMAGE/WEBP;q=0.1"), Format::Webp),
            (Some("image/webp;q=0, image/png"), Format::Png),
            (Some("image/*"), Format::Webp),
            (Some(""), Format::Png),
        ] {
            assert_eq!(format(accept), expected, "{accept:?}");
        }
    }
}
