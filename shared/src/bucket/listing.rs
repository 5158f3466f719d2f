//! The XML of S3's lists: `ListBucketResult` and `ListVersionsResult`, whose keys are percent-encoded (`encoding-type=url`).

use super::calls::ObjectVersion;
use percent_encoding::percent_decode_str;
use quick_xml::Reader;
use quick_xml::events::Event;

/// Most entries that are read: S3 sends at most so many.
const LIMIT: usize = 1000;

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) entries: Vec<ObjectVersion>,
    pub(super) more: bool,
}

/// Reads a list. `None`: it is none, or not whole.
pub(super) fn read(xml: &[u8]) -> Option<Page> {
    let mut reader = Reader::from_reader(xml);
    let mut page = Page::default();
    let (mut path, mut text): (Vec<Vec<u8>>, String) = (Vec::new(), String::new());
    let (mut key, mut version) = (None, None);
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                path.push(start.local_name().as_ref().to_vec());
                text.clear();
            }
            Event::Text(part) => text.push_str(&part.decode().ok()?),
            Event::GeneralRef(part) => text.push_str(entity(&part.decode().ok()?)?),
            Event::End(_) => {
                let ended = path.pop()?;
                match (path.as_slice(), ended.as_slice()) {
                    ([_], b"IsTruncated") => page.more = text == "true",
                    ([_, _], b"Key") => {
                        key = Some(percent_decode_str(&text).decode_utf8().ok()?.into_owned());
                    }
                    ([_, _], b"VersionId") => version = Some(text.clone()),
                    ([_], b"Contents" | b"Version" | b"DeleteMarker") => {
                        let version_id = version.take().unwrap_or_else(|| "null".into());
                        page.entries.push(ObjectVersion { key: key.take()?, version_id });
                        if page.entries.len() > LIMIT {
                            return None;
                        }
                    }
                    _ => {}
                }
                text.clear();
                if path.is_empty() {
                    return Some(page);
                }
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

fn entity(name: &str) -> Option<&'static str> {
    Some(match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => return None,
    })
}
