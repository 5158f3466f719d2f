//! Who may call what.

use lambda_http::Body;
use lambda_http::http::Request;
use local::api_keys::{self, NewKey};
use local::emulator;
use serde_json::{Value, json};
use shared::review::OrganizationId;
use shared::store::{Scope, Store};
use tests::{Answer, PEOPLE, REVIEW, REVIEWS, TestApp, endpoint};

async fn with_key(app: &TestApp, key: Option<&str>) -> Answer {
    let mut request = Request::get(REVIEWS).body(Body::Empty).unwrap();
    if let Some(key) = key {
        request.headers_mut().insert("api-key", key.parse().unwrap());
    }
    app.send(request).await
}

fn store(app: &TestApp) -> Store {
    Store::new(emulator::client(endpoint()), app.inner.store.table())
}

async fn new_key(app: &TestApp, lives_seconds: Option<i64>) -> (String, String) {
    let new = NewKey {
        organization: OrganizationId::parse("org_a").unwrap(),
        actor: api_keys::actor("human", "user_99", "Temp").unwrap(),
        scopes: vec![Scope::Read],
        groups: Vec::new(),
        expires_at: lives_seconds.map(|seconds| app.clock.now().plus_millis(seconds * 1000)),
    };
    let (key, record) = api_keys::create(&store(app), new, app.clock.now()).await.unwrap();
    (key.reveal().to_owned(), record.key_id)
}

async fn revoke(app: &TestApp, key_id: &str) -> bool {
    let organization = OrganizationId::parse("org_a").unwrap();
    store(app).revoke_key(&organization, key_id, &api_keys::command_line(), app.clock.now()).await.unwrap()
}

#[tokio::test]
async fn every_unusable_key_gets_one_and_the_same_answer() {
    let app = TestApp::new().await;
    let (expired, _) = new_key(&app, Some(0)).await;
    let (revoked, key_id) = new_key(&app, None).await;
    assert!(revoke(&app, &key_id).await);
    let unknown = format!("hp_{}", "A".repeat(43));
    let mut answers = Vec::new();
    for key in [None, Some(""), Some("hp_"), Some("Bearer x"), Some(&unknown), Some(&expired), Some(&revoked)]
    {
        let answer = with_key(&app, key).await;
        assert_eq!(answer.headers["www-authenticate"], "Bearer, Api-Key");
        answers.push(answer.text.clone());
        answer.error(401, "unauthenticated");
    }
    answers.dedup();
    assert_eq!(
        answers,
        [
            r#"{"detail":{"code":"unauthenticated","message":"The API key is missing or not valid. Send one that is neither revoked nor expired, as Api-Key or Authorization: Bearer.","details":null}}"#
        ]
    );
}

#[tokio::test]
async fn a_key_ends_at_its_instant_even_when_it_is_cached() {
    let app = TestApp::new().await;
    let (key, _) = new_key(&app, Some(30)).await;
    with_key(&app, Some(&key)).await.ok();
    app.clock.advance_millis(29_999);
    with_key(&app, Some(&key)).await.ok();
    app.clock.advance_millis(1);
    with_key(&app, Some(&key)).await.error(401, "unauthenticated");
}

#[tokio::test]
async fn a_revoked_key_stops_working_within_a_minute() {
    let app = TestApp::new().await;
    let (key, key_id) = new_key(&app, None).await;
    with_key(&app, Some(&key)).await.ok();
    assert!(revoke(&app, &key_id).await);
    app.clock.advance_seconds(60);
    with_key(&app, Some(&key)).await.error(401, "unauthenticated");
}

