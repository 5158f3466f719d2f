//! Every endpoint with every key that must not open it: the exact answer, and nothing written.

use aws_sdk_dynamodb::types::AttributeValue;
use lambda_http::Body;
use lambda_http::http::Request;
use local::api_keys::{self, NewKey};
use local::emulator;
use serde_json::{Value, json};
use shared::api::{Endpoint, FieldSpec, Shape};
use shared::review::OrganizationId;
use shared::store::{Scope, Store};
use std::collections::{BTreeMap, HashMap};
use tests::{Answer, REVIEWS, TestApp, endpoint};

const SCOPES: [Scope; 4] = Scope::ALL;

fn store(app: &TestApp) -> Store {
    Store::new(emulator::client(endpoint()), app.inner.store.table())
}

async fn new_key(
    app: &TestApp,
    organization: &str,
    scopes: &[Scope],
    lives_seconds: Option<i64>,
) -> (String, String) {
    let new = NewKey {
        organization: OrganizationId::parse(organization).unwrap(),
        actor: api_keys::actor("human", "mallory", "Mallory").unwrap(),
        scopes: scopes.to_vec(),
        groups: Vec::new(),
        expires_at: lives_seconds.map(|seconds| app.clock.now().plus_millis(seconds * 1000)),
    };
    let (key, record) = api_keys::create(&store(app), new, app.clock.now()).await.unwrap();
    (key.reveal().to_owned(), record.key_id)
}

/// Somebody who is a member nowhere.
const MEMBER: &str = "user_0123456789abcdef01234567";

/// Items by their keys.
type Contents = BTreeMap<String, HashMap<String, AttributeValue>>;

/// Fails unless nothing has been written since.
async fn unchanged(app: &TestApp, of: &str, before: &Contents) {
    let now = contents(app, of).await;
    let changed = |key: &&String| now.get(*key) != before.get(*key);
    let changed: Vec<&String> = now.keys().chain(before.keys()).filter(changed).collect();
    assert!(changed.is_empty(), "{changed:?} were written");
}

/// All that the table holds, or all that it holds of one organization.
async fn contents(app: &TestApp, of: &str) -> Contents {
    let text =
        |value: Option<&AttributeValue>| value.and_then(|it| it.as_s().ok()).cloned().unwrap_or_default();
    let mut contents = BTreeMap::new();
    let mut start = None;
    loop {
        let request = emulator::client(endpoint()).scan().table_name(app.inner.store.table());
        let page = request.set_exclusive_start_key(start).send().await.unwrap();
        for item in page.items() {
            let key = format!("{} {}", text(item.get("pk")), text(item.get("sk")));
            // When a key was last used is written by every call that is allowed.
            if key.contains(of) && !key.starts_with("KEY-USES#") {
                contents.insert(key, item.clone());
            }
        }
        start = page.last_evaluated_key;
        if start.is_none() {
            return contents;
        }
    }
}

/// A request that is valid with the right key: the endpoint's own example.
fn request(endpoint: &Endpoint, webhook: &str, key: Option<&str>) -> Request<Body> {
    let path = endpoint.route.path.replace("{run_id}", "run_abc123").replace("{block_id}", "block_extract");
    let path = path
        .replace("{seq}", "0")
        .replace("{workflow_id}", "wf_invoices")
        .replace("{webhook_id}", webhook)
        .replace("{actor_id}", MEMBER)
        .replace("{invite_id}", "0123456789abcdef")
        .replace("{issuer_id}", "entra")
        .replace("{subscription_id}", "sub_0123456789abcdef")
        .replace("{key_id}", "key_0123456789abcdef")
        .replace("{document_id}", "invoice")
        .replace("{page}", "1");
    assert!(!path.contains('{'), "{path} has a parameter that this test does not know");
    assert_eq!(endpoint.body.is_some(), endpoint.example.is_some(), "{path}: a body has an example");
    // The one query that something is required in.
    let path = if endpoint.name() == "delete-policy" { path + "?version_stamp=0" } else { path };
    let body = endpoint.example.map_or(Body::Empty, |example| Body::Text(example.to_owned()));
    let request = Request::builder().method(endpoint.route.method).uri(path);
    let request = request.header("content-type", "application/json");
    let request = key.into_iter().fold(request, |request, key| request.header("api-key", key));
    request.body(body).unwrap()
}

