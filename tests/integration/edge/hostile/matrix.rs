//! Every route with every key that must not open it: the exact answer, and nothing written.

use aws_sdk_dynamodb::types::AttributeValue;
use lambda_http::Body;
use lambda_http::http::{Method, Request};
use local::api_keys::{self, NewKey};
use local::emulator;
use serde_json::{Value, json};
use shared::api::{Route, routes};
use shared::review::OrganizationId;
use shared::store::{Scope, Store};
use std::collections::{BTreeMap, HashMap};
use tests::{Answer, REVIEWS, TestApp, endpoint, opening};

const SCOPES: [Scope; 4] = [Scope::Read, Scope::Review, Scope::Runtime, Scope::Admin];

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
        expires_at: lives_seconds.map(|seconds| app.clock.now().plus_millis(seconds * 1000)),
    };
    let (key, record) = api_keys::create(&store(app), new, app.clock.now()).await.unwrap();
    (key.reveal().to_owned(), record.key_id)
}

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
            if key.contains(of) {
                contents.insert(key, item.clone());
            }
        }
        start = page.last_evaluated_key;
        if start.is_none() {
            return contents;
        }
    }
}

/// A request that would succeed with the right key.
fn request(route: Route, webhook: &str, key: Option<&str>) -> Request<Body> {
    let path = route.path.replace("{run_id}", "run_abc123").replace("{block_id}", "block_extract");
    let path = path.replace("{seq}", "0").replace("{webhook_id}", webhook);
    let stamp = json!({ "version_stamp": 0 });
    let body = match route.name {
        "open" => opening("run_new", "block", 0),
        "edit" => json!({ "version_stamp": 0, "snapshot": {} }),
        "decide" => json!({ "version_stamp": 0, "verdict": "approved" }),
        "claim-next" => json!({}),
        "create-webhook" => json!({ "url": "https://hooks.example.com/" }),
        "acknowledge" => json!({ "decision_id": "0" }),
        _ if route.method == Method::POST => stamp,
        _ => Value::Null,
    };
    let body = if body.is_null() { Body::Empty } else { Body::Text(body.to_string()) };
    let request =
        Request::builder().method(route.method).uri(path).header("content-type", "application/json");
    let request = key.into_iter().fold(request, |request, key| request.header("api-key", key));
    request.body(body).unwrap()
}

async fn webhook(app: &TestApp) -> String {
    let body = json!({ "url": "https://hooks.example.com/" });
    let answer = app.call("admin", "POST", "/v1/webhooks", Some(body)).await;
    answer.body["webhook_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn no_route_takes_a_missing_malformed_unknown_expired_or_revoked_key_and_nothing_is_written() {
    let app = TestApp::new().await;
    app.open().await;
    let webhook = webhook(&app).await;
    let (expired, _) = new_key(&app, "org_a", &SCOPES, Some(0)).await;
    let (revoked, id) = new_key(&app, "org_a", &SCOPES, None).await;
    let organization = OrganizationId::parse("org_a").unwrap();
    assert!(store(&app).revoke_key(&organization, &id, app.clock.now()).await.unwrap());
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
    for route in routes::ALL {
        let keys = [&unknown, &expired, &revoked].into_iter().chain(&malformed).map(|key| Some(key.as_str()));
        for key in keys.chain([None]) {
            let answer = app.send(request(route, &webhook, key)).await;
            let said = key.map(|key| key.chars().take(60).collect::<String>());
            assert_eq!(answer.status, 401, "{} {said:?}: {}", route.name, answer.text);
            assert_eq!(answer.headers["www-authenticate"], "Bearer, Api-Key");
            answer.error(401, "unauthenticated");
        }
    }
    unchanged(&app, "", &before).await;
}

#[tokio::test]
async fn no_route_takes_a_key_that_may_do_everything_else_and_nothing_is_written() {
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
    for route in routes::ALL {
        let place = SCOPES.iter().position(|scope| *scope == route.scope).unwrap();
        for key in [&keys[place], &powerless] {
            let detail = app.send(request(route, &webhook, Some(key))).await.error(403, "forbidden");
            assert_eq!(detail["details"], json!({ "scope": route.scope.as_str() }), "{}", route.name);
        }
    }
    unchanged(&app, "", &before).await;
}

/// What another organization's key that may do everything is answered. Each route that there is must be here.
fn answered_elsewhere(route: Route, answer: Answer) {
    match route.name {
        // What is made is their own.
        "open" => {
            assert_eq!((answer.status.as_u16(), &answer.body["organization_id"]), (201, &json!("org_b")));
        }
        "create-webhook" => assert_eq!(answer.status, 201, "{}", answer.text),
        // What is listed is theirs alone.
        "list" | "list-webhooks" => assert_eq!(answer.ok()["data"], json!([])),
        "claim-next" => assert_eq!(answer.status, 204, "{}", answer.text),
        "delete-webhook"
        | "enable-webhook"
        | "list-deliveries"
        | "rotate-webhook-secret"
        | "test-webhook" => {
            drop(answer.error(404, "webhook_not_found"));
        }
        "get" | "get-version" | "list-audit" | "claim" | "release" | "edit" | "decide" | "reopen"
        | "resume" | "get-decision" | "acknowledge" => {
            drop(answer.error(404, "review_not_found"));
        }
        other => panic!("{other} is not in this table"),
    }
}

#[tokio::test]
async fn another_organizations_key_finds_nothing_and_touches_nothing_on_any_route() {
    let app = TestApp::new().await;
    app.open().await;
    let webhook = webhook(&app).await;
    let (theirs, _) = new_key(&app, "org_b", &SCOPES, None).await;
    let before = contents(&app, "org_a").await;
    assert!(
        before.keys().any(|key| key.contains("REVIEW#org_a"))
            && before.keys().any(|key| key.contains(&webhook))
    );
    // What reads and lists first, before there is anything of their own.
    let mut order = routes::ALL;
    order.sort_by_key(|route| matches!(route.name, "open" | "create-webhook"));
    for route in order {
        answered_elsewhere(route, app.send(request(route, &webhook, Some(&theirs))).await);
    }
    unchanged(&app, "org_a", &before).await;
    let list = app.call("dana", "GET", REVIEWS, None).await.ok();
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
}
