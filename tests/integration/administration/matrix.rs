//! All routes × all callers who signed in: the API takes no cookie, each page those whose role it is for.

use lambda_http::Body;
use lambda_http::http::Request;
use serde_json::json;
use shared::api::Endpoint;
use shared::store::{Member, Role, Scope};
use tests::reader::Reader;
use tests::{Answer, TestApp};

/// All sets of roles.
fn role_sets() -> Vec<Vec<Role>> {
    let all = Role::ALL;
    let pick = |bits: usize| all.iter().enumerate().filter(move |(place, _)| bits >> place & 1 == 1);
    (0..1 << all.len()).map(|bits| pick(bits).map(|(_, role)| *role).collect()).collect()
}

/// The endpoint's path with ids that are valid, and a body that is.
fn request(endpoint: &Endpoint) -> lambda_http::http::request::Builder {
    let path = endpoint.route.path.replace("{run_id}", "run_abc123").replace("{block_id}", "block_extract");
    let path = path.replace("{seq}", "0").replace("{page}", "1").replace("{document_id}", "invoice");
    let path = path.replace("{webhook_id}", "wh_1").replace("{actor_id}", "user_none");
    let path = path.replace("{invite_id}", "0123456789abcdef").replace("{key_id}", "key_0123456789abcdef");
    let path = path.replace("{subscription_id}", "sub_0123456789abcdef");
    let path = path.replace("{workflow_id}", "wf_1").replace("{issuer_id}", "entra");
    assert!(!path.contains('{'), "{path} has a parameter that this test does not know");
    Request::builder().method(endpoint.route.method).uri(path).header("content-type", "application/json")
}

fn body(endpoint: &Endpoint) -> Body {
    endpoint.example.map_or(Body::Empty, |example| Body::Text(example.to_owned()))
}

#[tokio::test]
async fn no_endpoint_of_the_api_takes_a_session_for_a_key() {
    let app = TestApp::new().await;
    app.open().await;
    let mut readers = vec![app.reader("dana").await];
    for roles in role_sets() {
        readers.push(app.member("org_a", &format!("{roles:?}"), &roles).await.1);
    }
    for endpoint in endpoints::ALL {
        for reader in &readers {
            let sent = request(endpoint).header("cookie", &reader.cookie).body(body(endpoint)).unwrap();
            app.send(sent).await.error(401, "unauthenticated");
        }
    }
}

#[tokio::test]
async fn each_endpoint_takes_each_set_of_scopes_that_holds_its_own_and_no_other() {
    let app = TestApp::new().await;
    for bits in 0..1 << Scope::ALL.len() {
        let holds = |place: usize| bits >> place & 1 == 1;
        let scopes: Vec<Scope> =
            Scope::ALL.into_iter().enumerate().filter(|(place, _)| holds(*place)).map(|(_, it)| it).collect();
        let key = app.key_for("org_a", "human", "somebody", &scopes).await;
        for endpoint in endpoints::ALL {
            let answer =
                app.send(request(endpoint).header("api-key", &key).body(body(endpoint)).unwrap()).await;
            let wants = endpoint.handler.scope;
            let may = scopes.contains(&wants) || wants == Scope::Read && scopes.contains(&Scope::Review);
            let place = format!("{} {scopes:?}: {}", endpoint.name(), answer.text);
            if !may {
                let said = answer.error(403, "forbidden");
                assert_eq!(said["details"], json!({ "scope": wants.as_str() }), "{place}");
            } else if endpoint.name() == "create-key" && !scopes.contains(&Scope::Runtime) {
                // Its example gives `runtime`.
                assert_eq!(
                    answer.error(403, "forbidden")["details"],
                    json!({ "scope": "runtime" }),
                    "{place}"
                );
            } else {
                assert!(![401, 403].contains(&answer.status.as_u16()), "{place}");
            }
        }
    }
}

/// The pages of administration: what is shown, and what its forms do. Each word of the paths is a route of the site's.
const PAGES: [&str; 10] = [
    "",
    "/people",
    "/people/ID",
    "/keys",
    "/keys/ID",
    "/webhooks",
    "/webhooks/ID",
    "/sign-in",
    "/sign-in/ID",
    "/log",
];
const FORMS: [&str; 17] = [
    "/people/ID/change",
    "/people/ID/disable?rev=0",
    "/people/ID/enable?rev=0",
    "/invites",
    "/invites/0123456789abcdef/delete",
    "/keys",
    "/keys/ID/rotate",
    "/keys/ID/revoke",
    "/webhooks",
    "/webhooks/ID/test",
    "/webhooks/ID/enable",
    "/webhooks/ID/rotate",
    "/webhooks/ID/delete",
    "/sign-in",
    "/sign-in-keys",
    "/sign-in/ID/change",
    "/sign-in/ID/remove",
];

/// What the pages are about: a member, a key and a webhook of `org_a`.
struct Subjects {
    member: Member,
    key: String,
    webhook: String,
}