async fn webhook(app: &TestApp) -> String {
    let body = json!({ "url": "https://hooks.example.com/" });
    let answer = app.call("admin", "POST", "/v1/webhooks", Some(body)).await;
    answer.body["webhook_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn no_endpoint_takes_an_invalid_key_and_nothing_is_written() {
    let app = TestApp::new().await;
    app.open().await;
    let webhook = webhook(&app).await;
    let (expired, _) = new_key(&app, "org_a", &SCOPES, Some(0)).await;
    let (revoked, id) = new_key(&app, "org_a", &SCOPES, None).await;
    let organization = OrganizationId::parse("org_a").unwrap();
    assert!(
        store(&app).revoke_key(&organization, &id, &api_keys::command_line(), app.clock.now()).await.unwrap()
    );
    let unknown = format!("hp_{}", "A".repeat(43));
    let good = app.key("agent").to_owned();
    let malformed = [
        String::new(),
        "hp_".into(),
        good[3..].to_owned(),
        format!("Bearer {good}"),
        format!("{good} "),
        good.to_uppercase(),
        good[..good.len() - 1].to_owned(),
        format!("{good}A"),
        format!("{good}#"),
        format!("{good},{good}"),
        format!("hp_{}", "A".repeat(100_000)),
    ];
    let before = contents(&app, "").await;
    for endpoint in endpoints::ALL {
        let keys = [&unknown, &expired, &revoked].into_iter().chain(&malformed).map(|key| Some(key.as_str()));
        for key in keys.chain([None]) {
            let answer = app.send(request(endpoint, &webhook, key)).await;
            let said = key.map(|key| key.chars().take(60).collect::<String>());
            assert_eq!(answer.status, 401, "{} {said:?}: {}", endpoint.name(), answer.text);
            assert_eq!(answer.headers["www-authenticate"], "Bearer, Api-Key");
            answer.error(401, "unauthenticated");
        }
    }
    unchanged(&app, "", &before).await;
}

#[tokio::test]
async fn no_endpoint_takes_a_key_without_its_scope_and_nothing_is_written() {
    let app = TestApp::new().await;
    app.open().await;
    let webhook = webhook(&app).await;
    let mut keys = Vec::new();
    for scope in SCOPES {
        // Whoever may review may read, so without `read` means without both.
        let gives = |other: Scope| other == scope || (scope == Scope::Read && other == Scope::Review);
        let others: Vec<Scope> = SCOPES.into_iter().filter(|other| !gives(*other)).collect();
        keys.push(new_key(&app, "org_a", &others, None).await.0);
    }
    let (powerless, _) = new_key(&app, "org_a", &[], None).await;
    let before = contents(&app, "").await;
    for endpoint in endpoints::ALL {
        let place = SCOPES.iter().position(|scope| *scope == endpoint.handler.scope).unwrap();
        for key in [&keys[place], &powerless] {
            let detail = app.send(request(endpoint, &webhook, Some(key))).await.error(403, "forbidden");
            assert_eq!(
                detail["details"],
                json!({ "scope": endpoint.handler.scope.as_str() }),
                "{}",
                endpoint.name()
            );
        }
    }
    unchanged(&app, "", &before).await;
}

/// The names of the fields that an endpoint declares for its example.
fn declared(endpoint: &Endpoint) -> Vec<&'static str> {
    let names = |specs: &'static [FieldSpec]| specs.iter().map(|spec| spec.name);
    let example: Value = serde_json::from_str(endpoint.example.unwrap()).unwrap();
    match endpoint.body.unwrap().object.shape {
        Shape::Fields(specs) => names(specs).collect(),
        Shape::Variants { tag, variants, .. } => {
            let variant = variants.iter().find(|variant| example[tag.name] == variant.word.text).unwrap();
            [tag.name].into_iter().chain(names(variant.fields)).collect()
        }
    }
}

#[tokio::test]
async fn every_call_reads_the_fields_that_it_declares_and_no_others() {
    let app = TestApp::new().await;
    app.open().await;
    let webhook = webhook(&app).await;
    let (key, _) = new_key(&app, "org_a", &SCOPES, None).await;
    let before = contents(&app, "").await;
    for endpoint in endpoints::ALL {
        let surprised = |answer: Answer, place: &str, names: &[&str]| {
            let detail = answer.error(422, "validation_error");
            let error = &detail["details"]["errors"][0];
            assert_eq!(
                (&error["loc"], &error["code"]),
                (&json!([place, "surprise"]), &json!("unknown_field"))
            );
            let message = error["message"].as_str().unwrap();
            assert!(message.ends_with(&names.join(", ")), "{}: {message}", endpoint.name());
        };
        if let Some(example) = endpoint.example {
            let mut body: Value = serde_json::from_str(example).unwrap();
            body["surprise"] = json!(1);
            let mut request = request(endpoint, &webhook, Some(&key));
            *request.body_mut() = Body::Text(body.to_string());
            surprised(app.send(request).await, "body", &declared(endpoint));
        }
        if !endpoint.query.is_empty() {
            let mut request = request(endpoint, &webhook, Some(&key));
            let joint = if request.uri().query().is_some() { "&" } else { "?" };
            *request.uri_mut() = format!("{}{joint}surprise=1", request.uri()).parse().unwrap();
            let names: Vec<&str> = endpoint.query.iter().map(|spec| spec.name).collect();
            surprised(app.send(request).await, "query", &names);
        }
    }
    unchanged(&app, "", &before).await;
}

