//! Hostile files: none ends the process that asked for a page, and each is answered within the bounds of a child.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bombs;
mod mutations;

use page::child::{Failure, Renderer};
use page::job::{Format, Job, Picture, Rendered, Unavailable};

/// The children are those of the real binary.
fn renderer() -> Renderer {
    Renderer::of(env!("CARGO_BIN_EXE_page").into())
}

fn job(mime_type: &str) -> Job {
    let picture = Some(Picture { width: 800, format: Format::Webp });
    Job { page: 1, mime_type: mime_type.into(), picture }
}

/// What comes of a file: a page, or why there is none. Anything else is a failure of ours.
async fn outcome(by: &Renderer, file: Vec<u8>, mime_type: &str) -> Result<Rendered, Unavailable> {
    match by.render(file.into(), &job(mime_type)).await {
        Ok(rendered) => Ok(rendered),
        Err(Failure::Unavailable(reason)) => Err(reason),
        Err(other) => panic!("{other}"),
    }
}

/// A file of these objects, numbered from 1; the first is the catalog.
fn pdf(objects: &[&[u8]]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.extend(format!("{} 0 obj\n", index + 1).bytes());
        file.extend(*object);
        file.extend(b"\nendobj\n");
    }
    let start = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for place in places {
        file.extend(format!("{place:010} 00000 n \n").bytes());
    }
    let size = objects.len() + 1;
    file.extend(format!("trailer <</Root 1 0 R /Size {size}>>\nstartxref\n{start}\n%%EOF\n").bytes());
    file
}

fn stream(entries: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("<<{entries} /Length {}>>\nstream\n", content.len());
    [head.as_bytes(), content, b"\nendstream"].concat()
}

/// A page with this content and these resources; further objects are numbered from 5.
fn page(content: &[u8], resources: &str, more: &[&[u8]]) -> Vec<u8> {
    page_of(&stream("", content), "/MediaBox [0 0 612 792]", resources, more)
}

fn page_of(content: &[u8], entries: &str, resources: &str, more: &[&[u8]]) -> Vec<u8> {
    let page = format!("<</Type /Page /Parent 2 0 R {entries} /Contents 4 0 R /Resources <<{resources}>>>>");
    let tree: &[u8] = b"<</Type /Pages /Kids [3 0 R] /Count 1>>";
    let first = [b"<</Type /Catalog /Pages 2 0 R>>", tree, page.as_bytes(), content];
    pdf(&[&first[..], more].concat())
}

const HELVETICA: &str =
    "/Font <</F <</Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding>>>>";

/// An ordinary page.
fn invoice() -> Vec<u8> {
    let content = b"q 0.9 g 50 50 200 100 re f Q BT /F 12 Tf 72 700 Td (Invoice total 1,249.90) Tj ET 3 w 10 10 m 500 300 l S";
    page(content, HELVETICA, &[])
}

#[tokio::test]
async fn an_ordinary_page_has_a_picture_and_words() {
    let rendered = outcome(&renderer(), invoice(), "application/pdf").await.unwrap();
    let words: Vec<&str> = rendered.page.words.iter().map(|word| word.text.as_str()).collect();
    assert_eq!(words, ["Invoice", "total", "1,249.90"]);
    assert_eq!((rendered.page.pages, rendered.page.has_text), (1, true));
    assert_eq!((rendered.page.width.round(), rendered.page.height.round()), (612.0, 792.0));
    let [left, top, width, height] = rendered.page.words[0].place;
    assert!((left - 72.0 / 612.0).abs() < 0.001 && width > 0.05 && width < 0.08, "{left} {width}");
    assert!(top < 92.0 / 792.0 && top + height > 92.0 / 792.0, "the baseline is in the box: {top} {height}");
    let picture = image::load_from_memory(&rendered.picture.unwrap()).unwrap().into_rgb8();
    assert_eq!(picture.dimensions(), (800, 1035));
    let dark = picture.pixels().filter(|pixel| pixel.0[0] < 128).count();
    assert!(dark > 500, "text and a line: {dark}");
}

