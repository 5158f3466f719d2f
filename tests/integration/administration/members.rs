//! Members: changed under their stamp, disabled with their claims released, and never without an administrator.

use serde_json::{Value, json};
use shared::store::{Member, Role};
use tests::{Answer, REVIEW, TestApp};

fn at(member: &Member) -> String {
    format!("/v1/members/{}", member.actor.id)
}

async fn post(app: &TestApp, member: &Member, verb: &str, stamp: u64) -> Answer {
    let body = json!({ "version_stamp": stamp });
    app.call("admin", "POST", &format!("{}/{verb}", at(member)), Some(body)).await
}

async fn put(app: &TestApp, member: &Member, body: Value) -> Answer {
    app.call("admin", "PUT", &at(member), Some(body)).await
}

#[tokio::test]
async fn a_change_of_a_member_needs_its_newest_stamp() {
    let app = TestApp::new().await;
    let (member, _) = app.member("org_a", "ada", &[Role::Reviewer]).await;
    let change =
        json!({ "version_stamp": 0, "roles": ["lead"], "groups": ["treasury", "finance", "finance"] });
    let changed = put(&app, &member, change.clone()).await.ok();
    assert_eq!(
        (&changed["roles"], &changed["groups"], &changed["rev"]),
        (&json!(["lead"]), &json!(["finance", "treasury"]), &json!(1))
    );
    assert_eq!(app.call("admin", "GET", &at(&member), None).await.ok(), changed);
    let refused = put(&app, &member, change).await.error(409, "member_changed");
    assert_eq!(refused["details"], json!({ "rev": 1 }));
    // The same as before is no change.
    let same = json!({ "version_stamp": 1, "roles": ["lead"], "groups": ["finance", "treasury"] });
    assert_eq!(put(&app, &member, same).await.ok()["rev"], 1);
    // What is left out is none.
    let none = put(&app, &member, json!({ "version_stamp": 1, "roles": [], "groups": null })).await.ok();
    assert_eq!((&none["roles"], &none["groups"], &none["rev"]), (&json!([]), &json!([]), &json!(2)));
    for (wrong, at) in [
        (json!({ "version_stamp": 2, "roles": ["owner"] }), "body.roles"),
        (json!({ "version_stamp": 2, "roles": ["lead", "lead"] }), "body.roles"),
        (json!({ "version_stamp": 2, "groups": ["a b"] }), "body.groups"),
        (json!({ "version_stamp": 2, "groups": vec!["a"; 51] }), "body.groups"),
        (json!({ "roles": ["lead"] }), "body.version_stamp"),
    ] {
        let faults = put(&app, &member, wrong).await.faults();
        assert_eq!(faults[0].0, at);
    }
}

#[tokio::test]
async fn a_disabled_member_is_out_within_a_minute_and_holds_no_claim() {
    let app = TestApp::new().await;
    app.open().await;
    app.open_at("agent", "run_2", "block", 0).await;
    let (member, reader) = app.member("org_a", "ada", &[Role::Reviewer]).await;
    for page in ["/inbox/reviews/run_abc123/block_extract", "/inbox/reviews/run_2/block"] {
        let claim = app.send_form(&reader, &format!("{page}/claim"), &[("version_stamp", "0")]);
        assert_eq!(app.send(claim).await.status, 303);
    }
    // The queue of the API names who holds it.
    assert_eq!(app.get().await.ok()["claim"]["holder"]["id"], member.actor.id.as_str());
    let disabled = post(&app, &member, "disable", 0).await.ok();
    assert_eq!((&disabled["status"], &disabled["claims_released"]), (&json!("disabled"), &json!(2)));
    let review = app.get().await.ok();
    assert_eq!(review["claim"], Value::Null);
    let last = review["audit"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["event"], &last["actor"]["id"]), (&json!("released"), &json!("user_1")), "{last}");
    // Repeating it changes nothing, whatever the stamp.
    let again = post(&app, &member, "disable", 0).await.ok();
    assert_eq!((&again["rev"], &again["claims_released"]), (&json!(1), &json!(0)));
    app.clock.advance_seconds(60);
    let visit = app.send(app.visit(&reader, "/inbox")).await;
    visit.goes_to("/inbox/sign-in?return=%2Finbox");
    let claim = app.send_form(&reader, "/inbox/reviews/run_2/block/claim", &[("version_stamp", "2")]);
    assert_eq!(app.send(claim).await.status, 401);
    // Enabled again, the session that there was works again.
    assert_eq!(post(&app, &member, "enable", 1).await.ok()["status"], "active");
    app.clock.advance_seconds(60);
    assert_eq!(app.send(app.visit(&reader, "/inbox")).await.status, 200);
    assert_eq!(app.call("admin", "GET", REVIEW, None).await.status, 403, "the admin's key does not read");
}