/// Fails unless a key of another organization, with all scopes, got the answer that follows from the endpoint's path: what the path
/// names is not found, what is listed is empty, what is created is its own.
fn answered_elsewhere(endpoint: &Endpoint, answer: Answer) {
    let (name, status) = (endpoint.name(), answer.status.as_u16());
    if endpoint.route.path.contains("{run_id}") {
        drop(answer.error(404, "review_not_found"));
    } else if endpoint.route.path.contains("{webhook_id}") {
        drop(answer.error(404, "webhook_not_found"));
    } else if endpoint.route.path.contains("{actor_id}") {
        drop(answer.error(404, "member_not_found"));
    } else if endpoint.route.path.contains("{invite_id}") {
        drop(answer.error(404, "invite_not_found"));
    } else if endpoint.route.path.contains("{key_id}") {
        drop(answer.error(404, "key_not_found"));
    } else if ["list-keys", "list-administration"].contains(&name) {
        // Their own keys, and that those were made.
        let rows = answer.ok()["data"].to_string();
        assert!(rows.contains("Mallory") && !rows.contains("Dana Rivera"), "{rows}");
    } else if endpoint.route.path.contains("{document_id}") {
        let expected = json!({ "document_id": "invoice", "deleted": true, "reviews": 0, "more": false });
        assert_eq!(answer.ok(), expected, "there is none of theirs with that id");
    } else if ["get-policy", "delete-policy"].contains(&name) {
        drop(answer.error(404, "policy_not_found"));
    } else if name == "delete-issuer" {
        drop(answer.error(404, "issuer_not_found"));
    } else if ["get-sign-in", "set-sign-in"].contains(&name) {
        assert_eq!(answer.ok()["issuers"], json!([]), "{name}");
    } else if endpoint.route.path.contains("{subscription_id}") {
        drop(answer.error(404, "subscription_not_found"));
    } else if name == "create-subscription" {
        // A key's actor is no member.
        drop(answer.error(422, "validation_error"));
    } else if name == "dry-run-policy" {
        assert_eq!(answer.ok()["looked_at"], 0, "there is no review of theirs");
    } else if endpoint.route.method == "GET" {
        assert_eq!(answer.ok()["data"], json!([]), "{name}");
    } else if status != 204 {
        assert_eq!(status, 201, "{name}: {}", answer.text);
        // `gate` answers with the review in a field.
        let created = if name == "gate" { &answer.body["overlay"] } else { &answer.body };
        let organization = &created["organization_id"];
        assert!(organization.is_null() || organization == "org_b", "{name}: {organization}");
    }
}

#[tokio::test]
async fn a_key_of_another_organization_finds_and_changes_nothing() {
    let app = TestApp::new().await;
    app.open().await;
    let webhook = webhook(&app).await;
    let (theirs, _) = new_key(&app, "org_b", &SCOPES, None).await;
    let before = contents(&app, "org_a").await;
    assert!(
        before.keys().any(|key| key.contains("REVIEW#org_a"))
            && before.keys().any(|key| key.contains(&webhook))
    );
    // The endpoints that create something come last: before them there is nothing of their own.
    let mut order: Vec<&Endpoint> = endpoints::ALL.iter().collect();
    let creates = |endpoint: &Endpoint| endpoint.answers.iter().any(|answer| answer.status == 201);
    order.sort_by_key(|endpoint| creates(endpoint) && !endpoint.route.path.contains("{run_id}"));
    for endpoint in order {
        answered_elsewhere(endpoint, app.send(request(endpoint, &webhook, Some(&theirs))).await);
    }
    unchanged(&app, "org_a", &before).await;
    let list = app.call("dana", "GET", REVIEWS, None).await.ok();
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
}
