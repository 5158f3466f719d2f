//! The API's description: what is served is what the code says, and it needs no key.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lambda_http::Body;
use lambda_http::http::{Method, Request};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{REVIEWS, TestApp, opening};

fn served() -> Value {
    serde_json::from_str(docs::PAGES[0].text).unwrap()
}

#[test]
fn the_served_description_is_the_generated_one() {
    let document = openapi::document();
    let stale = "is stale: run `cargo run -p openapi` and commit what it writes";
    assert!(served() == document, "functions/docs/openapi.json {stale}");
    assert!(docs::PAGES[1].text == openapi::page(&document), "functions/docs/docs.html {stale}");
}

#[test]
fn every_endpoint_is_described_and_no_other() {
    let document = served();
    let mut described = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap().to_owned();
            for parameter in operation["parameters"].as_array().unwrap() {
                assert!(parameter["schema"]["type"].is_string(), "{name}: {parameter}");
            }
            described.insert((method.to_ascii_uppercase(), path.clone(), name));
        }
    }
    let routes: BTreeSet<_> = endpoints::ALL
        .iter()
        .map(|it| (it.route.method.to_owned(), it.route.path.to_owned(), it.name().to_owned()))
        .collect();
    assert_eq!(described, routes);
}

#[tokio::test]
async fn the_pages_need_no_key_run_no_script_and_have_a_tag() {
    let app = TestApp::new().await;
    for page in docs::PAGES {
        let get = || Request::get(page.path);
        let answer = app.send(get().header("accept-encoding", "gzip").body(Body::Empty).unwrap()).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, page.text));
        assert!(answer.carried_bytes < page.text.len() / 3);
        let header = |name: &str| answer.headers[name].to_str().unwrap();
        assert_eq!((header("content-type"), header("vary")), (page.content_type, "accept-encoding"));
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(header("content-security-policy").starts_with("default-src 'none'"));
        assert!(header("cache-control").starts_with("public"));
        let again = app.send(get().header("if-none-match", header("etag")).body(Body::Empty).unwrap()).await;
        assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
        let deleted = Request::builder().method(Method::DELETE).uri(page.path).body(Body::Empty).unwrap();
        let refused = app.send(deleted).await;
        assert_eq!(refused.headers["allow"], "GET");
        refused.error(405, "method_not_allowed");
    }
    let page = docs::PAGES[1].text.replace("http://127.0.0.1:8787", "");
    assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("src="));
}

#[tokio::test]
async fn every_link_of_the_page_leads_somewhere() {
    let page = docs::PAGES[1].text;
    for link in page.split("href=\"#").skip(1) {
        let name = link.split('"').next().unwrap();
        assert!(page.contains(&format!("id=\"{name}\"")), "{name}");
    }
}

#[tokio::test]
async fn the_description_of_a_secret_is_what_the_parser_takes() {
    let app = TestApp::new().await;
    let document = served();
    let schema = &document["components"]["schemas"]["ResumeTargetWebhook"]["properties"]["signing_secret"];
    let pattern =
        jsonschema::validator_for(&json!({ "type": "string", "pattern": schema["pattern"] })).unwrap();
    for length in 20..=68_usize {
        let bytes: Vec<u8> = (0..length).filter_map(|at| u8::try_from(at * 37 % 256).ok()).collect();
        let secret = format!("whsec_{}", STANDARD.encode(bytes));
        let mut body = opening(&format!("run_{length}"), "block", 0);
        body["resume"] =
            json!({ "kind": "webhook", "url": "https://example.com/", "signing_secret": secret });
        let answer = app.call("agent", "POST", REVIEWS, Some(body)).await;
        assert_eq!(answer.status == 201, (24..=64).contains(&length), "{length} bytes: {}", answer.text);
        assert_eq!(pattern.is_valid(&json!(secret)), answer.status == 201, "{secret}");
    }
}

#[test]
fn every_example_of_an_answer_is_one() {
    let document = served();
    let mut count = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            for (status, answer) in operation["responses"].as_object().unwrap() {
                let content = &answer["content"]["application/json"];
                if content["schema"].is_null() || !status.starts_with('2') {
                    continue;
                }
                let schema = json!({ "allOf": [content["schema"]], "components": document["components"] });
                let validator = jsonschema::options().build(&schema).unwrap();
                let errors: Vec<String> = validator
                    .iter_errors(&content["example"])
                    .map(|it| format!("{}: {it}", it.instance_path()))
                    .collect();
                assert!(errors.is_empty(), "{method} {path} {status}: {errors:?}");
                count += 1;
            }
        }
    }
    let with_json = endpoints::ALL.iter().filter(|it| it.answers.iter().any(|answer| answer.body.is_some()));
    assert!(count >= with_json.count(), "{count}");
}

#[tokio::test]
async fn the_first_call_in_the_docs_works() {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/src/page/first_call.sh"));
    let page = page.unwrap();
    let bodies: Vec<Value> =
        page.split('\'').skip(1).step_by(2).map(|body| serde_json::from_str(body).unwrap()).collect();
    let app = TestApp::new().await;
    let opened = app.call("agent", "POST", REVIEWS, Some(bodies[0].clone())).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    let path = format!("{REVIEWS}/run_1/extract/decision");
    assert!(page.contains(&path) && page.contains(REVIEWS));
    let decided = app.call("dana", "POST", &path, Some(bodies[1].clone())).await.ok();
    assert_eq!(decided["overlay"]["status"], "approved");
}

#[test]
fn every_variant_of_a_union_has_a_name_of_its_own() {
    let document = served();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let unions: Vec<_> = schemas.iter().filter(|(_, schema)| schema["discriminator"].is_object()).collect();
    assert!(unions.iter().any(|(name, _)| *name == "DecideRequest"), "there are unions");
    for (name, union) in unions {
        for variant in union["oneOf"].as_array().unwrap() {
            let reference = variant["$ref"].as_str().unwrap_or_else(|| panic!("{name}: {variant}"));
            let schema = &schemas[reference.strip_prefix("#/components/schemas/").unwrap()];
            let tag = union["discriminator"]["propertyName"].as_str().unwrap();
            let word = schema["properties"][tag]["const"].as_str().unwrap();
            assert_eq!(union["discriminator"]["mapping"][word], *reference);
        }
    }
}
