//! Subscriptions to notifications over the API.

use serde_json::{Value, json};
use shared::event::Subscription;
use shared::store::{Role, Scope};
use tests::TestApp;

const URL: &str = "https://hooks.slack.com/services/T0/B0/SECRET";

fn new() -> Value {
    json!({ "events": ["assigned", "overdue"], "channel": "slack", "url": URL })
}

fn with(change: &Value) -> Value {
    let mut body = new();
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// A person with a key of their own id.
async fn person(app: &TestApp, name: &str, scopes: &[Scope]) -> (String, String) {
    let (member, _) = app.member("org_a", name, &[Role::Reviewer]).await;
    let id = member.actor.id.to_string();
    let key = app.key_for("org_a", "human", &id, scopes).await;
    (id, key)
}

async fn call(app: &TestApp, key: &str, method: &str, path: &str, body: Option<Value>) -> tests::Answer {
    use lambda_http::Body;
    let request =
        lambda_http::http::Request::builder().method(method).uri(format!("/v1/subscriptions{path}"));
    let request = request.header("content-type", "application/json").header("api-key", key);
    let body = body.map_or(Body::Empty, |body| Body::Text(body.to_string()));
    app.send(request.body(body).unwrap()).await
}

#[tokio::test]
async fn a_member_subscribes_changes_and_leaves_and_no_answer_or_log_has_the_address() {
    let app = TestApp::new().await;
    let (id, key) = person(&app, "ada", &[Scope::Read]).await;
    let made = call(&app, &key, "POST", "", Some(new())).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.body;
    assert_eq!(
        (&made["member"], &made["host"], &made["rev"]),
        (&json!(id), &json!("hooks.slack.com"), &json!(0))
    );
    let path = format!("/{}", made["subscription_id"].as_str().unwrap());
    assert_eq!(call(&app, &key, "GET", &path, None).await.ok(), made);
    assert_eq!(call(&app, &key, "GET", "", None).await.ok()["data"], json!([made]));

    let change = json!({ "version_stamp": 0, "events": ["waiting"], "channel": "slack", "digest_minutes": 30,
        "quiet_from": "22:00", "quiet_until": "07:00", "time_zone": "Europe/Berlin", "workflows": ["wf_1"] });
    let changed = call(&app, &key, "PUT", &path, Some(change.clone())).await.ok();
    assert_eq!(
        (&changed["rev"], &changed["digest_minutes"], &changed["time_zone"]),
        (&json!(1), &json!(30), &json!("Europe/Berlin"))
    );
    let stored = app
        .inner
        .store
        .subscriptions(&shared::review::OrganizationId::parse("org_a").unwrap())
        .await
        .unwrap();
    assert_eq!(stored[0].channel.url(), URL, "the address stays");
    // Again, as after a lost answer: it is so already. Then on what was seen before.
    assert_eq!(call(&app, &key, "PUT", &path, Some(change)).await.ok(), changed);
    let without = json!({ "events": ["overdue"], "channel": "slack" });
    drop(call(&app, &key, "PUT", &path, Some(without)).await.error(422, "validation_error"));
    let late = json!({ "version_stamp": 0, "events": ["overdue"], "channel": "slack" });
    let said = call(&app, &key, "PUT", &path, Some(late)).await.error(409, "subscription_changed");
    assert_eq!(said["details"], json!({ "rev": 1 }));
    let teams = json!({ "version_stamp": 1, "events": ["overdue"], "channel": "teams" });
    let said = call(&app, &key, "PUT", &path, Some(teams)).await.error(422, "validation_error");
    assert!(said.to_string().contains("\"url\""), "Slack's address is not sent to Teams: {said}");

    assert_eq!(call(&app, &key, "DELETE", &path, None).await.status, 204);
    drop(call(&app, &key, "GET", &path, None).await.error(404, "subscription_not_found"));
    drop(call(&app, &key, "DELETE", &path, None).await.error(404, "subscription_not_found"));
    assert_eq!(call(&app, &key, "GET", "", None).await.ok()["data"], json!([]));
    let log = app.call("admin", "GET", "/v1/administration", None).await;
    for action in ["subscription_added", "subscription_changed", "subscription_removed"] {
        assert!(log.text.contains(action), "{action}");
    }
    assert!(!log.text.contains("SECRET"), "{}", log.text);
}

#[tokio::test]
async fn whose_it_is_decides_who_sees_and_changes_it() {
    let app = TestApp::new().await;
    let (ada, adas_key) = person(&app, "ada", &[Scope::Review]).await;
    let (_, bens_key) = person(&app, "ben", &[Scope::Review]).await;
    let own = call(&app, &adas_key, "POST", "", Some(new())).await.body;
    let path = format!("/{}", own["subscription_id"].as_str().unwrap());
    // A colleague's does not exist, and nobody subscribes others or groups.
    drop(call(&app, &bens_key, "GET", &path, None).await.error(404, "subscription_not_found"));
    drop(call(&app, &bens_key, "DELETE", &path, None).await.error(404, "subscription_not_found"));
    let change = json!({ "version_stamp": 0, "events": ["waiting"], "channel": "slack" });
    drop(call(&app, &bens_key, "PUT", &path, Some(change)).await.error(404, "subscription_not_found"));
    for other in [json!({ "member": ada }), json!({ "group": "finance" })] {
        drop(call(&app, &bens_key, "POST", "", Some(with(&other))).await.error(403, "forbidden"));
    }
    let admin = app.key_for("org_a", "human", "boss", &[Scope::Read, Scope::Admin]).await;
    // An admin: all of it. Another organization's admin: nothing.
    let group = call(&app, &admin, "POST", "", Some(with(&json!({ "group": "finance" })))).await;
    assert_eq!((group.status.as_u16(), &group.body["group"]), (201, &json!("finance")));
    let all = call(&app, &admin, "GET", "", None).await.ok();
    assert_eq!(all["data"].as_array().unwrap().len(), 2);
    assert_eq!(call(&app, &adas_key, "GET", "", None).await.ok()["data"], json!([own]));
    let elsewhere = app.key_for("org_b", "human", &ada, &Scope::ALL).await;
    drop(call(&app, &elsewhere, "GET", &path, None).await.error(404, "subscription_not_found"));
    assert_eq!(call(&app, &elsewhere, "GET", "", None).await.ok()["data"], json!([]));
    // A key is nobody who could be told, nor is a member who is disabled.
    drop(app.call("dana", "POST", "/v1/subscriptions", Some(new())).await.error(422, "validation_error"));
    app.call("admin", "POST", &format!("/v1/members/{ada}/disable"), Some(json!({ "version_stamp": 0 })))
        .await
        .ok();
    let again = call(&app, &admin, "POST", "", Some(with(&json!({ "member": ada })))).await;
    drop(again.error(422, "validation_error"));
}

#[tokio::test]
async fn what_is_wrong_with_a_subscription_is_named_by_its_field() {
    let app = TestApp::new().await;
    let (_, key) = person(&app, "ada", &[Scope::Read]).await;
    let hours = |from: &str, until: &str, zone: &str| json!({ "quiet_from": from, "quiet_until": until, "time_zone": zone });
    for (field, change) in [
        ("events", json!({ "events": [] })),
        ("events", json!({ "events": ["opened"] })),
        ("channel", json!({ "channel": "pager" })),
        ("url", json!({ "url": null })),
        ("url", json!({ "url": "ftp://hooks.slack.com/services/x" })),
        ("url", json!({ "channel": "teams", "url": "https://169.254.169.254/latest" })),
        ("digest_minutes", json!({ "digest_minutes": 4 })),
        ("digest_minutes", json!({ "digest_minutes": 1441 })),
        ("quiet_until", json!({ "quiet_from": "22:00" })),
        ("quiet_from", hours("24:00", "07:00", "UTC")),
        ("quiet_until", hours("07:00", "07:00", "UTC")),
        ("time_zone", hours("22:00", "07:00", "Mars/Olympus")),
        ("time_zone", hours("22:00", "07:00", "../../etc/passwd")),
        ("workflows", json!({ "workflows": (0..21).map(|it| format!("wf_{it}")).collect::<Vec<_>>() })),
        ("workflows", json!({ "workflows": ["a#b"] })),
        ("group", json!({ "group": "finance", "member": "ada" })),
    ] {
        let said = call(&app, &key, "POST", "", Some(with(&change))).await.error(422, "validation_error");
        let named = said["details"]["errors"][0]["loc"].to_string();
        assert!(named.contains(field), "{field}, {change}: {said}");
    }
    assert_eq!(call(&app, &key, "GET", "", None).await.ok()["data"], json!([]), "nothing is half made");
}

#[tokio::test]
async fn a_member_has_a_bounded_number_of_subscriptions() {
    let app = TestApp::new().await;
    let (_, key) = person(&app, "ada", &[Scope::Read]).await;
    let mut last = Value::Null;
    for _ in 0..Subscription::LIMIT_EACH {
        let made = call(&app, &key, "POST", "", Some(new())).await;
        assert_eq!(made.status, 201);
        last = made.body;
    }
    let said = call(&app, &key, "POST", "", Some(new())).await.error(409, "too_many_subscriptions");
    assert_eq!(said["details"], json!({ "limit": 20 }));
    let path = format!("/{}", last["subscription_id"].as_str().unwrap());
    assert_eq!(call(&app, &key, "DELETE", &path, None).await.status, 204);
    assert_eq!(call(&app, &key, "POST", "", Some(new())).await.status, 201);
}
