//! Invites: the link is shown once, ends, and can be taken back.

use serde_json::{Value, json};
use shared::store::Invite;
use tests::TestApp;

#[tokio::test]
async fn an_invite_is_listed_without_its_link_until_it_ends_or_is_deleted() {
    let app = TestApp::new().await;
    let body = json!({ "roles": ["lead"], "groups": ["finance"], "email": "ada@example.com" });
    let made = app.call("admin", "POST", "/v1/invites", Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let link = made.body["link"].as_str().unwrap().to_owned();
    let token = link.split_once("/inbox/sign-in?invite=").unwrap().1;
    assert_eq!(token.len(), 43);
    let list = app.call("admin", "GET", "/v1/invites", None).await;
    assert!(!list.text.contains(token));
    let listed = &list.body["data"][0];
    for field in ["invite_id", "roles", "groups", "email", "made_by", "created_at", "expires_at"] {
        assert_eq!(listed[field], made.body[field], "{field}");
    }
    let path = format!("/v1/invites/{}", made.body["invite_id"].as_str().unwrap());
    app.call("other_admin", "DELETE", &path, None).await.error(404, "invite_not_found");
    assert_eq!(app.call("admin", "DELETE", &path, None).await.status, 204);
    app.call("admin", "DELETE", &path, None).await.error(404, "invite_not_found");
    assert_eq!(app.call("admin", "GET", "/v1/invites", None).await.ok()["data"], json!([]));
    app.call("admin", "POST", "/v1/invites", Some(json!({}))).await;
    app.clock.advance_millis(Invite::MILLIS - 1);
    assert_eq!(app.call("admin", "GET", "/v1/invites", None).await.ok()["data"].as_array().unwrap().len(), 1);
    app.clock.advance_millis(1);
    assert_eq!(app.call("admin", "GET", "/v1/invites", None).await.ok()["data"], json!([]));
}

#[tokio::test]
async fn an_invite_names_an_address_or_none_and_there_are_200_at_most() {
    let app = TestApp::new().await;
    for email in ["ada", "@example.com", "ada@", "a b@example.com", "a@b@c", ""] {
        let body = json!({ "email": email });
        let faults = app.call("admin", "POST", "/v1/invites", Some(body)).await.faults();
        assert_eq!(faults[0].0, "body.email", "{email}");
    }
    for _ in 0..Invite::LIMIT {
        let made = app.call("admin", "POST", "/v1/invites", Some(json!({}))).await;
        assert_eq!((made.status.as_u16(), &made.body["email"]), (201, &Value::Null));
    }
    let refused = app.call("admin", "POST", "/v1/invites", Some(json!({}))).await;
    assert_eq!(refused.error(409, "too_many_invites")["details"], json!({ "limit": 200 }));
}
