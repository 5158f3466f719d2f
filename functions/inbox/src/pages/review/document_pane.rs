//! The pane with a review's documents: its tools, one page with the marks of what stands there, and how to get at the rest.
//!
//! It works without JavaScript: a link for each document and page, and a link from each mark to its field. `assets/desk/viewer.js`
//! drives the same elements. Does not know the fields, nor how pages are made.

mod marks;

use crate::compare::Moved;
use crate::fields::anchor;
use crate::paths;
use marks::{Mark, marks_of};
use maud::{Markup, PreEscaped, html};
use shared::api::{Call, FieldErrors};
use shared::review::{DocumentLabel, Evidence, visible};
use shared::store::Overlay;
use std::borrow::Cow;

/// How wide the picture of a page is without JavaScript, in pixels.
const WIDTH: u32 = 1200;
/// Pages have at most this number.
const LAST_PAGE: u32 = 10_000;

/// Which document and page are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DocumentQuery {
    document: Option<String>,
    page: Option<u32>,
}

impl DocumentQuery {
    /// What `?document=…&page=…` asks for.
    pub(crate) fn of(call: &Call) -> Self {
        let mut asked = Self::default();
        for (name, value) in call.query(&["document", "page"], &mut FieldErrors::new()) {
            match name.as_str() {
                "document" => asked.document = Some(value),
                _ => asked.page = value.parse().ok().filter(|page| (1..=LAST_PAGE).contains(page)),
            }
        }
        asked
    }
}

/// The pane with a review's documents.
/// `moved` says where the values of the first output stand in the one that is shown.
pub(super) fn document_pane(
    overlay: &Overlay,
    evidence: &Evidence,
    moved: &Moved,
    query: &DocumentQuery,
) -> Markup {
    let documents = &overlay.review.documents;
    let asked = documents.iter().position(|document| Some(document.id.as_str()) == query.document.as_deref());
    let at = asked.unwrap_or(0);
    let Some(document) = documents.get(at) else { return html! {} };
    let path = paths::review(&overlay.review.id);
    let ids: Vec<&str> = documents.iter().map(|document| document.id.as_str()).collect();
    let marks = marks_of(evidence, &ids).into_iter();
    let marks: Vec<Mark> =
        marks.filter_map(|mark| Some(Mark { path: moved.pointer(&mark.path)?, ..mark })).collect();
    let pane = Pane { path: &path, documents, document, page: query.page.unwrap_or(1) };
    let name = pane.name_of(document);
    html! {
        div.viewer data-viewer="" data-base={(path) "/documents"} data-document=(document.id) data-page=(pane.page) {
            (pane.tools())
            div.viewer-note role="status" {}
            div.viewer-pages tabindex="0" role="region" aria-label={"Pages of " (name)} {
                (pane.sheet(&marks.iter().filter(|mark| mark.document == at && mark.page == pane.page).collect::<Vec<_>>()))
            }
            script type="application/json" data-marks="" { (PreEscaped(marks::json(&marks, &ids))) }
        }
    }
}

/// What is drawn: a page of one of the documents.
struct Pane<'a> {
    path: &'a str,
    documents: &'a [DocumentLabel],
    document: &'a DocumentLabel,
    page: u32,
}

impl Pane<'_> {
    fn tools(&self) -> Markup {
        let (document, name) = (self.document, self.name_of(self.document));
        html! {
            div.viewer-tools role="toolbar" aria-label="Document" {
                @if self.documents.len() > 1 {
                    nav.viewer-tabs aria-label="Documents" { @for other in self.documents { @let name = self.name_of(other);
                        a href=(self.page_link(other, 1)) data-document=(other.id) data-type=(other.mime_type) data-name=(name)
                            aria-current=[(other.id == document.id).then_some("true")] title=(name) { bdi { (name) } }
                    } }
                } @else {
                    span.viewer-name data-document=(document.id) data-type=(document.mime_type) data-name=(name) title=(name) { bdi { (name) } }
                }
                span.viewer-sep {}
                a.tool href=[(self.page > 1).then(|| self.page_link(document, self.page - 1))] data-tool="before" aria-label="Previous page" aria-disabled=[(self.page == 1).then_some("true")] { "‹" }
                span.viewer-page data-tool="page" { span.visually-hidden { "Page " } (self.page) }
                a.tool href=(self.page_link(document, self.page + 1)) data-tool="after" aria-label="Next page" { "›" }
                button.tool type="button" data-tool="out" aria-label="Zoom out" title="Zoom out (−)" hidden { "−" }
                button.tool type="button" data-tool="in" aria-label="Zoom in" title="Zoom in (+)" hidden { "+" }
                button.tool type="button" data-tool="fit" title="Fit the width (0)" aria-pressed="true" hidden { "Fit" }
                button.tool type="button" data-tool="turn" aria-label="Rotate" title="Rotate (r)" hidden { "⟳" }
                a.tool href=(self.download()) data-tool="download" { "Download" }
            }
        }
    }

    /// A page with its marks. What the picture's place says if it cannot be shown is its alternative text.
    fn sheet(&self, marks: &[&Mark]) -> Markup {
        let (document, page, name) = (self.document, self.page, self.name_of(self.document));
        if is_text(&document.mime_type) {
            return html! {
                figure.sheet.failed data-sheet=(page) { figcaption {
                    p { "This document is a text." }
                    p { a href={(self.path) "/documents/" (document.id) "/pages/" (page)} { "Show it" } " · " a href=(self.download()) { "Download it" } }
                } }
            };
        }
        html! {
            figure.sheet id={"page-" (page)} data-sheet=(page) aria-label={"Page " (page)} {
                img src={(self.path) "/documents/" (document.id) "/pages/" (page) "?width=" (WIDTH)} width=(WIDTH)
                    alt={"Page " (page) " of " (name) ". If this text is all you see, the page cannot be shown: download the document."};
                svg.marks viewBox="0 0 1 1" preserveAspectRatio="none" aria-label="Places of fields" {
                    @for mark in marks { (drawn(mark)) }
                }
            }
        }
    }

    fn page_link(&self, document: &DocumentLabel, page: u32) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("document", document.id.as_str()).append_pair("page", &page.to_string());
        format!("{}?{}", self.path, query.finish())
    }

    /// A document's file name, with the numbers of what cannot be seen in it; with the document's id, if another has the same.
    fn name_of<'d>(&self, document: &'d DocumentLabel) -> Cow<'d, str> {
        let name = visible(&document.filename);
        let is_same =
            |other: &&DocumentLabel| other.filename.to_lowercase() == document.filename.to_lowercase();
        if self.documents.iter().filter(is_same).nth(1).is_none() {
            return name;
        }
        Cow::Owned(format!("{name} ({})", document.id))
    }

    fn download(&self) -> String {
        format!("{}/documents/{}", self.path, self.document.id)
    }
}

