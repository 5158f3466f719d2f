//! That the demo's files fit together.

use super::bodies::Parts;
use super::documents::{document, schema, schemas};
use super::story::{POLICIES, STORY};
use super::{DemoReview, REVIEWS, uploads};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeSet;

fn value(raw: &RawValue) -> Value {
    serde_json::from_str(raw.get()).unwrap()
}

/// Each review: what names it, the body, what comes with it.
fn all() -> impl Iterator<Item = (String, Value, Parts<'static>)> {
    REVIEWS.iter().map(|review: &'static DemoReview| {
        let body: Value = serde_json::from_str(review.body).unwrap();
        (body["run_id"].as_str().unwrap().to_owned(), body, review.parts().unwrap())
    })
}

#[test]
fn every_document_and_every_schema_is_named_and_there() {
    let (mut files, mut named) = (BTreeSet::new(), BTreeSet::new());
    for (run, _, parts) in all() {
        named.insert(parts.json_schema);
        assert!(schema(parts.json_schema).is_some(), "{run}: {}", parts.json_schema);
        for entry in &parts.documents {
            let reference = entry["source"]["document_id"].as_str().unwrap();
            let found = document(reference).unwrap_or_else(|| panic!("{run}: {reference}"));
            assert_eq!(
                (found.filename, found.mime_type),
                (entry["filename"].as_str().unwrap(), entry["mime_type"].as_str().unwrap())
            );
            files.insert(found.filename);
        }
    }
    assert_eq!(files, uploads().map(|document| document.filename).collect());
    assert_eq!(named.len(), schemas().count());
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/demo/documents");
    let there: BTreeSet<_> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(there, files.iter().map(Into::into).collect(), "each file of the folder is in the table");
    assert!(uploads().all(|document| document.content.len() <= 60_000));
    assert!(uploads().map(|document| document.content.len()).sum::<usize>() <= 700_000);
}

#[test]
fn documents_are_what_their_media_types_say() {
    for document in uploads() {
        let start: &[u8] = match document.mime_type {
            "application/pdf" => b"%PDF-1.",
            "image/jpeg" => b"\xff\xd8\xff",
            "image/tiff" => b"II*\0",
            other => panic!("{other}"),
        };
        assert!(document.content.starts_with(start), "{}", document.filename);
    }
}

#[test]
fn every_schema_is_a_json_schema() {
    for (name, text) in schemas() {
        let schema: Value = serde_json::from_str(text).unwrap();
        assert!(jsonschema::meta::is_valid(&schema), "{name}");
        jsonschema::validator_for(&schema).unwrap();
    }
}

