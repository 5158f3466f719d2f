//! API keys over the API: what they give, when they end, when they were last used.

use serde_json::{Value, json};
use shared::store::{Role, Scope};
use tests::{Answer, REVIEWS, TestApp};

const DAY: i64 = 86_400;

fn wanted(scopes: &[&str]) -> Value {
    json!({ "kind": "agent", "id": "ledger", "name": "Ledger", "scopes": scopes })
}

async fn create(app: &TestApp, key: &str, body: Value) -> Answer {
    let mut request = app.request("admin", "POST", "/v1/keys", body.to_string().into());
    request.headers_mut().insert("api-key", key.parse().unwrap());
    app.send(request).await
}

async fn works(app: &TestApp, key: &str) -> bool {
    let mut request = app.request("dana", "GET", REVIEWS, lambda_http::Body::Empty);
    request.headers_mut().insert("api-key", key.parse().unwrap());
    app.send(request).await.status == 200
}

async fn listed(app: &TestApp, id: &str) -> Value {
    let keys = app.call("admin", "GET", "/v1/keys", None).await.ok();
    keys["data"].as_array().unwrap().iter().find(|key| key["key_id"] == id).unwrap().clone()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_key_gives_nothing_that_its_maker_does_not_have() {
    let app = TestApp::new().await;
    for (own, wanted_scopes, refused) in [
        (&[Scope::Admin][..], &["admin"][..], None),
        (&[Scope::Admin], &["read"], Some("read")),
        (&[Scope::Admin], &["admin", "runtime"], Some("runtime")),
        (&[Scope::Admin, Scope::Read], &["review"], Some("review")),
        // Whoever may review may read.
        (&[Scope::Admin, Scope::Review], &["read", "review"], None),
        (&Scope::ALL, &["read", "review", "runtime", "admin"], None),
    ] {
        let key = app.key_for("org_a", "human", "maker", own).await;
        let answer = create(&app, &key, wanted(wanted_scopes)).await;
        match refused {
            None => assert_eq!(answer.status, 201, "{own:?} {wanted_scopes:?}"),
            Some(scope) => {
                assert_eq!(answer.error(403, "forbidden")["details"], json!({ "scope": scope }));
            }
        }
    }
    // Nor does a rotation.
    let strong = app.key_for("org_a", "human", "strong", &Scope::ALL).await;
    let made = create(&app, &strong, wanted(&["review"])).await;
    let path = format!("/v1/keys/{}/rotate", text(&made.body["key_id"]));
    let weak = app.key_for("org_a", "human", "weak", &[Scope::Admin]).await;
    let mut request = app.request("admin", "POST", &path, "{}".into());
    request.headers_mut().insert("api-key", weak.parse().unwrap());
    assert_eq!(app.send(request).await.error(403, "forbidden")["details"], json!({ "scope": "review" }));
}

#[tokio::test]
async fn nobody_makes_a_key_that_acts_as_a_member() {
    let app = TestApp::new().await;
    let (member, _) = app.member("org_a", "ada", &[Role::Reviewer]).await;
    let body = json!({ "kind": "human", "id": member.actor.id.as_str(), "name": "Ada", "scopes": ["admin"] });
    let faults = app.call("admin", "POST", "/v1/keys", Some(body)).await.faults();
    assert_eq!(faults[0].0, "body.id");
}

#[tokio::test]
async fn a_key_ends_after_a_year_unless_something_else_is_said() {
    let app = TestApp::new().await;
    let maker = app.key_for("org_a", "human", "maker", &Scope::ALL).await;
    let started = app.clock.now();
    let ends = |body: Value| {
        let (app, maker) = (&app, &maker);
        async move { create(app, maker, body).await.body["expires_at"].clone() }
    };
    let after = |days: i64| json!(started.plus_millis(days * DAY * 1000).to_string());
    let mut body = wanted(&["read"]);
    assert_eq!(ends(body.clone()).await, after(365));
    body["expires_in_days"] = Value::Null;
    assert_eq!(ends(body.clone()).await, after(365), "null is no word for never");
    body["expires_in_days"] = json!(3650);
    assert_eq!(ends(body.clone()).await, after(3650));
    body["never_expires"] = json!(true);
    assert_eq!(ends(body.clone()).await, Value::Null);
    for days in [json!(0), json!(3651), json!("never"), json!(1.5)] {
        body["expires_in_days"] = days;
        assert_eq!(create(&app, &maker, body.clone()).await.faults()[0].0, "body.expires_in_days");
    }
    // Somewhat more than a year later only those two work.
    let mut body = wanted(&["read"]);
    body["expires_in_days"] = json!(1);
    let key = text(&create(&app, &maker, body).await.body["key"]);
    assert!(works(&app, &key).await);
    app.clock.advance_seconds(DAY - 1);
    assert!(works(&app, &key).await);
    app.clock.advance_seconds(1);
    assert!(!works(&app, &key).await);
}

#[tokio::test]
async fn a_rotated_key_works_as_long_as_was_said_and_a_revoked_one_a_minute() {
    let app = TestApp::new().await;
    let maker = app.key_for("org_a", "human", "maker", &Scope::ALL).await;
    let old = create(&app, &maker, wanted(&["read"])).await;
    let (old_key, old_id) = (text(&old.body["key"]), text(&old.body["key_id"]));
    assert!(
        !old.text.contains("sha")
            && app.call("admin", "GET", "/v1/keys", None).await.text.find(&old_key).is_none()
    );
    let rotate = |id: String, hours: u32| {
        let mut request = app.request(
            "admin",
            "POST",
            &format!("/v1/keys/{id}/rotate"),
            json!({ "keep_old_for_hours": hours }).to_string().into(),
        );
        request.headers_mut().insert("api-key", maker.parse().unwrap());
        app.send(request)
    };
    let new = rotate(old_id.clone(), 2).await;
    assert_eq!(new.status, 201, "{}", new.text);
    let (new_key, new_id) = (text(&new.body["key"]), text(&new.body["key_id"]));
    assert_eq!((&new.body["actor"], &new.body["scopes"]), (&old.body["actor"], &old.body["scopes"]));
    assert!(works(&app, &old_key).await && works(&app, &new_key).await);
    app.clock.advance_seconds(2 * 3600);
    assert!(!works(&app, &old_key).await && works(&app, &new_key).await);
    assert_eq!(listed(&app, &old_id).await["status"], "expired");
    rotate(old_id, 0).await.error(404, "key_not_found");
    // With nothing kept, at once: within a minute.
    let newest = rotate(new_id.clone(), 0).await;
    app.clock.advance_seconds(60);
    assert!(!works(&app, &new_key).await);
    assert_eq!(listed(&app, &new_id).await["status"], "revoked");
    let newest_id = text(&newest.body["key_id"]);
    for _ in 0..2 {
        let answer = app.call("admin", "DELETE", &format!("/v1/keys/{newest_id}"), None).await;
        assert_eq!(answer.status, 204);
    }
    app.clock.advance_seconds(60);
    assert!(!works(&app, &text(&newest.body["key"])).await);
    for id in ["key_0123456789abcdef", "key_", "x", "key_%23%23%23%23%23%23%23%23%23%23%23%23%23%23%23%23"] {
        app.call("admin", "DELETE", &format!("/v1/keys/{id}"), None).await.error(404, "key_not_found");
    }
}

#[tokio::test]
async fn the_last_use_of_a_key_is_noted_once_a_day_and_never_by_a_claim() {
    let app = TestApp::new().await;
    app.open().await;
    let maker = app.key_for("org_a", "human", "maker", &Scope::ALL).await;
    let made = create(&app, &maker, wanted(&["review"])).await;
    let (key, id) = (text(&made.body["key"]), text(&made.body["key_id"]));
    assert_eq!(listed(&app, &id).await["last_used_at"], Value::Null);
    let mut claim = app.request(
        "dana",
        "POST",
        &format!("{}/claim", tests::REVIEW),
        json!({ "version_stamp": 0 }).to_string().into(),
    );
    claim.headers_mut().insert("api-key", key.parse().unwrap());
    app.send(claim).await.ok();
    assert_eq!(listed(&app, &id).await["last_used_at"], Value::Null, "a claim writes its review and lease");
    // The key is looked up again after a minute; then its use is noted.
    app.clock.advance_seconds(61);
    let first = app.clock.now();
    assert!(works(&app, &key).await);
    assert_eq!(listed(&app, &id).await["last_used_at"], json!(first.to_string()));
    app.clock.advance_seconds(DAY - 100);
    assert!(works(&app, &key).await);
    assert_eq!(listed(&app, &id).await["last_used_at"], json!(first.to_string()));
    app.clock.advance_seconds(200);
    let next = app.clock.now();
    assert!(works(&app, &key).await);
    assert_eq!(listed(&app, &id).await["last_used_at"], json!(next.to_string()));
}