/// A mark: a link to its field, and what `#m-…` leads to.
fn drawn(mark: &Mark) -> Markup {
    let [left, top, width, height] = mark.area;
    let field = anchor(&format!("f{}", mark.path));
    let id = format!("m{}", field.trim_start_matches('f'));
    html! {
        a.mark-link href={"#" (field)} data-field=(mark.path) {
            title { (mark.path) }
            rect.mark.given id=(id) x=(left) y=(top) width=(width) height=(height) {}
        }
    }
}

/// Whether a document is text, which is no picture.
fn is_text(mime_type: &str) -> bool {
    mime_type.starts_with("text/") || mime_type == "application/json"
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::review::DocumentId;

    fn label(id: &str, mime_type: &str) -> DocumentLabel {
        let filename = format!("{id} & \"co\".pdf");
        DocumentLabel { id: DocumentId::parse(id).unwrap(), filename, mime_type: mime_type.into() }
    }

    fn pane(documents: &[DocumentLabel], page: u32) -> Pane<'_> {
        Pane { path: "/inbox/reviews/run/block", documents, document: &documents[0], page }
    }

    #[test]
    fn without_a_script_there_is_a_link_for_each_document_and_page() {
        let documents = [label("a+b", "application/pdf"), label("scan", "image/png")];
        let html = pane(&documents, 2).tools().0;
        for link in [
            "/inbox/reviews/run/block?document=a%2Bb&amp;page=1",
            "/inbox/reviews/run/block?document=a%2Bb&amp;page=3",
            "/inbox/reviews/run/block?document=scan&amp;page=1",
            "/inbox/reviews/run/block/documents/a+b\"",
        ] {
            assert!(html.contains(link), "{link} in {html}");
        }
        let first = pane(&documents, 1).tools().0;
        assert!(!first.contains("page=0"), "{first}");
        // Buttons do nothing without a script.
        assert_eq!(first.matches("<button").count(), first.matches(" hidden>").count(), "{first}");
    }

    #[test]
    fn documents_are_called_so_that_they_can_be_told_apart() {
        let called =
            |filename: &str, id| DocumentLabel { filename: filename.into(), ..label(id, "image/png") };
        let documents = [called("scan.png", "a"), called("Scan.png", "b"), called("x\u{202e}gnp.exe", "c")];
        let pane = pane(&documents, 1);
        let names: Vec<_> = documents.iter().map(|it| pane.name_of(it)).collect();
        assert_eq!(names, ["scan.png (a)", "Scan.png (b)", "x\\u202egnp.exe"]);
        let html = pane.tools().0 + &pane.sheet(&[]).0;
        assert!(html.contains(">scan.png (a)<") && !html.contains('\u{202e}'), "{html}");
    }

    #[test]
    fn a_mark_leads_to_its_field_and_can_be_led_to() {
        let documents = [label("a", "application/pdf")];
        let mark =
            Mark { path: "/seller/\"name\"".into(), document: 0, page: 1, area: [0.1, 0.2, 0.3, 0.05] };
        let html = pane(&documents, 1).sheet(&[&mark]).0;
        let field = anchor("f/seller/\"name\"");
        assert!(html.contains(&format!("href=\"#{field}\"")), "{html}");
        assert!(html.contains(&format!("id=\"m{}\"", &field[1..])), "{html}");
        assert!(html.contains("&quot;name&quot;") && !html.contains("\"name\""), "{html}");
    }

    #[test]
    fn a_page_that_is_not_shown_says_so_by_its_alternative_text() {
        let documents = [label("a", "application/pdf"), label("list", "text/csv")];
        let html = pane(&documents, 1).sheet(&[]).0;
        assert!(html.contains("/pages/1?width=1200") && html.contains("download the document"), "{html}");
        let text = pane(&documents[1..], 1).sheet(&[]).0;
        assert!(!text.contains("<img") && text.contains("/documents/list/pages/1"), "{text}");
    }
}