#[test]
fn outputs_fit_their_schemas_but_for_one_listed_error() {
    let mut faults = Vec::new();
    for (run, body, parts) in all() {
        let schema = serde_json::from_str(schema(parts.json_schema).unwrap()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        faults.extend(
            validator.iter_errors(&body["snapshot"]).map(|it| format!("{run}{}", it.instance_path())),
        );
    }
    assert_eq!(faults, ["run_es0214/currency"], "read as a sign, not as a code");
}

/// Same members and same lengths; leaves are numbers from 0 to 1.
fn mirrors(output: &Value, likelihoods: &Value) -> bool {
    match (output, likelihoods) {
        (Value::Object(output), Value::Object(tree)) => {
            output.keys().eq(tree.keys())
                && output.values().zip(tree.values()).all(|(it, of)| mirrors(it, of))
        }
        (Value::Array(output), Value::Array(tree)) => {
            output.len() == tree.len() && output.iter().zip(tree).all(|(it, of)| mirrors(it, of))
        }
        (Value::Object(_) | Value::Array(_), _) => false,
        (_, likelihood) => likelihood.as_f64().is_some_and(is_part),
    }
}

fn is_part(number: f64) -> bool {
    (0.0..=1.0).contains(&number)
}

#[test]
fn likelihoods_mirror_the_outputs() {
    for (run, body, parts) in all() {
        let (kind, snapshot) = (body["block_type"].as_str().unwrap(), &body["snapshot"]);
        let likelihoods = parts.likelihoods.map(value);
        match (kind, likelihoods) {
            ("conditional", None) => {}
            ("extract", Some(tree)) => assert!(mirrors(snapshot, &tree), "{run}"),
            ("classifier", Some(tree)) => {
                assert_eq!(tree["likelihood"], snapshot["scores"][0]["score"], "{run}");
            }
            ("split", Some(tree)) => {
                let pages = |tree: &Value| tree["pages"].as_array().map_or(0, Vec::len) as u64;
                let sizes: Vec<u64> = tree["likelihoods"].as_array().unwrap().iter().map(pages).collect();
                let parts = snapshot["documents"].as_array().unwrap();
                assert_eq!(
                    sizes,
                    parts.iter().map(|part| part["page_count"].as_u64().unwrap()).collect::<Vec<_>>()
                );
            }
            (kind, _) => panic!("{run}: {kind}"),
        }
    }
}

/// The page and the four sides of a place.
fn check_place(run: &str, parts: &Parts<'_>, place: &Value, sides: &Value) {
    let known = parts.documents.iter().any(|document| document["id"] == place["document_id"]);
    assert!(known && place["page"].as_u64().is_some_and(|page| page >= 1), "{run}: {place}");
    let [left, top, width, height] =
        ["left", "top", "width", "height"].map(|side| sides[side].as_f64().unwrap());
    assert!(
        [left, top, width, height, left + width - 1e-5, top + height - 1e-5].into_iter().all(is_part),
        "{run}: {place}"
    );
    assert!(width > 0.0 && height > 0.0, "{run}: {place}");
}

/// Checks the leaves of sources against the output; answers how many have a place.
fn check_sources(run: &str, parts: &Parts<'_>, output: &Value, tree: &Value) -> usize {
    match output {
        Value::Object(members) => {
            members.iter().map(|(name, it)| check_sources(run, parts, it, &tree[name])).sum()
        }
        Value::Array(items) => {
            items.iter().enumerate().map(|(at, it)| check_sources(run, parts, it, &tree[at])).sum()
        }
        leaf => {
            assert_eq!(&tree["value"], leaf, "{run}: {tree}");
            let Some(anchor) = tree["source"].get("anchor") else { return 0 };
            assert!(anchor["kind"].as_str().unwrap().ends_with("_bbox"));
            check_place(run, parts, anchor, anchor);
            1
        }
    }
}

#[test]
fn every_place_is_on_a_page_and_of_a_value() {
    let (mut with_sources, mut with_evidence, mut with_none) = (0, 0, 0);
    for (run, body, parts) in all() {
        let snapshot = &body["snapshot"];
        if let Some(sources) = parts.sources {
            with_sources += 1;
            assert!(check_sources(&run, &parts, snapshot, &value(sources)) > 5, "{run}");
        } else if let Some(evidence) = parts.evidence {
            with_evidence += 1;
            for entry in value(evidence).as_array().unwrap() {
                assert!(snapshot.pointer(entry["path"].as_str().unwrap()).is_some(), "{run}: {entry}");
                assert!(entry["confidence"].as_f64().is_some_and(is_part));
                check_place(&run, &parts, entry, &entry["box"]);
            }
        } else {
            with_none += 1;
        }
    }
    assert!(with_sources >= 4 && with_evidence >= 6 && with_none >= 3, "of each some");
}

#[test]
fn the_list_of_errors_names_what_was_read() {
    let list = include_str!("../../demo/ERRORS.md");
    let rows: Vec<Vec<&str>> = list
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('`')).collect())
        .collect();
    assert!(rows.len() >= 20);
    let mut sure = 0;
    for row in rows {
        let (run, path, read, likelihood) = (row[0].split('/').next().unwrap(), row[1], row[2], row[4]);
        let (_, body, parts) = all().find(|(id, ..)| id == run).unwrap();
        let value_read = body["snapshot"].pointer(path);
        // A row that is missing is not there; one that was read twice has a twin.
        match value_read {
            Some(Value::Null) => assert_eq!(read, "nothing", "{run}{path}"),
            Some(Value::String(text)) => assert_eq!(read, text, "{run}{path}"),
            Some(Value::Number(_) | Value::Bool(_)) => {
                let number = |text: &str| text.parse::<f64>().ok();
                let text = value_read.unwrap().to_string();
                assert!(
                    text == read || (number(&text).is_some() && number(&text) == number(read)),
                    "{run}{path}"
                );
            }
            _ => {}
        }
        let tree = parts.likelihoods.map(value).unwrap();
        if let (Some(said), Ok(listed)) =
            (tree.pointer(path).and_then(Value::as_f64), likelihood.parse::<f64>())
        {
            assert!((said - listed).abs() < 1e-9, "{run}{path}: {said}, listed as {listed}");
            sure += usize::from(said >= 0.9);
        }
    }
    assert!(sure >= 3, "some errors have a high likelihood, so that reviewers must look");
}

#[test]
fn an_opening_keeps_digits_and_names_uploads_or_no_documents() {
    let review = REVIEWS.iter().find(|review| review.body.contains("run_abc123")).unwrap();
    let with = review.opening(Some(&|document| format!("up-{}", document.filename.len()))).unwrap();
    assert!(with.contains(r#""unit_price": 1249.90"#), "digits are kept");
    assert!(!with.contains("FILE:") && with.contains(r#""document_id":"up-17""#), "{with}");
    let without: Value = serde_json::from_str(&review.opening(None).unwrap()).unwrap();
    for name in ["documents", "sources", "evidence"] {
        assert_eq!(without.get(name), None);
    }
    assert!(without["json_schema"]["properties"]["seller"].is_object() && without["likelihoods"].is_object());
}

#[test]
fn policies_and_the_story_are_of_workflows_and_reviews_of_the_demo() {
    for (workflow, body) in POLICIES {
        let body: Value = serde_json::from_str(body).unwrap();
        assert!(all().any(|(_, it, _)| it["workflow_id"] == workflow), "{workflow}");
        let blocks = body["blocks"].to_string();
        assert!(put_policy::rules::from_text(&blocks).is_ok(), "{workflow}: {blocks}");
    }
    for (_, _, review, verb, body) in STORY {
        let of = |(run, it, _): &(String, Value, Parts<'_>)| {
            review == format!("{run}/{}", it["block_id"].as_str().unwrap())
        };
        let (_, _, parts) = all().find(of).unwrap_or_else(|| panic!("{review}"));
        let body: Value = serde_json::from_str(body).unwrap();
        if verb == "versions" {
            let schema = serde_json::from_str(schema(parts.json_schema).unwrap()).unwrap();
            assert!(jsonschema::is_valid(&schema, &body["snapshot"]), "{review}");
        }
    }
}