#[tokio::test]
async fn a_page_that_is_turned_has_its_words_where_they_are_seen() {
    let content = stream("", b"BT /F 12 Tf 72 700 Td (Total) Tj ET");
    for (rotate, expected) in [(90, [0.87, 0.11]), (180, [0.82, 0.87]), (270, [0.11, 0.82])] {
        let file = page_of(&content, &format!("/MediaBox [0 0 612 792] /Rotate {rotate}"), HELVETICA, &[]);
        let rendered = outcome(&renderer(), file, "application/pdf").await.unwrap();
        let [left, top, ..] = rendered.page.words[0].place;
        assert!(
            (left - expected[0]).abs() < 0.03 && (top - expected[1]).abs() < 0.03,
            "{rotate}: {left} {top}"
        );
    }
    let cropped = page_of(&content, "/MediaBox [0 0 612 792] /CropBox [36 400 336 792]", HELVETICA, &[]);
    let rendered = outcome(&renderer(), cropped, "application/pdf").await.unwrap();
    assert!((rendered.page.words[0].place[0] - 36.0 / 300.0).abs() < 0.005, "{:?}", rendered.page.words[0]);
}

#[tokio::test]
async fn text_that_is_not_painted_is_found() {
    let file = page(b"BT /F 12 Tf 3 Tr 72 700 Td (Scanned) Tj ET", HELVETICA, &[]);
    let rendered = outcome(&renderer(), file, "application/pdf").await.unwrap();
    assert_eq!(rendered.page.words[0].text, "Scanned");
    let picture = image::load_from_memory(&rendered.picture.unwrap()).unwrap().into_luma8();
    assert!(picture.pixels().all(|pixel| pixel.0[0] == 255));
}

#[tokio::test]
async fn values_of_fields_without_an_appearance_are_drawn_and_found() {
    let entries = "/MediaBox [0 0 612 792] /Annots [<</Type /Annot /Subtype /Widget /FT /Tx /Rect [100 600 300 620] /V (Harrow 8,554.62) /DA (/Helv 12 Tf)>>
        <</Type /Annot /Subtype /Widget /FT /Tx /Rect [100 500 300 520] /V (hidden) /F 2>>]";
    let file = page_of(&stream("", b"0 0 1 1 re f"), entries, "", &[]);
    let rendered = outcome(&renderer(), file, "application/pdf").await.unwrap();
    let words: Vec<&str> = rendered.page.words.iter().map(|word| word.text.as_str()).collect();
    assert_eq!(words, ["Harrow", "8,554.62"]);
    assert_eq!(rendered.page.warnings, []);
    let picture = image::load_from_memory(&rendered.picture.unwrap()).unwrap().into_luma8();
    assert!(picture.pixels().filter(|pixel| pixel.0[0] < 128).count() > 300);
    let chinese =
        "/MediaBox [0 0 612 792] /Annots [<</Subtype /Widget /FT /Tx /Rect [9 9 99 29] /V <feff8acb6c42>>>]";
    let file = page_of(&stream("", b"0 0 1 1 re f"), chinese, "", &[]);
    let rendered = outcome(&renderer(), file, "application/pdf").await.unwrap();
    assert_eq!(rendered.page.warnings, [page::job::Warning::FormValuesNotDrawn]);
}

#[tokio::test]
async fn a_missing_page_is_told_from_a_broken_file() {
    let renderer = renderer();
    let second = Job { page: 2, ..job("application/pdf") };
    let missing = renderer.render(invoice().into(), &second).await;
    assert!(matches!(missing, Err(Failure::Unavailable(Unavailable::NoSuchPage))));
    for (file, mime_type, reason) in [
        (&b"%PDF-1.7 nothing"[..], "application/pdf", Unavailable::Unreadable),
        (b"%PDF-1.7 nothing", "image/png", Unavailable::UnsupportedType),
        (b"<html>", "text/html", Unavailable::UnsupportedType),
        (b"\x89PNG\r\n\x1a\nxxxx", "image/png", Unavailable::Unreadable),
        (b"II*\0\x08\0\0\0", "image/tiff", Unavailable::Unreadable),
    ] {
        assert_eq!(outcome(&renderer, file.to_vec(), mime_type).await, Err(reason), "{mime_type}");
    }
}

#[tokio::test]
async fn more_pages_than_children_wait_for_their_turn() {
    let renderer = renderer();
    let one = || outcome(&renderer, invoice(), "application/pdf");
    let (first, second, third, fourth) = tokio::join!(one(), one(), one(), one());
    assert!([first, second, third, fourth].iter().all(Result::is_ok));
}
