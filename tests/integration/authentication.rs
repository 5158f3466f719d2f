//! Who may call what.

use lambda_http::Body;
use lambda_http::http::Request;
use local::api_keys::{self, NewKey};
use local::emulator;
use serde_json::{Value, json};
use shared::review::OrganizationId;
use shared::store::{Scope, Store};
use tests::{Answer, Desk, PEOPLE, REVIEW, REVIEWS, endpoint};

async fn with_key(desk: &Desk, key: Option<&str>) -> Answer {
    let mut request = Request::get(REVIEWS).body(Body::Empty).unwrap();
    if let Some(key) = key {
        request.headers_mut().insert("api-key", key.parse().unwrap());
    }
    desk.send(request).await
}

fn store(desk: &Desk) -> Store {
    Store::new(emulator::client(endpoint()), desk.app.store.table())
}

async fn new_key(desk: &Desk, lives_seconds: Option<i64>) -> (String, String) {
    let new = NewKey {
        organization: OrganizationId::parse("org_a").unwrap(),
        actor: api_keys::actor("human", "user_99", "Temp").unwrap(),
        scopes: vec![Scope::Read],
        expires_at: lives_seconds.map(|seconds| desk.clock.now().plus_millis(seconds * 1000)),
    };
    let (key, record) = api_keys::create(&store(desk), new, desk.clock.now()).await.unwrap();
    (key.reveal().to_owned(), record.key_id)
}

async fn revoke(desk: &Desk, key_id: &str) -> bool {
    let organization = OrganizationId::parse("org_a").unwrap();
    store(desk).revoke_key(&organization, key_id, desk.clock.now()).await.unwrap()
}

#[tokio::test]
async fn every_unusable_key_gets_one_and_the_same_answer() {
    let desk = Desk::new().await;
    let (expired, _) = new_key(&desk, Some(0)).await;
    let (revoked, key_id) = new_key(&desk, None).await;
    assert!(revoke(&desk, &key_id).await);
    let unknown = format!("hp_{}", "A".repeat(43));
    let mut answers = Vec::new();
    for key in [None, Some(""), Some("hp_"), Some("Bearer x"), Some(&unknown), Some(&expired), Some(&revoked)]
    {
        let answer = with_key(&desk, key).await;
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
    let desk = Desk::new().await;
    let (key, _) = new_key(&desk, Some(30)).await;
    with_key(&desk, Some(&key)).await.ok();
    desk.clock.advance_millis(29_999);
    with_key(&desk, Some(&key)).await.ok();
    desk.clock.advance_millis(1);
    with_key(&desk, Some(&key)).await.error(401, "unauthenticated");
}

#[tokio::test]
async fn a_revoked_key_stops_working_within_a_minute() {
    let desk = Desk::new().await;
    let (key, key_id) = new_key(&desk, None).await;
    with_key(&desk, Some(&key)).await.ok();
    assert!(revoke(&desk, &key_id).await);
    desk.clock.advance_seconds(60);
    with_key(&desk, Some(&key)).await.error(401, "unauthenticated");
}

#[tokio::test]
async fn revoking_is_by_id_within_the_organization_and_keeps_the_first_time() {
    let desk = Desk::new().await;
    let (_, key_id) = new_key(&desk, None).await;
    let other = OrganizationId::parse("org_b").unwrap();
    assert!(!store(&desk).revoke_key(&other, &key_id, desk.clock.now()).await.unwrap());
    assert!(!revoke(&desk, "key_0000000000000000").await);
    let first = desk.clock.now();
    assert!(revoke(&desk, &key_id).await);
    desk.clock.advance_seconds(9);
    assert!(revoke(&desk, &key_id).await);
    let organization = OrganizationId::parse("org_a").unwrap();
    let records = store(&desk).list_keys(&organization).await.unwrap();
    let record = records.iter().find(|record| record.key_id == key_id).unwrap();
    assert_eq!(record.revoked_at, Some(first));
    assert_eq!(records.len(), 8, "the seven of this organization and the new one");
}

#[tokio::test]
async fn each_call_asks_for_exactly_one_scope() {
    let desk = Desk::new().await;
    desk.open().await;
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
            let answer = desk.call(who, method, path, body.clone()).await;
            // Who may review may read: nobody can decide on what they cannot see.
            if scopes.contains(&scope) || (scope == Scope::Read && scopes.contains(&Scope::Review)) {
                assert_ne!(answer.status.as_u16(), 403, "{who} {method} {path}");
            } else {
                let detail = answer.error(403, "forbidden");
                assert_eq!(detail["details"], json!({ "scope": scope.word() }));
                assert!(detail["message"].as_str().unwrap().contains(&format!("`{}`", scope.word())));
            }
        }
    }
}

#[tokio::test]
async fn who_acts_comes_from_the_key_and_never_from_the_body() {
    let desk = Desk::new().await;
    desk.open().await;
    let body =
        json!({ "version_stamp": 0, "actor": { "kind": "human", "id": "ceo", "display_name": "CEO" } });
    let answer = desk.call("dana", "POST", &format!("{REVIEW}/claim"), Some(body)).await;
    assert_eq!(answer.faults(), [("body.actor".to_owned(), "unknown_field".to_owned())]);
}

#[tokio::test]
async fn the_table_holds_no_key_only_its_hash() {
    let desk = Desk::new().await;
    let client = emulator::client(endpoint());
    let items = client.scan().table_name(desk.app.store.table()).send().await.unwrap();
    let text = format!("{:?}", items.items());
    assert!(text.contains("KEY#") && text.contains("Dana Rivera"), "the scan saw the keys' items");
    for (who, ..) in PEOPLE {
        assert!(!text.contains(desk.key(who)) && !text.contains(&desk.key(who)[3..]), "{who}");
    }
}
