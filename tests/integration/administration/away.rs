//! Out of office: who stands in works on what is assigned to the other, and nothing else changes.

use lambda_http::Body;
use serde_json::{Value, json};
use shared::review::{ActorId, Assignment, Terms};
use shared::store::{Role, Scope};
use tests::reader::Reader;
use tests::{Answer, TestApp};

fn assigned_to(actor: &ActorId) -> Terms {
    let assignment = Assignment { groups: Vec::new(), actors: vec![actor.clone()], enforce: true };
    Terms { assignment: Some(assignment), ..Terms::default() }
}

async fn call(app: &TestApp, key: &str, method: &str, who: &ActorId, body: Option<Value>) -> Answer {
    let uri = format!("/v1/members/{who}/away");
    let request = lambda_http::http::Request::builder().method(method).uri(uri).header("api-key", key);
    let request = request.header("content-type", "application/json");
    app.send(request.body(body.map_or(Body::Empty, |body| Body::Text(body.to_string()))).unwrap()).await
}

/// Who holds the claim after a member has tried to take it.
async fn claimed(app: &TestApp, reader: &Reader, run: &str) -> Value {
    let path = format!("/inbox/reviews/{run}/block_extract/claim");
    let request = app.send_form(reader, &path, &[("version_stamp", "0")]);
    app.send(request).await;
    let path = format!("/v1/workflows/reviews/{run}/block_extract");
    app.call("dana", "GET", &path, None).await.ok()["claim"]["holder"]["id"].clone()
}

#[tokio::test]
async fn who_stands_in_works_on_what_is_the_others_until_it_ends() {
    let app = TestApp::new().await;
    let (ada, _) = app.member("org_a", "ada", &[Role::Reviewer]).await;
    let (ben, bens) = app.member("org_a", "ben", &[Role::Reviewer]).await;
    let key = app.key_for("org_a", "human", ada.actor.id.as_str(), &[Scope::Review]).await;
    for run in ["run_1", "run_2", "run_3"] {
        app.open_with(run, assigned_to(&ada.actor.id)).await;
    }
    assert_eq!(claimed(&app, &bens, "run_1").await, json!(null), "it is Ada's");
    let list = async || app.send(app.visit(&bens, "/inbox?assigned=1")).await.text;
    assert!(!list().await.contains("run_1"));

    let until = app.clock.now().plus_millis(86_400_000);
    let set =
        call(&app, &key, "PUT", &ada.actor.id, Some(json!({ "to": ben.actor.id, "days": 1 }))).await.ok();
    assert_eq!(set, json!({ "until": until, "to": ben.actor.id }));
    app.clock.advance_seconds(61);
    assert_eq!(claimed(&app, &bens, "run_1").await, json!(ben.actor.id), "in his own name");
    assert!(list().await.contains("run_2"));

    // Back early, and away again until it ends by itself.
    assert_eq!(call(&app, &key, "DELETE", &ada.actor.id, None).await.status, 204);
    app.clock.advance_seconds(61);
    assert_eq!(claimed(&app, &bens, "run_2").await, json!(null));
    call(&app, &key, "PUT", &ada.actor.id, Some(json!({ "to": ben.actor.id, "days": 1 }))).await.ok();
    app.clock.advance_seconds(86_400);
    assert_eq!(claimed(&app, &bens, "run_3").await, json!(null), "a day is over");
    let log = app.call("admin", "GET", "/v1/administration", None).await.text;
    assert!(log.contains("member_away") && log.contains("member_back"), "{log}");
}