#[tokio::test]
async fn revoking_is_by_id_within_the_organization_and_keeps_the_first_time() {
    let app = TestApp::new().await;
    let (_, key_id) = new_key(&app, None).await;
    let other = OrganizationId::parse("org_b").unwrap();
    assert!(
        !store(&app).revoke_key(&other, &key_id, &api_keys::command_line(), app.clock.now()).await.unwrap()
    );
    assert!(!revoke(&app, "key_0000000000000000").await);
    let first = app.clock.now();
    assert!(revoke(&app, &key_id).await);
    app.clock.advance_seconds(9);
    assert!(revoke(&app, &key_id).await);
    let organization = OrganizationId::parse("org_a").unwrap();
    let records = store(&app).list_keys(&organization).await.unwrap();
    let record = records.iter().find(|record| record.key_id == key_id).unwrap();
    assert_eq!(record.revoked_at, Some(first));
    assert_eq!(records.len(), 8, "the seven of this organization and the new one");
}

#[tokio::test]
async fn each_call_asks_for_exactly_one_scope() {
    let app = TestApp::new().await;
    app.open().await;
    let stamp = || Some(json!({ "version_stamp": 0 }));
    let calls: [(&str, &str, Option<Value>, Scope); 5] = [
        ("GET", REVIEWS, None, Scope::Read),
        ("GET", REVIEW, None, Scope::Read),
        ("POST", REVIEWS, Some(json!({})), Scope::Runtime),
        ("POST", "/v1/workflows/reviews/run_abc123/block_extract/claim", stamp(), Scope::Review),
        ("POST", "/v1/workflows/reviews/run_abc123/block_extract/release", stamp(), Scope::Review),
    ];
    for (method, path, body, scope) in calls {
        for (who, _, _, _, _, scopes) in PEOPLE {
            let answer = app.call(who, method, path, body.clone()).await;
            // Who may review may read: nobody can decide on what they cannot see.
            if scopes.contains(&scope) || (scope == Scope::Read && scopes.contains(&Scope::Review)) {
                assert_ne!(answer.status.as_u16(), 403, "{who} {method} {path}");
            } else {
                let detail = answer.error(403, "forbidden");
                assert_eq!(detail["details"], json!({ "scope": scope.as_str() }));
                assert!(detail["message"].as_str().unwrap().contains(&format!("`{}`", scope.as_str())));
            }
        }
    }
}

#[tokio::test]
async fn who_acts_comes_from_the_key_and_never_from_the_body() {
    let app = TestApp::new().await;
    app.open().await;
    let body =
        json!({ "version_stamp": 0, "actor": { "kind": "human", "id": "ceo", "display_name": "CEO" } });
    let answer = app.call("dana", "POST", &format!("{REVIEW}/claim"), Some(body)).await;
    assert_eq!(answer.faults(), [("body.actor".to_owned(), "unknown_field".to_owned())]);
}

#[tokio::test]
async fn the_table_holds_no_key_only_its_hash() {
    let app = TestApp::new().await;
    let client = emulator::client(endpoint());
    let items = client.scan().table_name(app.inner.store.table()).send().await.unwrap();
    let text = format!("{:?}", items.items());
    assert!(text.contains("KEY#") && text.contains("Dana Rivera"), "the scan saw the keys' items");
    for (who, ..) in PEOPLE {
        assert!(!text.contains(app.key(who)) && !text.contains(&app.key(who)[3..]), "{who}");
    }
}

#[tokio::test]
async fn no_key_is_for_the_products_own_id_or_of_more_groups_than_count() {
    for id in ["holdpoint", "Holdpoint"] {
        assert!(api_keys::actor("agent", id, "Mallory").is_err(), "{id}");
    }
    let app = TestApp::new().await;
    let key_of = async |groups: usize| {
        let groups = (0..groups).map(|it| shared::review::GroupId::parse(&format!("g{it}")).unwrap());
        let new = NewKey {
            organization: OrganizationId::parse("org_a").unwrap(),
            actor: api_keys::actor("human", "user_60", "Gia Groups").unwrap(),
            scopes: vec![Scope::Read],
            groups: groups.collect(),
            expires_at: None,
        };
        api_keys::create(&app.inner.store, new, app.clock.now()).await
    };
    assert!(key_of(50).await.is_ok() && key_of(51).await.is_err());
}
