//! Where the values of an output stand by what came with it: the anchors of `sources`, and the boxes of `evidence`.

use serde_json::{Map, Value, json};
use shared::review::Evidence;

/// Most marks of a review; what is beyond is found by search.
const MOST: usize = 5_000;
/// Deepest nesting that is looked into; the store takes no deeper output.
const DEEPEST: usize = 128;

/// Where a value stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mark {
    /// The field, as a JSON Pointer.
    pub(super) path: String,
    /// Which of the review's documents.
    pub(super) document: usize,
    /// The page, from 1.
    pub(super) page: u32,
    /// Left, top, width and height, 0 to 1.
    pub(super) area: [f64; 4],
}

/// All marks that came with a review, whose documents are `documents`. What names no document is in the first.
pub(super) fn marks_of(evidence: &Evidence, documents: &[&str]) -> Vec<Mark> {
    let mut marks = Marks { documents, found: Vec::new() };
    if let Some(Value::Array(entries)) = evidence.evidence.as_ref().and_then(parsed) {
        for entry in &entries {
            let path = entry.get("path").and_then(Value::as_str);
            if let (Some(path), Some(Value::Object(area))) = (path, entry.get("box")) {
                marks.add(path, entry, area);
            }
        }
    }
    if let Some(sources) = evidence.sources.as_ref().and_then(parsed) {
        marks.walk(&mut String::new(), &sources, 0);
    }
    marks.found
}

fn parsed(text: &shared::review::JsonText) -> Option<Value> {
    serde_json::from_str(text.as_str()).ok()
}

struct Marks<'a> {
    documents: &'a [&'a str],
    found: Vec<Mark>,
}

impl Marks<'_> {
    fn walk(&mut self, path: &mut String, value: &Value, depth: usize) {
        if depth > DEEPEST || self.found.len() >= MOST {
            return;
        }
        let length = path.len();
        match value {
            Value::Object(members) => {
                if let Some(anchor) = anchor_of(members) {
                    self.add(path, &Value::Object(anchor.clone()), anchor);
                    return;
                }
                for (key, value) in members {
                    path.push('/');
                    path.push_str(&key.replace('~', "~0").replace('/', "~1"));
                    self.walk(path, value, depth + 1);
                    path.truncate(length);
                }
            }
            Value::Array(items) => {
                for (at, value) in items.iter().enumerate() {
                    path.push('/');
                    path.push_str(&at.to_string());
                    self.walk(path, value, depth + 1);
                    path.truncate(length);
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, path: &str, of: &Value, area: &Map<String, Value>) {
        if self.found.len() >= MOST {
            return;
        }
        let document = match of.get("document_id").and_then(Value::as_str) {
            None => Some(0),
            Some(id) => self.documents.iter().position(|document| *document == id),
        };
        let page =
            of.get("page").map_or(Some(1), |page| page.as_u64().and_then(|page| u32::try_from(page).ok()));
        let side = |name| area.get(name).and_then(Value::as_f64).filter(|side| (0.0..=1.0).contains(side));
        let sides = [side("left"), side("top"), side("width"), side("height")];
        if let (Some(document), Some(page), [Some(left), Some(top), Some(width), Some(height)]) =
            (document, page, sides)
        {
            self.found.push(Mark {
                path: path.to_owned(),
                document,
                page,
                area: [left, top, width.min(1.0 - left), height.min(1.0 - top)],
            });
        }
    }
}

/// The anchor of a leaf: `{value, source: {content, anchor: {kind, …}}}`. A field may be called `source` itself, so its kind counts.
fn anchor_of(members: &Map<String, Value>) -> Option<&Map<String, Value>> {
    let anchor = members.get("source")?.get("anchor")?.as_object()?;
    anchor.get("kind").and_then(Value::as_str).map(|_| anchor)
}

/// The marks for the script, as a JSON text that no HTML parser takes for the end of its element.
pub(super) fn json(marks: &[Mark], documents: &[&str]) -> String {
    let round = |side: f64| (side * 100_000.0).round() / 100_000.0;
    let marks: Vec<Value> = marks
        .iter()
        .map(|mark| json!([mark.path, documents.get(mark.document), mark.page, mark.area.map(round)]))
        .collect();
    Value::Array(marks).to_string().replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::review::JsonText;

    fn text(value: &Value) -> JsonText {
        JsonText::parse(value.to_string()).unwrap()
    }

    fn anchor(more: &Value) -> Value {
        let mut anchor =
            json!({"kind": "pdf_bbox", "page": 2, "left": 0.1, "top": 0.2, "width": 0.3, "height": 0.05});
        anchor.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"value": "x", "source": {"content": "x", "anchor": anchor}})
    }

    #[test]
    fn anchors_and_boxes_become_marks_of_their_fields() {
        let sources = json!({"seller": {"post/code": anchor(&json!({}))}, "items": [{"price": anchor(&json!({"document_id": "b"}))}]});
        let entries = json!([{"path": "/total", "page": 3, "box": {"left": 0.5, "top": 0.5, "width": 0.9, "height": 0.1}}, {"path": "/no_box"}]);
        let evidence =
            Evidence { sources: Some(text(&sources)), evidence: Some(text(&entries)), ..Evidence::default() };
        let marks = marks_of(&evidence, &["a", "b"]);
        let mark = |path: &str, document, page, area| Mark { path: path.into(), document, page, area };
        assert_eq!(
            marks,
            [
                mark("/total", 0, 3, [0.5, 0.5, 0.5, 0.1]),
                mark("/items/0/price", 1, 2, [0.1, 0.2, 0.3, 0.05]),
                mark("/seller/post~1code", 0, 2, [0.1, 0.2, 0.3, 0.05]),
            ]
            .to_vec()
        );
    }

    #[test]
    fn what_is_no_place_is_left_out() {
        for wrong in [
            json!({"left": 2}),
            json!({"top": null}),
            json!({"page": 0.5}),
            json!({"document_id": "unknown"}),
        ] {
            let evidence =
                Evidence { sources: Some(text(&json!({"a": anchor(&wrong)}))), ..Evidence::default() };
            assert_eq!(marks_of(&evidence, &["a"]), [], "{wrong}");
        }
        let no_anchor =
            json!({"source": {"anchor": "harbour"}, "value": {"source": {"anchor": {"left": 1}}}});
        let evidence = Evidence { sources: Some(text(&no_anchor)), ..Evidence::default() };
        assert_eq!(marks_of(&evidence, &["a"]), []);
    }

    #[test]
    fn no_more_marks_than_a_page_can_hold() {
        let many: Vec<Value> = (0..MOST + 10).map(|_| anchor(&json!({}))).collect();
        let evidence = Evidence { sources: Some(text(&Value::Array(many))), ..Evidence::default() };
        assert_eq!(marks_of(&evidence, &["a"]).len(), MOST);
    }

    #[test]
    fn a_path_ends_no_script_element() {
        let mark = Mark { path: "/</script><script>".into(), document: 0, page: 1, area: [0.0; 4] };
        assert!(!json(&[mark], &["a"]).contains('<'));
    }
}
