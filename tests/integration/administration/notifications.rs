//! The pages for notifications, as people without JavaScript use them.

use lambda_http::Body;
use lambda_http::http::Request;
use serde_json::{Value, json};
use shared::egress::Egress;
use shared::event::{NotificationKind, Subscription};
use shared::review::{OrganizationId, Timestamp};
use shared::store::{Member, Role, Scope};
use tests::reader::Reader;
use tests::{Answer, TestApp};

const AT: &str = "/inbox/notifications";
const URL: &str = "https://hooks.slack.com/services/T0/B0/SECRET";

const FORM: [(&str, &str); 8] = [
    ("event_assigned", "1"),
    ("event_overdue", "1"),
    ("channel", "slack"),
    ("url", URL),
    ("workflows", "wf_1\r\nwf,2"),
    ("quiet_from", ""),
    ("quiet_until", ""),
    ("time_zone", "Europe/Berlin"),
];

fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let is_changed = |name: &str| changes.iter().any(|(changed, _)| *changed == name);
    let kept = FORM.iter().copied().filter(|(name, _)| !is_changed(name));
    kept.chain(changes.iter().copied()).collect()
}

async fn post(app: &TestApp, reader: &Reader, path: &str, fields: &[(&str, &str)]) -> Answer {
    app.send(app.send_form(reader, &format!("{AT}{path}"), fields)).await
}

async fn get(app: &TestApp, reader: &Reader, path: &str) -> String {
    let answer = app.send(app.visit(reader, &format!("{AT}{path}"))).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer.text
}

/// A call of the API by a program that may read and administer.
async fn api(app: &TestApp, method: &str, path: &str, body: Option<Value>) -> Answer {
    let key = app.key_for("org_a", "agent", "root", &[Scope::Read, Scope::Admin]).await;
    let request = Request::builder().method(method).uri(path).header("api-key", key);
    let body = body.map_or(Body::Empty, |body| Body::Text(body.to_string()));
    app.send(request.header("content-type", "application/json").body(body).unwrap()).await
}

/// The id of the only subscription.
async fn only(app: &TestApp) -> String {
    let all = api(app, "GET", "/v1/subscriptions", None).await.ok();
    assert_eq!(all["data"].as_array().unwrap().len(), 1, "{all}");
    all["data"][0]["subscription_id"].as_str().unwrap().to_owned()
}

async fn in_group(app: &TestApp, member: &Member, role: &str, group: &str) {
    let body = json!({ "version_stamp": 0, "roles": [role], "groups": [group] });
    api(app, "PUT", &format!("/v1/members/{}", member.actor.id), Some(body)).await.ok();
}