#[tokio::test]
async fn it_goes_one_step_and_only_to_who_can_review() {
    let app = TestApp::new().await;
    let (ada, _) = app.member("org_a", "ada", &[Role::Reviewer]).await;
    let (ben, _) = app.member("org_a", "ben", &[Role::Reviewer]).await;
    let (eve, eves) = app.member("org_a", "eve", &[Role::Reviewer]).await;
    let (boss, _) = app.member("org_a", "boss", &[Role::Admin]).await;
    let key = async |id: &ActorId| app.key_for("org_a", "human", id.as_str(), &[Scope::Review]).await;
    let (adas, bens) = (key(&ada.actor.id).await, key(&ben.actor.id).await);
    let body = |to: &ActorId| Some(json!({ "to": to, "days": 14 }));
    call(&app, &adas, "PUT", &ada.actor.id, body(&ben.actor.id)).await.ok();
    // To oneself, to who may not review, to nobody.
    for to in [&ben.actor.id, &boss.actor.id, &ActorId::parse("user_none").unwrap()] {
        let said = call(&app, &bens, "PUT", &ben.actor.id, body(to)).await.error(422, "validation_error");
        assert_eq!(said["details"]["errors"][0]["loc"], json!(["body", "to"]), "{said}");
    }
    // Ben goes, too: what is Ada's is not passed on to Eve, and nobody can be sent to Ben.
    call(&app, &bens, "PUT", &ben.actor.id, body(&eve.actor.id)).await.ok();
    app.open_with("run_1", assigned_to(&ada.actor.id)).await;
    app.open_with("run_2", assigned_to(&ben.actor.id)).await;
    assert_eq!(claimed(&app, &eves, "run_1").await, json!(null));
    assert_eq!(claimed(&app, &eves, "run_2").await, json!(eve.actor.id));
    let eves_key = key(&eve.actor.id).await;
    drop(
        call(&app, &eves_key, "PUT", &eve.actor.id, body(&ben.actor.id)).await.error(422, "validation_error"),
    );
    // Another's absence is an admin's to set; to others there is no such member.
    drop(
        call(&app, &eves_key, "PUT", &ada.actor.id, body(&eve.actor.id)).await.error(404, "member_not_found"),
    );
    drop(call(&app, &eves_key, "DELETE", &ada.actor.id, None).await.error(404, "member_not_found"));
    let admin = app.key_for("org_a", "human", "root", &[Scope::Review, Scope::Admin]).await;
    // Another stand-in takes the first one's place.
    call(&app, &admin, "PUT", &ada.actor.id, body(&eve.actor.id)).await.ok();
    let stored = app.inner.store.member(&ben.organization, &ben.actor.id).await.unwrap().unwrap();
    assert_eq!(stored.stands_in_for, []);
    // Who is disabled leaves nobody standing in, and sends nobody.
    let disable = format!("/v1/members/{}/disable", ada.actor.id);
    let rev = app.inner.store.member(&ada.organization, &ada.actor.id).await.unwrap().unwrap().rev;
    let disabled = app.call("admin", "POST", &disable, Some(json!({ "version_stamp": rev }))).await.ok();
    assert_eq!((&disabled["status"], &disabled["away"]), (&json!("disabled"), &json!(null)));
    let stored = app.inner.store.member(&eve.organization, &eve.actor.id).await.unwrap().unwrap();
    assert!(stored.stands_in_for.iter().all(|it| it.who != ada.actor.id.as_str()), "{stored:?}");
    drop(call(&app, &adas, "PUT", &ada.actor.id, body(&eve.actor.id)).await.error(404, "member_not_found"));
}

#[tokio::test]
async fn a_member_says_so_on_the_page_by_a_name_and_is_back_by_a_button() {
    let app = TestApp::new().await;
    let (ada, adas) = app.member("org_a", "ada", &[Role::Reviewer]).await;
    let (ben, _) = app.member("org_a", "ben", &[Role::Reviewer]).await;
    let page = async || app.send(app.visit(&adas, "/inbox/notifications")).await.text;
    let send = async |fields: &[(&str, &str)]| {
        app.send(app.send_form(&adas, "/inbox/notifications/away", fields)).await
    };
    assert!(page().await.contains("Out of office…"));
    for (to, days) in [("nobody", "3"), ("ada", "3"), ("ben", "0"), ("ben", "181"), ("", "3")] {
        let answer = send(&[("to", to), ("days", days)]).await;
        assert_eq!(answer.status, 422, "{to}, {days}");
        assert!(answer.text.contains(&format!("value=\"{to}\"")), "what was typed stays: {}", answer.text);
    }
    let answer = send(&[("to", "Ben@example.com"), ("days", "3")]).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let shown = page().await;
    assert!(shown.contains("You are out of office until") && shown.contains(">ben<"), "{shown}");
    let stored = app.inner.store.member(&ben.organization, &ben.actor.id).await.unwrap().unwrap();
    assert_eq!(stored.stands_in_for[0].who, ada.actor.id.as_str());
    assert_eq!(send(&[("end", "1")]).await.status, 303);
    assert!(page().await.contains("Out of office…"));
}