impl Subjects {
    async fn of(app: &TestApp) -> Self {
        let (member, _) = app.member("org_a", "subject", &[Role::Reviewer]).await;
        let keys = app.call("admin", "GET", "/v1/keys", None).await.ok();
        let key = keys["data"][0]["key_id"].as_str().unwrap().to_owned();
        let body = json!({ "url": "https://hooks.example.com/" });
        let webhook = app.call("admin", "POST", "/v1/webhooks", Some(body)).await;
        let webhook = webhook.body["webhook_id"].as_str().unwrap().to_owned();
        let issuer =
            json!({ "name": "Subject", "url": "https://issuer-of-subject.example", "client_id": "us" });
        app.call("admin", "PUT", "/v1/sign-in/issuers/subject", Some(issuer)).await;
        Self { member, key, webhook }
    }

    fn path(&self, page: &str) -> String {
        let id = match page.split('/').nth(1) {
            Some("people") => self.member.actor.id.as_str(),
            Some("keys") => &self.key,
            Some("sign-in") => "subject",
            _ => &self.webhook,
        };
        format!("/inbox/administration{}", page.replace("ID", id))
    }
}

/// The answers to all pages and forms, by their paths.
async fn answers(app: &TestApp, subjects: &Subjects, reader: &Reader) -> Vec<(String, Answer)> {
    let mut answers = Vec::new();
    for page in PAGES {
        let path = subjects.path(page);
        answers.push((format!("GET {page}"), app.send(app.visit(reader, &path)).await));
    }
    for form in FORMS {
        let path = subjects.path(form);
        // Nothing of it is valid: whoever may, is told what is wrong.
        answers.push((format!("POST {form}"), app.send(app.send_form(reader, &path, &[])).await));
    }
    answers
}

#[tokio::test]
async fn pages_of_administration_are_for_those_who_administer() {
    let app = TestApp::new().await;
    let subjects = Subjects::of(&app).await;
    let mut strangers = vec![("a key's session", app.reader("dana").await)];
    for roles in role_sets().into_iter().filter(|roles| !roles.contains(&Role::Admin)) {
        strangers.push(("a member", app.member("org_a", &format!("{roles:?}"), &roles).await.1));
    }
    for (who, reader) in &strangers {
        for (place, answer) in answers(&app, &subjects, reader).await {
            assert_eq!(answer.status, 403, "{who}, {place}: {}", answer.text);
        }
    }
    let (disabled, reader) = app.member("org_a", "disabled", &[Role::Admin]).await;
    app.member("org_a", "remaining", &[Role::Admin]).await;
    let path = format!("/v1/members/{}/disable", disabled.actor.id);
    app.call("admin", "POST", &path, Some(json!({ "version_stamp": 0 }))).await.ok();
    let nobody = Reader { cookie: "__Host-holdpoint=none".into(), form_token: String::new() };
    for reader in [&reader, &nobody] {
        for (place, answer) in answers(&app, &subjects, reader).await {
            let expected = if place.starts_with("GET") { 303 } else { 401 };
            assert_eq!(answer.status, expected, "{place}");
        }
    }
    // Nothing of that has changed anything.
    let log = app.call("admin", "GET", "/v1/administration", None).await.ok();
    let newest = &log["data"][0];
    assert_eq!(
        (&newest["action"], &newest["target"]),
        (&json!("member_disabled"), &json!(disabled.actor.id))
    );
    // Another organization's administrator finds none of it.
    let (_, theirs) = app.member("org_b", "theirs", &[Role::Admin]).await;
    for (place, answer) in answers(&app, &subjects, &theirs).await {
        let names_one = place.contains("ID") || place.contains("0123456789abcdef");
        if names_one && !place.ends_with("change") && !place.ends_with("rotate") {
            assert_eq!(answer.status, 404, "{place}: {}", answer.text);
        }
        for secret in
            [subjects.member.actor.id.as_str(), &subjects.key, "hooks.example.com", "issuer-of-subject"]
        {
            assert!(!answer.text.contains(secret), "{place} shows {secret}");
        }
    }
    // Who administers gets every page.
    for roles in role_sets().into_iter().filter(|roles| roles.contains(&Role::Admin)) {
        let (_, reader) = app.member("org_a", &format!("{roles:?}"), &roles).await;
        for page in PAGES {
            let answer = app.send(app.visit(&reader, &subjects.path(page))).await;
            assert_eq!(answer.status, if page.is_empty() { 303 } else { 200 }, "{roles:?} {page}");
        }
    }
}

#[tokio::test]
async fn a_form_without_the_sessions_token_or_from_elsewhere_changes_nothing() {
    let app = TestApp::new().await;
    let subjects = Subjects::of(&app).await;
    let (_, reader) = app.member("org_a", "ada", &[Role::Admin]).await;
    let before = app.call("admin", "GET", "/v1/administration", None).await.ok();
    let without = Reader { cookie: reader.cookie.clone(), form_token: "x".repeat(43) };
    for form in FORMS {
        let path = subjects.path(form);
        assert_eq!(app.send(app.send_form(&without, &path, &[])).await.status, 403, "{form}");
        let mut elsewhere = app.send_form(&reader, &path, &[]);
        elsewhere.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
        assert_eq!(app.send(elsewhere).await.status, 403, "{form}");
        // As a link it leads to a page, and does nothing.
        let got = app.send(app.visit(&reader, &path)).await;
        assert!([200, 303].contains(&got.status.as_u16()), "{form}");
    }
    assert_eq!(app.call("admin", "GET", "/v1/administration", None).await.ok(), before);
}