#[tokio::test]
async fn the_last_administrator_can_be_neither_disabled_nor_demoted() {
    let app = TestApp::new().await;
    let (ada, _) = app.member("org_a", "ada", &[Role::Admin]).await;
    let (ben, _) = app.member("org_a", "ben", &[Role::Reviewer]).await;
    app.member("org_b", "other", &[Role::Admin]).await;
    post(&app, &ada, "disable", 0).await.error(409, "last_admin");
    put(&app, &ada, json!({ "version_stamp": 0, "roles": ["lead"] })).await.error(409, "last_admin");
    // With other groups she stays one.
    put(&app, &ada, json!({ "version_stamp": 0, "roles": ["admin"], "groups": ["a"] })).await.ok();
    put(&app, &ben, json!({ "version_stamp": 0, "roles": ["admin"] })).await.ok();
    post(&app, &ada, "disable", 1).await.ok();
    // One who is disabled is none.
    post(&app, &ben, "disable", 1).await.error(409, "last_admin");
}

#[tokio::test]
async fn two_administrators_who_disable_each_other_do_not_both_succeed() {
    for _ in 0..8 {
        let app = TestApp::new().await;
        let (ada, _) = app.member("org_a", "ada", &[Role::Admin]).await;
        let (ben, _) = app.member("org_a", "ben", &[Role::Admin]).await;
        let (one, other) =
            futures_util::join!(post(&app, &ada, "disable", 0), post(&app, &ben, "disable", 0));
        let done = [&one, &other].into_iter().filter(|answer| answer.status == 200).count();
        assert!(done <= 1, "{} {}", one.text, other.text);
        let members = app.call("admin", "GET", "/v1/members", None).await.ok();
        let active = members["data"].as_array().unwrap().iter().filter(|it| it["status"] == "active").count();
        assert!(active >= 1);
    }
}

#[tokio::test]
async fn pages_of_members_neither_skip_nor_repeat_one() {
    let app = TestApp::new().await;
    for index in 0..7 {
        app.member("org_a", &format!("m{index}"), &[Role::Reviewer]).await;
    }
    app.member("org_b", "theirs", &[Role::Reviewer]).await;
    let (mut seen, mut query) = (Vec::new(), String::new());
    loop {
        let page = app.call("admin", "GET", &format!("/v1/members?limit=3{query}"), None).await.ok();
        let rows = page["data"].as_array().unwrap();
        assert!(rows.len() <= 3);
        seen.extend(rows.iter().map(|row| row["actor"]["id"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(cursor) => query = format!("&cursor={cursor}"),
            None => break,
        }
    }
    let mut sorted = seen.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!((seen.len(), &seen), (7, &sorted));
    assert_eq!(app.call("admin", "GET", "/v1/members?cursor=%23", None).await.faults()[0].0, "query.cursor");
    app.call("admin", "GET", "/v1/members/user_none", None).await.error(404, "member_not_found");
}

#[tokio::test]
async fn groups_are_those_of_active_members_and_valid_keys() {
    let app = TestApp::new().await;
    let (ada, _) = app.member("org_a", "ada", &[Role::Reviewer]).await;
    let (ben, _) = app.member("org_a", "ben", &[Role::Reviewer]).await;
    for member in [&ada, &ben] {
        let groups = json!({ "version_stamp": 0, "roles": ["reviewer"], "groups": ["finance"] });
        put(&app, member, groups).await.ok();
    }
    post(&app, &ben, "disable", 1).await.ok();
    app.key_in("org_a", "agent", "ledger", &[], &["finance", "ops"]).await;
    app.key_in("org_b", "agent", "ledger", &[], &["theirs"]).await;
    let groups = app.call("admin", "GET", "/v1/groups", None).await.ok();
    let expected = json!([
        { "group": "finance", "members": 1, "keys": 1 },
        { "group": "ops", "members": 0, "keys": 1 },
    ]);
    assert_eq!(groups["data"], expected);
}