async fn subscribe(app: &TestApp, more: Value) -> String {
    let mut body = json!({ "events": ["waiting"], "channel": "slack", "url": URL });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = api(app, "POST", "/v1/subscriptions", Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.body["subscription_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_member_adds_changes_pauses_and_removes() {
    let app = TestApp::new().await;
    // Who has no role reads.
    let (_, ada) = app.member("org_a", "ada", &[]).await;
    let empty = get(&app, &ada, "").await;
    assert!(empty.contains("You are told nothing yet") && !empty.contains("the group"), "{empty}");
    let added = post(&app, &ada, "", &FORM).await;
    let id = only(&app).await;
    added.goes_to(&format!("{AT}/{id}?done=added"));
    let list = get(&app, &ada, "").await;
    assert!(
        list.contains(">Assigned, overdue<")
            && list.contains("wf_1, wf,2")
            && list.contains("hooks.slack.com")
    );
    let page = get(&app, &ada, &format!("/{id}")).await;
    assert!(
        page.contains("One is stored and not shown") && !page.contains("SECRET") && !list.contains("SECRET")
    );

    let edits = [
        ("version_stamp", "0"),
        ("url", ""),
        ("workflows", " wf_1\nwf_1\n\n"),
        ("digest_minutes", "30"),
        ("quiet_from", "22:00"),
        ("quiet_until", "07:00"),
    ];
    let changed = post(&app, &ada, &format!("/{id}/change"), &with(&edits)).await;
    changed.goes_to(&format!("{AT}/{id}?done=changed"));
    let list = get(&app, &ada, "").await;
    assert!(
        list.contains("together, 30 minutes after the first; quiet from 22:00 to 07:00 (Europe/Berlin)"),
        "{list}"
    );
    let stale =
        post(&app, &ada, &format!("/{id}/change"), &with(&[("version_stamp", "0"), ("workflows", "typed")]))
            .await;
    assert!(stale.status == 409 && stale.text.contains("\ntyped</textarea>"), "{}", stale.text);

    let pause = post(&app, &ada, &format!("/{id}/pause"), &[("version_stamp", "1")]).await;
    pause.goes_to(&format!("{AT}/{id}?done=pause"));
    assert!(get(&app, &ada, "").await.contains(">paused<"));
    // A change keeps it paused, and pausing has kept the rest.
    let changed =
        post(&app, &ada, &format!("/{id}/change"), &with(&[("version_stamp", "2"), ("url", "")])).await;
    changed.goes_to(&format!("{AT}/{id}?done=changed"));
    let now = api(&app, "GET", &format!("/v1/subscriptions/{id}"), None).await.ok();
    assert_eq!(
        (&now["paused"], &now["quiet_from"], &now["host"]),
        (&json!(true), &json!(null), &json!("hooks.slack.com"))
    );
    let go_on = post(&app, &ada, &format!("/{id}/go-on"), &[("version_stamp", "3")]).await;
    go_on.goes_to(&format!("{AT}/{id}?done=go-on"));
    assert!(!get(&app, &ada, "").await.contains(">paused<"));
    let tested = post(&app, &ada, &format!("/{id}/test"), &[]).await;
    tested.goes_to(&format!("{AT}/{id}?done=tested"));
    post(&app, &ada, &format!("/{id}/remove"), &[]).await.goes_to(&format!("{AT}?done=removed"));
    assert!(get(&app, &ada, "").await.contains("You are told nothing yet"));
    assert_eq!(post(&app, &ada, &format!("/{id}/remove"), &[]).await.status, 404);
}

#[tokio::test]
async fn what_is_wrong_is_said_by_its_label_and_what_was_typed_stays_but_for_the_address() {
    let mut app = TestApp::new().await;
    app.inner.egress = Egress::Public;
    let (_, ada) = app.member("org_a", "ada", &[Role::Lead]).await;
    let many =
        (0..=Subscription::WORKFLOWS).map(|number| format!("wf_{number}")).collect::<Vec<_>>().join("\n");
    for (changes, label) in [
        (&[("url", "")][..], "URL"),
        (&[("url", "http://hooks.slack.com/x")], "URL"),
        (&[("url", "https://hooks.slack.com.evil.example/x")], "URL"),
        (&[("channel", "teams"), ("url", "https://169.254.169.254/x")], "URL"),
        (&[("channel", "pigeon")], "Channel"),
        (&[("workflows", "a/b")], "Workflows"),
        (&[("workflows", "a, b")], "Workflows"),
        (&[("workflows", many.as_str())], "Workflows"),
        (&[("digest_minutes", "4")], "How often"),
        (&[("digest_minutes", "soon")], "How often"),
        (&[("quiet_from", "22:00")], "Quiet until"),
        (&[("quiet_until", "22:00")], "Quiet from"),
        (&[("quiet_from", "25:00"), ("quiet_until", "07:00")], "Quiet from"),
        (&[("quiet_from", "22:00"), ("quiet_until", "22:00")], "Quiet until"),
        (&[("quiet_from", "22:00"), ("quiet_until", "07:00"), ("time_zone", "")], "Time zone"),
        (&[("quiet_from", "22:00"), ("quiet_until", "07:00"), ("time_zone", "Mars/Base")], "Time zone"),
        (&[("for", "a/b")], "For"),
    ] {
        let refused = post(&app, &ada, "", &with(changes)).await;
        let said = refused.status == 422 && refused.text.contains(&format!("<b>{label}</b>"));
        assert!(said, "{changes:?} {}", refused.text);
        assert!(refused.text.contains("name=\"event_overdue\" value=\"1\" checked"), "{changes:?}");
        assert!(!refused.text.contains("SECRET"), "{changes:?}");
    }
    let nothing: Vec<_> = FORM.into_iter().filter(|(name, _)| !name.starts_with("event_")).collect();
    let refused = post(&app, &ada, "", &nothing).await;
    assert!(refused.status == 422 && refused.text.contains("<b>Events</b>"), "{}", refused.text);
    assert!(api(&app, "GET", "/v1/subscriptions", None).await.ok()["data"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn members_see_their_own_leads_groups_and_admins_all() {
    let app = TestApp::new().await;
    let (ada, admin) = app.member("org_a", "ada", &[Role::Admin]).await;
    let (ben, lead) = app.member("org_a", "ben", &[Role::Lead]).await;
    let (eve, reviewer) = app.member("org_a", "eve", &[Role::Reviewer]).await;
    for (member, role) in [(&ada, "admin"), (&ben, "lead"), (&eve, "reviewer")] {
        in_group(&app, member, role, "finance").await;
    }
    let of_eve = subscribe(&app, json!({ "member": eve.actor.id })).await;
    let of_group = subscribe(&app, json!({ "group": "finance" })).await;
    for (who, reader, sees) in [
        ("admin", &admin, [true, true]),
        ("lead", &lead, [false, true]),
        ("reviewer", &reviewer, [true, false]),
    ] {
        let list = get(&app, reader, "").await;
        assert_eq!(
            [&of_eve, &of_group].map(|id| list.contains(&format!("{AT}/{id}\""))),
            sees,
            "{who}: {list}"
        );
        assert_eq!(list.contains("<option value=\"finance\">"), sees[1], "{who}");
        for (id, sees) in [&of_eve, &of_group].into_iter().zip(sees) {
            let page = app.send(app.visit(reader, &format!("{AT}/{id}"))).await;
            assert_eq!(page.status, if sees { 200 } else { 404 }, "{who}: {}", page.text);
            // A stale stamp: whoever may see it is told of that, another that there is no such thing.
            for action in ["change", "pause"] {
                let fields = with(&[("version_stamp", "9"), ("url", "")]);
                let answer = post(&app, reader, &format!("/{id}/{action}"), &fields).await;
                assert_eq!(answer.status, if sees { 409 } else { 404 }, "{who}: {}", answer.text);
            }
            if !sees {
                for action in ["test", "remove"] {
                    assert_eq!(
                        post(&app, reader, &format!("/{id}/{action}"), &[]).await.status,
                        404,
                        "{who}"
                    );
                }
            }
        }
    }
    assert!(get(&app, &admin, "").await.contains("<bdi>eve</bdi>"));
    let refused = post(&app, &reviewer, "", &with(&[("for", "finance")])).await;
    assert_eq!(refused.status, 403, "{}", refused.text);
    let added = post(&app, &lead, "", &with(&[("for", "finance")])).await;
    assert_eq!(added.status, 303, "{}", added.text);
    let listed = api(&app, "GET", "/v1/subscriptions", None).await.ok();
    let groups = listed["data"].as_array().unwrap().iter().filter(|it| it["group"] == json!("finance"));
    assert_eq!(groups.count(), 2, "{listed}");
    // Another organization's administrator finds nothing.
    let (_, theirs) = app.member("org_b", "theirs", &[Role::Admin]).await;
    assert!(get(&app, &theirs, "").await.contains("You are told nothing yet"));
    for id in [&of_eve, &of_group] {
        assert_eq!(app.send(app.visit(&theirs, &format!("{AT}/{id}"))).await.status, 404);
        for action in ["change", "pause", "go-on", "test", "remove"] {
            assert_eq!(post(&app, &theirs, &format!("/{id}/{action}"), &FORM).await.status, 404, "{action}");
        }
    }
}

#[tokio::test]
async fn a_form_from_elsewhere_or_of_nobody_changes_nothing() {
    let app = TestApp::new().await;
    let (ada, reader) = app.member("org_a", "ada", &[Role::Admin]).await;
    let id = subscribe(&app, json!({ "member": ada.actor.id })).await;
    let before = api(&app, "GET", "/v1/subscriptions", None).await.ok();
    let forms = ["", "/ID/change", "/ID/pause", "/ID/go-on", "/ID/test", "/ID/remove"]
        .map(|form| form.replace("ID", &id));
    let without = Reader { cookie: reader.cookie.clone(), form_token: "x".repeat(43) };
    let nobody = Reader { cookie: "__Host-holdpoint=none".into(), form_token: String::new() };
    let fields = with(&[("version_stamp", "0")]);
    for form in &forms {
        assert_eq!(post(&app, &without, form, &fields).await.status, 403, "{form}");
        assert_eq!(post(&app, &nobody, form, &fields).await.status, 401, "{form}");
        let mut elsewhere = app.send_form(&reader, &format!("{AT}{form}"), &fields);
        elsewhere.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
        assert_eq!(app.send(elsewhere).await.status, 403, "{form}");
        // As a link it leads to a page, and does nothing.
        let got = app.send(app.visit(&reader, &format!("{AT}{form}"))).await;
        assert!([200, 303].contains(&got.status.as_u16()), "{form}");
    }
    assert_eq!(api(&app, "GET", "/v1/subscriptions", None).await.ok(), before);
    for path in ["", &format!("/{id}")] {
        assert_eq!(app.send(app.visit(&nobody, &format!("{AT}{path}"))).await.status, 303);
    }
}

#[tokio::test]
async fn a_keys_session_is_told_whose_notifications_are_and_a_full_list_offers_no_more() {
    let app = TestApp::new().await;
    let key = app.reader("dana").await;
    let page = get(&app, &key, "").await;
    assert!(page.contains("signed in with an API key") && !page.contains("id=\"add\""), "{page}");
    let refused = post(&app, &key, "", &FORM).await;
    assert!(refused.status == 422 && refused.text.contains("<b>For</b>"), "{}", refused.text);
    let (_, ada) = app.member("org_a", "ada", &[]).await;
    for _ in 0..Subscription::LIMIT_EACH {
        assert_eq!(post(&app, &ada, "", &FORM).await.status, 303);
    }
    let page = get(&app, &ada, "").await;
    assert!(page.contains("as many as there can be") && !page.contains("id=\"add\""), "{page}");
    assert_eq!(post(&app, &ada, "", &FORM).await.status, 409);
}

#[tokio::test]
async fn what_a_channel_did_not_take_is_shown_as_text() {
    let app = TestApp::new().await;
    let (member, ada) = app.member("org_a", "ada", &[]).await;
    let id = subscribe(&app, json!({ "member": member.actor.id, "events": NotificationKind::ALL })).await;
    let organization = OrganizationId::parse("org_a").unwrap();
    let subscription = app.inner.store.subscriptions(&organization).await.unwrap().remove(0);
    let error = Some("answered 404 <b>");
    app.inner
        .store
        .record_told(&organization, &subscription, error, Timestamp::from_millis(0))
        .await
        .unwrap();
    for path in ["", &format!("/{id}")] {
        let page = get(&app, &ada, path).await;
        assert!(page.contains("Failing") && page.contains("answered 404 &lt;b&gt;"), "{page}");
    }
    assert!(get(&app, &ada, "").await.contains(">Everything<"));
    assert!(app.send(app.visit(&ada, "/inbox")).await.text.contains("href=\"/inbox/notifications\""));
}
