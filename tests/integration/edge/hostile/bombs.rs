//! JSON that is small to send and large to read. Each has its answer, and the next request has its own.

use lambda_http::Body;
use lambda_http::http::header;
use serde_json::{Value, json};
use tests::{Answer, REVIEW, REVIEWS, TestApp};

/// As large as all of these can be for Lambda's event to hold them: their quotation marks take two bytes each.
const LARGE: usize = 4 * 1024 * 1024;

fn deep(open: &str, close: &str, bytes: usize) -> String {
    let levels = bytes / (open.len() + close.len());
    format!("{}1{}", open.repeat(levels), close.repeat(levels))
}

fn repeated(part: impl Fn(usize) -> String, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes);
    for index in 0.. {
        let part = part(index);
        if text.len() + part.len() + 1 > bytes {
            return text;
        }
        if index > 0 {
            text.push(',');
        }
        text.push_str(&part);
    }
    text
}

async fn edit(app: &TestApp, body: String) -> Answer {
    app.send(app.request("dana", "POST", &format!("{REVIEW}/versions"), Body::Text(body))).await
}

fn only_fault(answer: Answer) -> (String, String) {
    let faults = answer.faults();
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults.into_iter().next().unwrap()
}

#[tokio::test]
async fn a_snapshot_that_is_a_bomb_is_refused_and_named() {
    let app = TestApp::new().await;
    app.open().await;
    let number = format!("1{}", "0".repeat(LARGE - 100));
    let names = repeated(|index| format!("\"{:x}\":1", index % 1000), LARGE - 100);
    for (what, snapshot) in [
        ("objects in objects", deep("{\"a\":", "}", LARGE - 100)),
        ("arrays in arrays", format!("{{\"a\":{}}}", deep("[", "]", LARGE - 200))),
        ("128 levels", deep("{\"a\":", "}", 128 * 6)),
        ("a number of millions of digits", format!("{{\"a\":{number}}}")),
        ("a number beyond all numbers", "{\"a\":1e999999999}".into()),
        ("a number beyond all numbers below", "{\"a\":-1e309}".into()),
        ("many names twice", format!("{{{names}}}")),
        ("a lone surrogate", "{\"a\":\"\\ud800\"}".into()),
    ] {
        let answer = edit(&app, format!("{{\"version_stamp\":0,\"snapshot\":{snapshot}}}")).await;
        assert!(answer.text.len() < 2000, "{what}: {} bytes", answer.text.len());
        let (place, code) = only_fault(answer);
        assert!(place == "body.snapshot" || place == "body", "{what}: {place}");
        assert!(matches!(code.as_str(), "invalid_value" | "invalid_json"), "{what}: {code}");
    }
    assert_eq!(app.get().await.ok()["rev"], 0);
}

#[tokio::test]
async fn a_snapshot_of_very_many_small_things_is_taken_or_refused_for_its_size() {
    let app = TestApp::new().await;
    app.open().await;
    let names = repeated(|index| format!("\"{index:x}\":1"), LARGE - 100);
    let numbers = repeated(|_| "0".to_owned(), LARGE - 100);
    let mut rev = 0;
    for snapshot in [
        format!("{{{names}}}"),
        format!("{{\"a\":[{numbers}]}}"),
        format!("{{\"a\":[{}]}}", repeated(|_| "{}".into(), LARGE - 100)),
    ]
    .into_iter()
    .take(tests::amount(1, 3))
    {
        let answer = edit(&app, format!("{{\"version_stamp\":{rev},\"snapshot\":{snapshot}}}")).await;
        assert!(matches!(answer.status.as_u16(), 200 | 413), "{:.500}", answer.text);
        // That the answer is too large to be carried does not undo the change.
        rev = app.call("dana", "GET", &format!("{REVIEWS}?limit=1"), None).await.ok()["data"][0]["rev"]
            .as_u64()
            .unwrap();
    }
}

#[tokio::test]
async fn bombs_in_all_other_places_are_one_fault_each() {
    let app = TestApp::new().await;
    app.open().await;
    let deep_array = deep("[", "]", 60_000);
    let digits = "9".repeat(60_000);
    let claim = async |body: String| {
        let request = app.request("dana", "POST", &format!("{REVIEW}/claim"), Body::Text(body));
        only_fault(app.send(request).await)
    };
    let fault = |place: &str, code: &str| (place.to_owned(), code.to_owned());
    assert_eq!(claim(format!("{{\"version_stamp\":{deep_array}}}")).await.0, "body.version_stamp");
    assert_eq!(
        claim(format!("{{\"version_stamp\":{digits}}}")).await,
        fault("body.version_stamp", "out_of_range")
    );
    assert_eq!(
        claim(format!("{{\"version_stamp\":0,\"x\":{deep_array}}}")).await,
        fault("body.x", "unknown_field")
    );
    assert_eq!(claim(deep_array).await, fault("body", "wrong_type"));
    assert_eq!(claim("{\"version_stamp\":".repeat(3000)).await, fault("body", "invalid_json"));
    let (place, code) = claim(format!("{{\"version_stamp\":0,\"{}\":1}}", "n".repeat(60_000))).await;
    assert_eq!((place.len(), code.as_str()), ("body.".len() + 128, "unknown_field"));

    let mut opening = tests::opening("run_1", "block", 0);
    opening["triggered_by"] = Value::Null;
    let bomb = opening
        .to_string()
        .replace("\"triggered_by\":null", &format!("\"triggered_by\":{}", deep("{\"a\":", "}", LARGE / 2)));
    let answer = app.send(app.request("agent", "POST", REVIEWS, Body::Text(bomb))).await;
    assert!(only_fault(answer).0.starts_with("body"));
}

#[tokio::test]
async fn names_that_come_many_times_are_counted_and_not_listed() {
    let app = TestApp::new().await;
    app.open().await;
    let names = repeated(|_| "\"version_stamp\":0".into(), LARGE);
    let count = names.matches(':').count();
    let answer = edit(&app, format!("{{{names}}}")).await;
    let detail = answer.error(422, "validation_error");
    assert_eq!(detail["details"]["errors"].as_array().unwrap().len(), 100);
    // All but the first, and the snapshot that is missing.
    assert_eq!(detail["details"]["omitted"], json!(count - 1 + 1 - 100));
}

/// A kilobyte that says it is a gigabyte: nothing here unpacks what it is sent.
#[tokio::test]
async fn a_compressed_body_is_not_unpacked() {
    let app = TestApp::new().await;
    app.open().await;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::copy(&mut std::io::Read::take(std::io::repeat(b' '), 30_000_000), &mut packed).unwrap();
    let mut request =
        app.request("dana", "POST", &format!("{REVIEW}/versions"), Body::Binary(packed.finish().unwrap()));
    request.headers_mut().insert(header::CONTENT_ENCODING, "gzip".parse().unwrap());
    assert_eq!(only_fault(app.send(request).await), ("body".to_owned(), "invalid_json".to_owned()));
}
