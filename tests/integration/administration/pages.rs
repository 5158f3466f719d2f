//! The pages of administration, as an administrator without JavaScript uses them.

use serde_json::json;
use shared::store::Role;
use tests::reader::Reader;
use tests::{Answer, REVIEWS, TestApp};

const AT: &str = "/inbox/administration";

async fn post(app: &TestApp, reader: &Reader, path: &str, fields: &[(&str, &str)]) -> Answer {
    app.send(app.send_form(reader, &format!("{AT}{path}"), fields)).await
}

async fn get(app: &TestApp, reader: &Reader, path: &str) -> String {
    let answer = app.send(app.visit(reader, &format!("{AT}{path}"))).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer.text
}

/// The value of the field that shows something once.
fn once(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let (_, rest) = answer.text.split_once("readonly value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_administrator_sets_roles_disables_and_invites() {
    let app = TestApp::new().await;
    let (_, admin) = app.member("org_a", "<b>Ada</b>", &[Role::Admin]).await;
    let (ben, _) = app.member("org_a", "ben", &[Role::Reviewer]).await;
    let people = get(&app, &admin, "/people").await;
    assert!(people.contains("&lt;b&gt;Ada") && !people.contains("<b>Ada") && people.contains(">ben<"));
    let at = format!("/people/{}", ben.actor.id);
    let fields = [("version_stamp", "0"), ("role_lead", "1"), ("groups", "finance, ops  finance")];
    let changed = post(&app, &admin, &format!("{at}/change"), &fields).await;
    changed.goes_to(&format!("{AT}{at}?done=changed"));
    let now = app.call("admin", "GET", &format!("/v1/members/{}", ben.actor.id), None).await.ok();
    assert_eq!((&now["roles"], &now["groups"]), (&json!(["lead"]), &json!(["finance", "ops"])));
    // A page that is too old says so, and keeps what was typed.
    let stale = [("version_stamp", "0"), ("role_admin", "1"), ("groups", "typed")];
    let refused = post(&app, &admin, &format!("{at}/change"), &stale).await;
    assert_eq!(refused.status, 409);
    assert!(
        refused.text.contains("Somebody has changed this member") && refused.text.contains("value=\"typed\"")
    );
    let wrong = [("version_stamp", "1"), ("groups", "a/b")];
    let refused = post(&app, &admin, &format!("{at}/change"), &wrong).await;
    assert!(refused.status == 422 && refused.text.contains("<b>Groups</b>"), "{}", refused.text);
    post(&app, &admin, &format!("{at}/disable?rev=1"), &[]).await.goes_to(&format!("{AT}{at}?done=disabled"));
    assert!(get(&app, &admin, &at).await.contains("disabled"));
    post(&app, &admin, &format!("{at}/enable?rev=2"), &[]).await.goes_to(&format!("{AT}{at}?done=enabled"));
    let link = once(&post(&app, &admin, "/invites", &[("role_reviewer", "1"), ("email", "")]).await);
    assert!(link.contains("/inbox/sign-in?invite="), "{link}");
    let people = get(&app, &admin, "/people").await;
    let (_, rest) = people.split_once("/inbox/administration/invites/").unwrap();
    let id = rest.split('/').next().unwrap();
    post(&app, &admin, &format!("/invites/{id}/delete"), &[])
        .await
        .goes_to(&format!("{AT}/people?done=deleted"));
    let refused = post(&app, &admin, "/invites", &[("email", "nobody")]).await;
    assert!(refused.status == 422 && refused.text.contains("value=\"nobody\""));
}

#[tokio::test]
async fn an_administrator_makes_rotates_and_revokes_a_key() {
    let app = TestApp::new().await;
    let (_, admin) = app.member("org_a", "ada", &[Role::Admin]).await;
    let form = [
        ("kind", "agent"),
        ("id", "ledger"),
        ("name", "Ledger import"),
        ("scope_runtime", "1"),
        ("scope_read", "1"),
        ("groups", ""),
        ("days", "30"),
    ];
    let key = once(&post(&app, &admin, "/keys", &form).await);
    let mut list = app.request("dana", "GET", REVIEWS, lambda_http::Body::Empty);
    list.headers_mut().insert("api-key", key.parse().unwrap());
    assert_eq!(app.send(list).await.status, 200);
    let keys = get(&app, &admin, "/keys").await;
    assert!(keys.contains("Ledger import") && !keys.contains(&key));
    let listed = app.call("admin", "GET", "/v1/keys", None).await.ok();
    let rows = listed["data"].as_array().unwrap();
    let id = rows.iter().find(|row| row["actor"]["id"] == "ledger").unwrap()["key_id"].as_str().unwrap();
    let rotated = once(&post(&app, &admin, &format!("/keys/{id}/rotate"), &[("hours", "1")]).await);
    assert_ne!(rotated, key);
    let revoked = post(&app, &admin, &format!("/keys/{id}/revoke"), &[]).await;
    revoked.goes_to(&format!("{AT}/keys/{id}?done=revoked"));
    assert!(get(&app, &admin, &format!("/keys/{id}")).await.contains("revoked"));
    // Ada does not review, so no key of hers does. What was typed is kept.
    let mut stronger = form.to_vec();
    stronger.push(("scope_review", "1"));
    let refused = post(&app, &admin, "/keys", &stronger).await;
    assert!(refused.status == 403 && refused.text.contains("value=\"Ledger import\""), "{}", refused.text);
    for (name, value, said) in
        [("days", "0", "Ends"), ("id", "a b", "Id"), ("name", " ", "Name"), ("kind", "robot", "Kind")]
    {
        let wrong: Vec<_> =
            form.iter().map(|(key, old)| (*key, if *key == name { value } else { *old })).collect();
        let refused = post(&app, &admin, "/keys", &wrong).await;
        assert!(
            refused.status == 422 && refused.text.contains(&format!("<b>{said}</b>")),
            "{}",
            refused.text
        );
    }
}

#[tokio::test]
async fn an_administrator_sees_and_changes_webhooks() {
    let app = TestApp::new().await;
    let (_, admin) = app.member("org_a", "ada", &[Role::Admin]).await;
    assert!(get(&app, &admin, "/webhooks").await.contains("There are no webhooks"));
    let fields =
        [("url", "https://hooks.example.com/in"), ("event_review.decided", "1"), ("description", "")];
    let secret = once(&post(&app, &admin, "/webhooks", &fields).await);
    assert!(secret.starts_with("whsec_"));
    let list = app.call("admin", "GET", "/v1/webhooks", None).await.ok();
    assert_eq!(list["data"][0]["events"], json!(["review.decided"]));
    let id = list["data"][0]["webhook_id"].as_str().unwrap();
    let page = get(&app, &admin, &format!("/webhooks/{id}")).await;
    assert!(page.contains("No failure") && !page.contains(&secret));
    assert!(page.contains(&format!("{AT}/people/user_")), "who made it: {page}");
    post(&app, &admin, &format!("/webhooks/{id}/test"), &[])
        .await
        .goes_to(&format!("{AT}/webhooks/{id}?done=tested"));
    let rotated = once(&post(&app, &admin, &format!("/webhooks/{id}/rotate"), &[]).await);
    assert_ne!(rotated, secret);
    post(&app, &admin, &format!("/webhooks/{id}/enable"), &[])
        .await
        .goes_to(&format!("{AT}/webhooks/{id}?done=enabled"));
    post(&app, &admin, &format!("/webhooks/{id}/delete"), &[])
        .await
        .goes_to(&format!("{AT}/webhooks?done=deleted"));
    let refused = post(&app, &admin, "/webhooks", &[("url", "http://10.0.0.1/")]).await;
    assert!(refused.status == 422 && refused.text.contains("value=\"http://10.0.0.1/\""), "{}", refused.text);
    let log = get(&app, &admin, "/log").await;
    for said in ["webhook created", "webhook secret rotated", "webhook enabled", "webhook deleted"] {
        assert!(log.contains(said), "{said}");
    }
    assert!(!log.contains("whsec_"));
}

#[tokio::test]
async fn an_administrator_adds_changes_and_removes_an_issuer() {
    let app = TestApp::new().await;
    let (_, admin) = app.member("org_a", "ada", &[Role::Admin]).await;
    assert!(get(&app, &admin, "/sign-in").await.contains("There is no issuer yet"));
    let form = [
        ("id", "entra"),
        ("name", "<b>Entra"),
        ("url", "https://login.example.com/v2.0"),
        ("client_id", "client"),
        ("client_secret", "hush"),
        ("email_domains", "Example.com, @example.org"),
        ("lets_in", "1"),
        ("groups_claim", ""),
    ];
    let with = |changes: &[(&'static str, &'static str)]| -> Vec<(&'static str, &'static str)> {
        let value =
            |name: &str, old| changes.iter().find(|(own, _)| *own == name).map_or(old, |(_, new)| *new);
        let mut form: Vec<_> = form.iter().map(|(name, old)| (*name, value(name, *old))).collect();
        form.extend(changes.iter().filter(|(name, _)| *name == "version_stamp"));
        form
    };
    for (name, value, said) in [
        ("id", "En tra", "Id"),
        ("name", " ", "Name"),
        ("url", "ftp://login.example.com", "URL"),
        ("url", "https://169.254.169.254", "URL"),
        ("client_id", "", "Client id"),
        ("email_domains", "com", "E-mail domains"),
        ("email_domains", "", "E-mail domains"),
    ] {
        let refused = post(&app, &admin, "/sign-in", &with(&[(name, value)])).await;
        assert!(
            refused.status == 422 && refused.text.contains(&format!("<b>{said}</b>")),
            "{}",
            refused.text
        );
        assert!(
            !refused.text.contains("hush") && refused.text.contains("value=\"1\" checked"),
            "{}",
            refused.text
        );
    }
    post(&app, &admin, "/sign-in", &form).await.goes_to(&format!("{AT}/sign-in/entra?done=added"));
    let added = app.call("admin", "GET", "/v1/sign-in", None).await.ok();
    let issuer = &added["issuers"][0];
    assert_eq!(issuer["email_domains"], json!(["example.com", "example.org"]));
    assert_eq!((&issuer["has_client_secret"], &issuer["rev"]), (&json!(true), &json!(0)));
    // The same again is a new one of that id: there is one.
    assert_eq!(post(&app, &admin, "/sign-in", &with(&[("name", "Other")])).await.status, 409);
    let page = get(&app, &admin, "/sign-in/entra").await;
    assert!(page.contains("&lt;b&gt;Entra") && !page.contains("<b>Entra") && !page.contains("hush"));
    assert!(page.contains("/inbox/sign-in/callback"));
    // The secret stays where it was made for.
    let kept = with(&[("version_stamp", "0"), ("client_secret", ""), ("name", "Entra")]);
    post(&app, &admin, "/sign-in/entra/change", &kept)
        .await
        .goes_to(&format!("{AT}/sign-in/entra?done=changed"));
    let moved = with(&[("version_stamp", "1"), ("client_secret", ""), ("url", "https://other.example.com")]);
    let refused = post(&app, &admin, "/sign-in/entra/change", &moved).await;
    assert!(refused.status == 422 && refused.text.contains("<b>Client secret</b>"), "{}", refused.text);
    let stale = with(&[("version_stamp", "0"), ("name", "Typed")]);
    let refused = post(&app, &admin, "/sign-in/entra/change", &stale).await;
    assert!(refused.status == 409 && refused.text.contains("value=\"Typed\""), "{}", refused.text);
    // Nobody is locked out.
    let off = [("version_stamp", "1"), ("state", "off")];
    assert_eq!(post(&app, &admin, "/sign-in-keys", &off).await.status, 409);
    let read = app.call("admin", "GET", "/v1/sign-in", None).await.ok();
    assert_eq!((&read["api_key_sign_in"], &read["issuers"][0]["name"]), (&json!(true), &json!("Entra")));
    post(&app, &admin, "/sign-in/entra/remove", &[]).await.goes_to(&format!("{AT}/sign-in?done=removed"));
    assert_eq!(post(&app, &admin, "/sign-in/entra/remove", &[]).await.status, 404);
    let log = get(&app, &admin, "/log").await;
    for said in ["issuer added", "issuer changed", "issuer removed"] {
        assert!(log.contains(said), "{said}");
    }
    assert!(!log.contains("hush"));
}

#[tokio::test]
async fn where_keys_do_not_sign_in_an_administrators_issuer_stays() {
    let app = TestApp::new().await;
    // Members of the tests have signed in at this issuer.
    let (ada, _) = app.member("org_a", "ada", &[Role::Admin]).await;
    let url = ada.identity.unwrap().issuer;
    let issuer = |url: &str| json!({ "name": "One", "url": url, "client_id": "us" });
    let one = "/v1/sign-in/issuers/one";
    assert_eq!(app.call("admin", "PUT", one, Some(issuer(&url))).await.status, 201);
    let stale = json!({ "version_stamp": 9, "api_key_sign_in": false });
    app.call("admin", "PUT", "/v1/sign-in", Some(stale)).await.error(409, "sign_in_changed");
    let seen = app.call("admin", "GET", "/v1/sign-in", None).await.ok()["rev"].clone();
    let off = json!({ "version_stamp": seen, "api_key_sign_in": false });
    app.call("admin", "PUT", "/v1/sign-in", Some(off)).await.ok();
    app.call("admin", "DELETE", one, None).await.error(409, "no_admin_signs_in");
    let mut elsewhere = issuer("https://elsewhere.example");
    elsewhere["version_stamp"] = json!(0);
    app.call("admin", "PUT", one, Some(elsewhere)).await.error(409, "no_admin_signs_in");
    // With a second issuer of that URL it may go.
    assert_eq!(app.call("admin", "PUT", "/v1/sign-in/issuers/two", Some(issuer(&url))).await.status, 201);
    assert_eq!(app.call("admin", "DELETE", one, None).await.status, 204);
}

#[tokio::test]
async fn people_are_sorted_by_name_found_by_text_and_paged() {
    let app = TestApp::new().await;
    let (_, admin) = app.member("org_a", "admin", &[Role::Admin]).await;
    for index in 0..120 {
        app.member("org_a", &format!("person {index:03}"), &[Role::Reviewer]).await;
    }
    let first = get(&app, &admin, "/people").await;
    let place = |name: &str| first.find(name);
    assert!(place(">admin<") < place(">person 000<") && place(">person 000<") < place(">person 098<"));
    assert!(place(">person 099<").is_none() && first.contains("Page 1 of 2"));
    let second = get(&app, &admin, "/people?q=&page=2").await;
    assert!(
        second.contains(">person 099<")
            && second.contains(">person 119<")
            && !second.contains(">person 000<")
    );
    let found = get(&app, &admin, "/people?q=PERSON%20077").await;
    assert!(found.contains(">person 077<") && !found.contains(">person 078<"));
    assert!(found.contains("1 of 121") && !first.contains("of 121"));
    assert!(
        get(&app, &admin, "/people?q=nobody%3Cb%3E&page=9999999999999").await.contains("Nobody is like that")
    );
}

#[tokio::test]
async fn only_those_who_administer_are_shown_the_way_there() {
    let app = TestApp::new().await;
    let (_, admin) = app.member("org_a", "ada", &[Role::Admin]).await;
    let (_, lead) = app.member("org_a", "ben", &[Role::Lead]).await;
    let queue = |reader| app.send(app.visit(reader, "/inbox"));
    assert!(queue(&admin).await.text.contains("href=\"/inbox/administration\""));
    assert!(!queue(&lead).await.text.contains("/inbox/administration"));
}

#[tokio::test]
async fn the_log_tells_two_of_one_name_apart_and_an_address_says_nothing_that_is_not_so() {
    let app = TestApp::new().await;
    let (ada, admin) = app.member("org_a", "Ada Admin", &[Role::Admin]).await;
    let (ben, _) = app.member("org_a", "ben", &[Role::Reviewer]).await;
    // The key of the tests is called Ada Admin, too.
    app.call("admin", "POST", "/v1/invites", Some(json!({}))).await;
    post(&app, &admin, "/invites", &[("role_reviewer", "1"), ("email", "")]).await;
    let log = get(&app, &admin, "/log").await;
    let told_apart =
        |page: &str| page.contains(&format!("<code>{}<", ada.actor.id)) && page.contains(">user_1<");
    assert!(told_apart(&log), "{log}");
    let people = get(&app, &admin, "/people").await;
    assert!(told_apart(&people), "{people}");
    let at = format!("/people/{}", ben.actor.id);
    assert!(!get(&app, &admin, &format!("{at}?done=disabled")).await.contains("Disabled. Within"));
    post(&app, &admin, &format!("{at}/disable?rev=0"), &[]).await.goes_to(&format!("{AT}{at}?done=disabled"));
    assert!(get(&app, &admin, &format!("{at}?done=disabled")).await.contains("Disabled. Within"));
    assert!(!get(&app, &admin, &format!("{at}?done=enabled")).await.contains("they can sign in again"));
}

#[tokio::test]
async fn the_page_of_who_is_disabled_names_the_keys_of_theirs_that_still_work() {
    let app = TestApp::new().await;
    let (_, admin) = app.member("org_a", "ada", &[Role::Admin]).await;
    let (eve, her) = app.member("org_a", "eve", &[Role::Admin]).await;
    let made = |id: &'static str| {
        [("kind", "agent"), ("id", id), ("name", id), ("scope_read", "1"), ("groups", ""), ("days", "30")]
    };
    for (reader, id) in [(&her, "hers"), (&her, "rotated"), (&admin, "not-hers")] {
        once(&post(&app, reader, "/keys", &made(id)).await);
    }
    let listed = app.call("admin", "GET", "/v1/keys", None).await.ok();
    let id_of = |actor: &str| {
        let rows = listed["data"].as_array().unwrap();
        let row = rows.iter().find(|row| row["actor"]["id"] == actor).unwrap();
        (row["key_id"].as_str().unwrap().to_owned(), row["created_by"]["id"].clone())
    };
    let ((hers, by), (rotated, _), (other, other_by)) = (id_of("hers"), id_of("rotated"), id_of("not-hers"));
    assert!(by == eve.actor.id.as_str() && other_by != by, "{listed}");
    assert!(get(&app, &admin, &format!("/keys/{hers}")).await.contains(eve.actor.id.as_str()));
    // Who rotates a key is who has it.
    once(&post(&app, &admin, &format!("/keys/{rotated}/rotate"), &[("hours", "0")]).await);
    let at = format!("/people/{}", eve.actor.id);
    assert!(!get(&app, &admin, &at).await.contains(&hers));
    post(&app, &admin, &format!("{at}/disable?rev=0"), &[]).await.goes_to(&format!("{AT}{at}?done=disabled"));
    let page = get(&app, &admin, &format!("{at}?done=disabled")).await;
    assert!(page.contains(&format!("/keys/{hers}/revoke")) && page.contains("listed below"), "{page}");
    assert!(!page.contains(&rotated) && !page.contains(&other), "{page}");
    post(&app, &admin, &format!("/keys/{hers}/revoke"), &[]).await;
    let page = get(&app, &admin, &at).await;
    assert!(!page.contains(&hers) && page.contains("None that works"), "{page}");
}
