//! Ordinary files with errors put in. How many: a few; with `HOLDPOINT_THOROUGH`, a thousand; `HOLDPOINT_MUTATIONS` says another number.

use super::{HELVETICA, invoice, outcome, page, renderer, stream};
use std::collections::BTreeMap;
use tiff::encoder::{Compression, TiffEncoder, colortype};

/// The same sequence in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % limit.max(1)
    }
}

fn scan(compression: Compression) -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut file).unwrap().with_compression(compression);
    let pixels: Vec<u8> = (0..60 * 40).map(|index| u8::try_from(index % 251).unwrap()).collect();
    encoder.write_image::<colortype::Gray8>(60, 40, &pixels).unwrap();
    encoder.write_image::<colortype::RGB8>(20, 40, &pixels).unwrap();
    file.into_inner()
}

fn png() -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_fn(20, 20, |x, y| {
        image::Rgb([u8::try_from(x).unwrap(), u8::try_from(y).unwrap(), 7])
    })
    .write_to(&mut file, image::ImageFormat::Png)
    .unwrap();
    file.into_inner()
}

fn rich() -> Vec<u8> {
    let form = stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Matrix [2 0 0 2 9 9]",
        b"0 1 0 rg 0 0 9 9 re f",
    );
    let picture = stream(
        "/Type /XObject /Subtype /Image /Width 2 /Height 2 /ColorSpace /DeviceRGB /BitsPerComponent 8",
        b"abcdefghijkl",
    );
    let shading: &[u8] = b"<</ShadingType 2 /ColorSpace /DeviceRGB /Coords [0 0 99 99] /Function <</FunctionType 2 /Domain [0 1] /C0 [1 0 0] /C1 [0 0 1] /N 2>>>>";
    let pattern = stream(
        "/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 9 9] /XStep 9 /YStep 9 /Resources <<>>",
        b"1 0 0 rg 1 1 4 4 re f",
    );
    let content = b"q 50 0 0 50 99 99 cm /I Do Q /X Do /S sh q 20 20 m 90 20 l 50 80 l W n /Pattern cs /P scn 0 0 99 99 re f Q
        BT /F 12 Tf 1 0.2 0 1 72 700 Tm [(Due) -250 (2026) 30 (-05-11)] TJ T* (Total) ' ET [3 2] 1 d 2 w 10 10 m 90 90 40 20 7 400 c S";
    let resources =
        format!("{HELVETICA} /XObject <</X 5 0 R /I 6 0 R>> /Shading <</S 7 0 R>> /Pattern <</P 8 0 R>>");
    page(content, &resources, &[&form, &picture, shading, &pattern])
}

/// Changes a file: bytes, numbers, parts twice or not at all.
fn mutate(file: &[u8], random: &mut Random) -> Vec<u8> {
    let mut file = file.to_vec();
    for _ in 0..=random.below(6) {
        let at = random.below(file.len());
        match random.below(7) {
            0 => file[at] ^= 1 << random.below(8),
            1 => file[at] = [0, 0xff, b' ', b'9', b'<', b'[', b'-'][random.below(7)],
            2 => file.truncate(at.max(16)),
            3 => {
                let end = (at + random.below(40)).min(file.len());
                file.drain(at..end);
            }
            4 => {
                let end = (at + random.below(200)).min(file.len());
                let part = file[at..end].to_vec();
                file.splice(at..at, part.repeat(1 + random.below(50)));
            }
            5 => {
                // A number becomes another one.
                let digit = file.iter().enumerate().skip(at).find(|(_, byte)| byte.is_ascii_digit());
                if let Some((place, _)) = digit {
                    let number =
                        ["0", "-1", "99999999999", "1e38", "0.0000001", "4294967295"][random.below(6)];
                    file.splice(place..=place, number.bytes());
                }
            }
            _ => {
                let (from, length) = (random.below(file.len()), random.below(64));
                let part = file[from..(from + length).min(file.len())].to_vec();
                let end = (at + part.len()).min(file.len());
                file.splice(at..end, part);
            }
        }
        if file.is_empty() {
            file.push(0);
        }
    }
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_files_end_in_a_page_or_a_reason() {
    let thorough = std::env::var_os("HOLDPOINT_THOROUGH").is_some();
    let told = std::env::var("HOLDPOINT_MUTATIONS").ok().and_then(|count| count.parse().ok());
    let rounds = told.unwrap_or(if thorough { 1_000 } else { 120 });
    let seeds = [
        (rich(), "application/pdf"),
        (invoice(), "application/pdf"),
        (scan(Compression::Lzw), "image/tiff"),
        (scan(Compression::Packbits), "image/tiff"),
        (rich(), "application/pdf"),
        (png(), "image/png"),
    ];
    for (file, mime_type) in &seeds {
        outcome(&renderer(), file.clone(), mime_type).await.unwrap();
    }
    let renderer = renderer();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    for round in 0..rounds {
        let (file, mime_type) = &seeds[round % seeds.len()];
        let ended = outcome(&renderer, mutate(file, &mut random), mime_type).await;
        let word = ended.map_or_else(|reason| reason.to_string(), |_| "page".into());
        *ends.entry(word).or_default() += 1;
    }
    println!("{rounds} files: {ends:?}");
    assert!(ends["page"] > rounds / 10, "most errors are small: {ends:?}");
    assert!(outcome(&renderer, invoice(), "application/pdf").await.is_ok());
}
