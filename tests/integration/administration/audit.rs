//! The audit of administration: an entry for each change, in its transaction, and no secret in any.

use serde_json::{Value, json};
use shared::store::{Role, Scope};
use tests::TestApp;

#[tokio::test]
async fn each_change_has_its_entry_and_no_entry_holds_a_secret() {
    let app = TestApp::new().await;
    let maker = app.key_for("org_a", "human", "maker", &Scope::ALL).await;
    let mut secrets = vec![maker.clone()];
    let mut done = Vec::new();
    let call = |method: &str, path: &str, body: Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut request = app.request("admin", method, path, body.into());
        request.headers_mut().insert("api-key", maker.parse().unwrap());
        app.send(request)
    };
    let (ada, _) = app.member("org_a", "ada", &[Role::Reviewer]).await;
    let id = ada.actor.id.to_string();
    call("PUT", &format!("/v1/members/{id}"), json!({ "version_stamp": 0, "roles": ["lead"] })).await.ok();
    done.push(("member_changed", id.clone()));
    call("POST", &format!("/v1/members/{id}/disable"), json!({ "version_stamp": 1 })).await.ok();
    done.push(("member_disabled", id.clone()));
    call("POST", &format!("/v1/members/{id}/enable"), json!({ "version_stamp": 2 })).await.ok();
    done.push(("member_enabled", id));
    let text = |body: &Value, name: &str| body[name].as_str().unwrap().to_owned();
    let invite = call("POST", "/v1/invites", json!({ "roles": ["reviewer"] })).await.body;
    secrets.push(text(&invite, "link").rsplit('=').next().unwrap().to_owned());
    let id = text(&invite, "invite_id");
    done.push(("invite_created", id.clone()));
    call("DELETE", &format!("/v1/invites/{id}"), Value::Null).await;
    done.push(("invite_deleted", id));
    let wanted = json!({ "kind": "agent", "id": "ledger", "name": "Ledger", "scopes": ["read"] });
    let key = call("POST", "/v1/keys", wanted).await.body;
    done.push(("key_created", text(&key, "key_id")));
    let path = format!("/v1/keys/{}", text(&key, "key_id"));
    let rotated = call("POST", &format!("{path}/rotate"), json!({ "keep_old_for_hours": 1 })).await.body;
    done.push(("key_rotated", text(&key, "key_id")));
    call("DELETE", &path, Value::Null).await;
    done.push(("key_revoked", text(&key, "key_id")));
    // Once more changes nothing.
    call("DELETE", &path, Value::Null).await;
    secrets.extend([text(&key, "key"), text(&rotated, "key")]);
    let webhook = call("POST", "/v1/webhooks", json!({ "url": "https://hooks.example.com/" })).await.body;
    let id = text(&webhook, "webhook_id");
    done.push(("webhook_created", id.clone()));
    let rotated = call("POST", &format!("/v1/webhooks/{id}/rotate-secret"), Value::Null).await.body;
    done.push(("webhook_secret_rotated", id.clone()));
    call("POST", &format!("/v1/webhooks/{id}/enable"), Value::Null).await.ok();
    done.push(("webhook_enabled", id.clone()));
    call("DELETE", &format!("/v1/webhooks/{id}"), Value::Null).await;
    done.push(("webhook_deleted", id.clone()));
    secrets.extend([text(&webhook, "signing_secret"), text(&rotated, "signing_secret")]);
    // What is refused is no change.
    call("DELETE", &format!("/v1/webhooks/{id}"), Value::Null).await.error(404, "webhook_not_found");
    call("POST", &format!("/v1/webhooks/{id}/enable"), Value::Null).await.error(404, "webhook_not_found");

    let (mut entries, mut query) = (Vec::new(), String::new());
    loop {
        let page = app.call("admin", "GET", &format!("/v1/administration?limit=5{query}"), None).await;
        assert!(secrets.iter().all(|secret| !page.text.contains(secret)), "{}", page.text);
        let page = page.ok();
        entries.extend(page["data"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(cursor) => query = format!("&cursor={cursor}"),
            None => break,
        }
    }
    entries.reverse();
    let by_maker = entries.iter().filter(|entry| entry["actor"]["id"] == "maker");
    let said: Vec<_> = by_maker.map(|entry| (text(entry, "action"), text(entry, "target"))).collect();
    assert_eq!(
        said,
        done.iter().map(|(action, target)| ((*action).to_owned(), target.clone())).collect::<Vec<_>>()
    );
    let changed = entries.iter().find(|entry| entry["action"] == "member_changed").unwrap();
    let roles = |when: &str| changed["detail"][when]["roles"].clone();
    assert_eq!((roles("before"), roles("after")), (json!(["reviewer"]), json!(["lead"])));
    // The keys that were made on the command line are there, too; another organization's are not.
    let made = entries.iter().filter(|entry| entry["actor"]["id"] == "command-line").count();
    assert_eq!(made, 8);
    let faults = app.call("admin", "GET", "/v1/administration?cursor=x", None).await.faults();
    assert_eq!(faults[0].0, "query.cursor");
}
