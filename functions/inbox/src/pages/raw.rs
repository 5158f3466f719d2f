//! A version of the output as it was stored, for what is too large to be shown.

use crate::pages::frame::part;
use lambda_http::http::{StatusCode, header};
use maud::PreEscaped;
use shared::api::{App, Error, Reply};
use shared::review::{ReviewId, Seq};

/// `GET /inbox/reviews/{run_id}/{block_id}/versions/{seq}`: a file to be kept, never a page.
pub(crate) async fn version(app: &App, id: &ReviewId, seq: &str) -> Result<Reply, Error> {
    let seq = seq.parse().map(Seq).map_err(|_| Error::VersionNotFound)?;
    let overlay = app.store.load(id).await?.ok_or(Error::ReviewNotFound)?;
    let version = overlay.versions.iter().find(|version| version.seq == seq).ok_or(Error::VersionNotFound)?;
    let text = PreEscaped(version.snapshot.as_str().to_owned());
    let file = format!("attachment; filename=\"version-{}.json\"", seq.0);
    Ok(part(StatusCode::OK, &text)
        .with_header(header::CONTENT_TYPE, "application/json")
        .with_header(header::CONTENT_DISPOSITION, &file)
        .at_rev(overlay.review.rev))
}
