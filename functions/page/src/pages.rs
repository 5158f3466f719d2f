//! Pages: what was made of them earlier, or else made now, and kept for later.

use crate::child::{Failure, Renderer};
use crate::documents::Place;
use crate::job::{Job, Page, Picture, Rendered, Unavailable};
use crate::kind::Kind;
use crate::limits::{DOCUMENT_BYTES, INLINE_BYTES, PAGE_BYTES, PAGES, TEXT_BYTES};
use serde::{Deserialize, Serialize};
use shared::api::Error;
use shared::bucket::BucketError;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// The children of this process.
static RENDERER: OnceLock<Renderer> = OnceLock::new();

/// Renders with children of another executable than this one. For tests, whose executables do not begin with [`crate::child::serve`].
/// The first call counts.
pub fn use_program(program: PathBuf) {
    let _ = RENDERER.set(Renderer::of(program));
}

fn renderer() -> &'static Renderer {
    RENDERER.get_or_init(Renderer::of_this_executable)
}

/// A picture: its type and its bytes.
pub(crate) type Shown = (&'static str, Vec<u8>);

/// What is kept of a page beside its picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept {
    /// The page; `kind` of a file that goes to the browser as it is.
    Page { page: Page, kind: Option<Kind> },
    /// There is none, and there will be none.
    Unavailable(Unavailable),
}

/// The picture of a page.
pub(crate) async fn picture(place: &Place, page: u32, picture: Picture) -> Result<Shown, Error> {
    let name = picture_name(page, picture);
    match place.made(&name, INLINE_BYTES).await {
        Ok(Some(bytes)) => return Ok((picture.content_type(&bytes), bytes)),
        Ok(None) | Err(BucketError::TooLarge { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let kind = match kept(place, page).await? {
        Some(Kept::Unavailable(reason)) => return Err(unavailable(reason)),
        Some(Kept::Page { kind, .. }) => kind,
        None => None,
    };
    let document: Arc<[u8]> = place.original(DOCUMENT_BYTES).await?.into();
    if let Some(kind) = kind.filter(|_| document.len() <= INLINE_BYTES) {
        return as_it_is(kind, &document);
    }
    let rendered = make(place, &document, page, Some(picture)).await?;
    let Some(bytes) = rendered.picture else {
        let kind = Kind::of(&document, place.mime_type());
        return as_it_is(kind.ok_or_else(|| unavailable(Unavailable::UnsupportedType))?, &document);
    };
    place.keep(&name, picture.content_type(&bytes), &bytes).await;
    Ok((picture.content_type(&bytes), bytes))
}

/// The words of a page.
pub(crate) async fn words(place: &Place, page: u32) -> Result<Page, Error> {
    match kept(place, page).await? {
        Some(Kept::Page { page, .. }) => Ok(page),
        Some(Kept::Unavailable(reason)) => Err(unavailable(reason)),
        None => {
            let document: Arc<[u8]> = place.original(DOCUMENT_BYTES).await?.into();
            make(place, &document, page, None).await.map(|rendered| rendered.page)
        }
    }
}

/// A file that browsers show themselves, or that is shown as text.
fn as_it_is(kind: Kind, document: &[u8]) -> Result<Shown, Error> {
    let limit = if kind == Kind::Text { TEXT_BYTES } else { INLINE_BYTES };
    if document.len() > limit {
        return Err(unavailable(Unavailable::TooLarge));
    }
    Ok((kind.content_type(), document.to_vec()))
}

/// Renders a page, and keeps what is known of it then.
async fn make(
    place: &Place,
    document: &Arc<[u8]>,
    page: u32,
    picture: Option<Picture>,
) -> Result<Rendered, Error> {
    // What cannot be shown needs no child.
    let kind = Kind::of(document, place.mime_type());
    let kind = kind.ok_or_else(|| unavailable(Unavailable::UnsupportedType))?;
    // Built without the renderer: a download is offered, and pages are shown once it is there.
    if !cfg!(feature = "render") && kind != Kind::Text {
        return Err(unavailable(Unavailable::UnsupportedType));
    }
    if page > PAGES {
        return Err(unavailable(Unavailable::NoSuchPage));
    }
    let job = Job { page, mime_type: place.mime_type().to_owned(), picture };
    let rendered = match kind {
        // Nothing of it is decoded.
        Kind::Text if page == 1 => Ok(Rendered::text()),
        Kind::Text => Err(Unavailable::NoSuchPage.into()),
        _ => renderer().render(document.clone(), &job).await,
    };
    let (kept, result) = match rendered {
        Ok(rendered) => {
            let kind = (kind.is_picture() || kind == Kind::Text).then_some(kind);
            (Some(Kept::Page { page: rendered.page.clone(), kind }), Ok(rendered))
        }
        // Another time it may succeed: the machine may have been busy.
        Err(Failure::Unavailable(reason @ Unavailable::TooComplex)) => (None, Err(unavailable(reason))),
        Err(Failure::Unavailable(reason)) => (Some(Kept::Unavailable(reason)), Err(unavailable(reason))),
        Err(Failure::Busy) => (None, Err(Error::RendererBusy)),
        Err(Failure::Child(error)) => (None, Err(Error::Renderer(error.to_string()))),
    };
    if let Some(json) = kept.and_then(|kept| serde_json::to_vec(&kept).ok()) {
        place.keep(&words_name(page), "application/json", &json).await;
    }
    result
}

async fn kept(place: &Place, page: u32) -> Result<Option<Kept>, Error> {
    let found = place.made(&words_name(page), PAGE_BYTES).await?;
    // What another version has written may not be readable: then it is made again.
    Ok(found.and_then(|json| serde_json::from_slice(&json).ok()))
}

fn picture_name(page: u32, picture: Picture) -> String {
    format!("pages/{page}-{}.{}", picture.width, picture.format.extension())
}

fn words_name(page: u32) -> String {
    format!("words/{page}.json")
}

fn unavailable(reason: Unavailable) -> Error {
    Error::PageUnavailable { reason: reason.as_str() }
}
