//! Files that are made to exhaust a renderer: each aborts one that has no limits, or never ends.

use super::{HELVETICA, invoice, outcome, page, page_of, pdf, renderer, stream};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use futures_util::StreamExt;
use page::job::Unavailable;
use std::collections::BTreeMap;
use std::io::Write;

fn deflated(content: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// Many zeros, deflated twice: a few kilobytes that become `size` bytes.
fn zeros(size: usize) -> Vec<u8> {
    deflated(&deflated(&vec![b' '; size]))
}

fn form(resources: &str, content: &[u8]) -> Vec<u8> {
    let entries = format!("/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources <<{resources}>>");
    stream(&entries, content)
}

/// Each form draws the next one twice.
fn doubling(levels: usize) -> Vec<u8> {
    let forms: Vec<Vec<u8>> = (0..levels)
        .map(|level| {
            if level + 1 == levels {
                return form("", b"0 0 10 10 re f");
            }
            form(&format!("/XObject <</X {} 0 R>>", level + 6), b"/X Do /X Do")
        })
        .collect();
    page(b"/X Do", "/XObject <</X 5 0 R>>", &forms.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn tiff(width: u32, height: u32, next: u32) -> Vec<u8> {
    let mut file = b"II*\0\x08\0\0\0".to_vec();
    let entries: [(u16, u32); 9] = [
        (256, width),
        (257, height),
        (258, 8),
        (259, 1),
        (262, 1),
        (273, 8),
        (277, 1),
        (278, height),
        (279, 1000),
    ];
    file.extend(u16::try_from(entries.len()).unwrap().to_le_bytes());
    for (tag, value) in entries {
        file.extend(tag.to_le_bytes());
        file.extend(4u16.to_le_bytes());
        file.extend(1u32.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend(next.to_le_bytes());
    file
}

fn image(entries: &str, content: &[u8]) -> Vec<u8> {
    let entries = format!("/Type /XObject /Subtype /Image {entries}");
    page(b"500 0 0 500 0 0 cm /X Do", "/XObject <</X 5 0 R>>", &[&stream(&entries, content)])
}

/// Those that use up all of their time, or take long to make.
const SLOW: [&str; 6] = [
    "an image that is all its claim",
    "dictionaries in dictionaries",
    "a million pages",
    "states that are kept",
    "clips in clips",
    "ten million letters",
];

fn bombs() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let of_pdf = |name, file| (name, "application/pdf", file);
    let rgb = "/ColorSpace /DeviceRGB /BitsPerComponent 8";
    let nested = [b"BT ".to_vec(), b"[".repeat(2_000_000)].concat();
    let tree = |kids: &str| format!("<</Type /Pages /Kids [{kids}] /Count 1000000000>>");
    let pattern = stream(
        "/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep 0.00001 /YStep 0.00001 /Resources <<>>",
        b"0 0 1 1 re f",
    );
    let glyph = stream("", b"1000 0 d0 BT /F 1 Tf (aaaa) Tj ET");
    let type3: &[u8] = b"<</Type /Font /Subtype /Type3 /FontBBox [0 0 1 1] /FontMatrix [1 0 0 1 0 0] /FirstChar 97 /LastChar 97 /Widths [1]
        /Encoding <</Differences [97 /a]>> /CharProcs <</a 6 0 R>> /Resources <</Font <</F 5 0 R>>>>>>";
    let jpx = b"\xff\x4f\xff\x51\x00\x2f\x00\x00\x7f\xff\xff\xff\x7f\xff\xff\xff\0\0\0\0\0\0\0\0\x7f\xff\xff\xff\x7f\xff\xff\xff\0\0\0\0\0\0\0\0\0\x03\x07\x01\x01\x07\x01\x01\x07\x01\x01\xff\x93";
    let looped = String::from_utf8_lossy(&invoice()).replace("/Size", "/Prev 9 /Size").into_bytes();
    vec![
        of_pdf("a form that draws itself", page(b"/X Do", "/XObject <</X 5 0 R>>", &[&form("/XObject <</X 5 0 R>>", b"/X Do /X Do")])),
        of_pdf("forms that double", doubling(40)),
        of_pdf("an image of ten billion pixels", image(&format!("/Width 100000 /Height 100000 {rgb}"), b"x")),
        of_pdf("an image that is all its claim", image("/Width 40000 /Height 40000 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter [/FlateDecode /FlateDecode]", &zeros(100_000_000))),
        of_pdf("a JPEG 2000 of four quintillion pixels", image("/Width 10 /Height 10 /Filter /JPXDecode", jpx)),
        of_pdf("a page as large as a country", page_of(&stream("", b"0 0 1 1 re f"), "/MediaBox [0 0 1000000000 1000000000]", "", &[])),
        of_pdf("a page as thin as a hair", page_of(&stream("", b"0 0 1 1 re f"), "/MediaBox [0 0 0.00001 100000]", "", &[])),
        of_pdf("arrays in arrays", page(&nested, "", &[])),
        of_pdf("dictionaries in dictionaries", pdf(&[&b"<</A ".repeat(1_000_000)])),
        of_pdf("content that inflates", page_of(&stream("/Filter [/FlateDecode /FlateDecode]", &zeros(400_000_000)), "/MediaBox [0 0 612 792]", "", &[])),
        of_pdf("a dash of a hundred thousandth", page(b"[0.00001 0.00001] 0 d 1 w 0 0 m 612 792 l S", "", &[])),
        of_pdf("a tree of pages that contains itself", pdf(&[b"<</Type /Catalog /Pages 2 0 R>>", tree("2 0 R 2 0 R").as_bytes()])),
        of_pdf("a million pages", pdf(&[b"<</Type /Catalog /Pages 2 0 R>>", tree(&"3 0 R <</Type /Page>> ".repeat(1_000_000)).as_bytes()])),
        of_pdf("an index that refers to itself", looped),
        of_pdf("letters as high as the sky", page(b"BT /F 1e30 Tf 1 0 0 1 0 0 Tm (Total) Tj ET", HELVETICA, &[])),
        of_pdf("tiles of a hundred thousandth", page(b"/Pattern cs /P scn 0 0 612 792 re f", "/Pattern <</P 5 0 R>>", &[&pattern])),
        of_pdf("a letter that is written with itself", page(b"BT /F 100 Tf (aaaa) Tj ET", "/Font <</F 5 0 R>>", &[type3, &glyph])),
        of_pdf("states that are kept", page(&b"q ".repeat(5_000_000), "", &[])),
        of_pdf("clips in clips", page(&b"0 0 m 600 10 l 300 700 l W n ".repeat(300_000), "", &[])),
        of_pdf("ten million letters", page(&[b"BT /F 1 Tf ".to_vec(), b"(aaaaaaaaaaaaaaaaaaaaaaaa) Tj ".repeat(400_000)].concat(), HELVETICA, &[])),
        ("a TIFF of eighteen quintillion pixels", "image/tiff", tiff(u32::MAX, u32::MAX, 0)),
        ("a TIFF that is wide", "image/tiff", tiff(149_000_000, 1, 0)),
        ("a TIFF whose pages are a circle", "image/tiff", tiff(10, 10, 8)),
        ("a PNG of four quintillion pixels", "image/png", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\x06\0\0\0\xc9\x34\x4f\xd2\0\0\0\0IEND\xae\x42\x60\x82".to_vec()),
        ("a JPEG of four billion pixels", "image/jpeg", b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\x01\x11\0\x02\x11\0\x03\x11\0\xff\xd9".to_vec()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_bomb_harms_the_process_that_asks() {
    let renderer = renderer();
    let thorough = std::env::var_os("HOLDPOINT_THOROUGH").is_some();
    let all = bombs().into_iter().filter(|(name, ..)| thorough || !SLOW.contains(name)).map(
        |(name, mime_type, file)| {
            let renderer = &renderer;
            async move {
                let started = std::time::Instant::now();
                let ended = outcome(renderer, file, mime_type).await;
                let ended = ended.map(|rendered| rendered.picture.map(|picture| picture.len()));
                println!("{name}: {ended:?} after {:.1} s", started.elapsed().as_secs_f32());
                (name, ended)
            }
        },
    );
    // Two at a time, as many as there are children.
    let ended: BTreeMap<_, _> = futures_util::stream::iter(all).buffer_unordered(2).collect().await;
    // What a fast machine may finish in time is not among them.
    for name in ["forms that double", "a TIFF of eighteen quintillion pixels"] {
        assert_eq!(ended[name], Err(Unavailable::TooComplex), "{name}");
    }
    // Nothing is left over from them: children, places, or time.
    assert!(outcome(&renderer, invoice(), "application/pdf").await.is_ok());
}
