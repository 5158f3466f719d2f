//! Who is let in, and as what.

use crate::issuer::{Behaviour, Issuer};
use crate::world::{Browser, HOST, World, organization, reasons};
use lambda_http::http::StatusCode;
use serde_json::json;
use shared::store::{Member, Role};

fn groups(member: &Member) -> Vec<String> {
    member.groups.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn somebody_of_a_domain_that_is_let_in_becomes_a_reviewer_and_is_signed_in() {
    let issuer = Issuer::start(Behaviour::default());
    let world = World::with(&issuer).await;
    let mut browser = Browser::default();
    let query = world.start(&mut browser, &[("return", "/inbox?status=approved")]).await;
    assert_eq!(query["redirect_uri"], format!("http://{HOST}/inbox/sign-in/callback"));
    let asked =
        ["response_type", "scope", "client_id", "code_challenge_method"].map(|name| query[name].as_str());
    assert_eq!(asked, ["code", "openid profile email", "holdpoint", "S256"]);
    let code = issuer.authorize(&query);
    let answer = world.back(&mut browser, &[("state", &query["state"]), ("code", &code)]).await;
    // A page of ours that goes on by itself, and by a link: the session's cookie is `Strict`.
    assert_eq!(answer.status, StatusCode::OK, "{:?}", reasons());
    assert!(answer.text.contains("content=\"0; url=/inbox?status=approved\""), "{}", answer.text);
    assert!(answer.text.contains("href=\"/inbox?status=approved\""));
    let session = answer.cookies.iter().find(|cookie| cookie.starts_with("holdpoint-8787=")).unwrap();
    assert!(session.contains("HttpOnly; SameSite=Strict; Max-Age=28800"), "{session}");
    let page = world.get(&mut browser, "/inbox").await;
    assert!(page.status == StatusCode::OK && page.text.contains("Dana Rivera"));
    let member = world.members().await.remove(0);
    assert_eq!(
        (member.roles.as_slice(), member.email.as_deref()),
        (&[Role::Reviewer][..], Some("dana@example.com"))
    );
    assert_eq!(groups(&member), ["finance", "legal"]);
    let audit = world.app.store.administration(&organization(), None, 10).await.unwrap().entries;
    assert!(
        audit.iter().any(|entry| entry.action == "member_joined" && entry.target == member.actor.id.as_str())
    );
}

#[tokio::test]
async fn the_way_back_leads_to_no_other_site() {
    let issuer = Issuer::start(Behaviour::default());
    let world = World::with(&issuer).await;
    for bad in ["https://evil.example", "//evil.example", "/inbox/../../x", "javascript:alert(1)", "/v1/x"] {
        let answer = world.sign_in(&issuer, &mut Browser::default(), &[("return", bad)]).await;
        assert!(answer.text.contains("content=\"0; url=/inbox\""), "{bad}: {}", answer.text);
    }
}

#[tokio::test]
async fn groups_of_the_claim_replace_those_of_the_claim_before() {
    let issuer = Issuer::start(Behaviour::default());
    let world = World::with(&issuer).await;
    let mut browser = Browser::default();
    world.sign_in(&issuer, &mut browser, &[]).await;
    world
        .change_member(|member| member.groups.push(shared::review::GroupId::parse("by-hand").unwrap()))
        .await;
    issuer.behave(|own| own.claims = json!({ "groups": ["finance", "new", 7, "a#b"], "name": "Dana R." }));
    world.sign_in(&issuer, &mut browser, &[]).await;
    let member = world.members().await.remove(0);
    assert_eq!(groups(&member), ["by-hand", "finance", "new"]);
    assert_eq!(member.actor.display_name, "Dana R.");
    // None in the claim is none; no such claim configured changes nothing.
    issuer.behave(|own| own.claims = json!({ "groups": null }));
    world.sign_in(&issuer, &mut browser, &[]).await;
    assert_eq!(groups(&world.members().await[0]), ["by-hand"]);
    assert_eq!(world.members().await.len(), 1);
}

#[tokio::test]
async fn an_invite_makes_one_member_once() {
    let issuer = Issuer::start(Behaviour { claims: json!({ "email": null }), ..Behaviour::default() });
    let world = World::with(&issuer).await;
    let token = world.invite(&[Role::Lead, Role::Admin], None).await;
    // The page says what it is for, and its form brings it along.
    let page = world.get(&mut Browser::default(), &format!("/inbox/sign-in?invite={token}")).await;
    assert!(
        page.text.contains("You are invited to <b>org_a</b>") && page.text.contains(&token),
        "{}",
        page.text
    );
    let answer = world.sign_in(&issuer, &mut Browser::default(), &[("invite", &token)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", reasons());
    let member = world.members().await.remove(0);
    assert_eq!(
        (member.roles.as_slice(), groups(&member)[2].as_str()),
        (&[Role::Lead, Role::Admin][..], "invited")
    );
    // Once: not for the next one; the member still comes in with the old link.
    reasons();
    issuer.behave(|own| own.claims = json!({ "sub": "subject-2" }));
    world.sign_in(&issuer, &mut Browser::default(), &[("invite", &token)]).await;
    assert_eq!(reasons(), ["invite_invalid"]);
    issuer.behave(|own| own.claims = json!({}));
    let answer = world.sign_in(&issuer, &mut Browser::default(), &[("invite", &token)]).await;
    assert_eq!((answer.status, world.members().await.len()), (StatusCode::OK, 1));
    let page = world.get(&mut Browser::default(), &format!("/inbox/sign-in?invite={token}")).await;
    assert!(page.text.contains("This invite was used"), "{}", page.text);
}

#[tokio::test]
async fn an_invite_for_an_address_needs_that_address_verified_and_ends_after_a_week() {
    let issuer =
        Issuer::start(Behaviour { claims: json!({ "email_verified": false }), ..Behaviour::default() });
    let world = World::with(&issuer).await;
    let token = world.invite(&[Role::Admin], Some("Dana@Example.com")).await;
    let refused = async |expected: &str| {
        world.sign_in(&issuer, &mut Browser::default(), &[("invite", &token)]).await;
        assert_eq!(reasons(), [expected]);
    };
    reasons();
    refused("invite_of_another_address").await;
    issuer.behave(|own| own.claims = json!({ "email": "ben@example.com" }));
    refused("invite_of_another_address").await;
    world.advance_minutes(7 * 24 * 60);
    let later = chrono::Utc::now().timestamp() + 7 * 86_400;
    let claims = json!({ "iat": later, "exp": later + 300 });
    issuer.behave(|own| own.claims = claims);
    refused("invite_invalid").await;
    world.advance_minutes(-7 * 24 * 60);
    issuer.behave(|own| own.claims = json!({}));
    assert_eq!(
        world.sign_in(&issuer, &mut Browser::default(), &[("invite", &token)]).await.status,
        StatusCode::OK
    );
    assert_eq!(world.members().await[0].roles, [Role::Admin]);
}

#[tokio::test]
async fn an_invite_counts_only_while_its_maker_could_still_make_it() {
    let issuer = Issuer::start(Behaviour::default());
    let world = World::with(&issuer).await;
    let first = world.invite(&[Role::Admin], None).await;
    world.sign_in(&issuer, &mut Browser::default(), &[("invite", &first)]).await;
    let maker = world.members().await.remove(0).actor;
    let by_maker = world.invite_by((maker.clone(), None), &[Role::Admin], None).await;
    let now = world.app.now();
    let scopes = vec![shared::store::Scope::Admin];
    let new = shared::store::NewKey {
        organization: organization(),
        actor: maker.clone(),
        scopes,
        groups: Vec::new(),
        expires_at: None,
    };
    let (_, key) = world.app.store.create_key(new, &maker, now).await.unwrap();
    let by_key = world.invite_by((maker.clone(), Some(key.key_id.clone())), &[Role::Admin], None).await;
    issuer.behave(|own| own.claims = json!({ "sub": "subject-2", "email": "eve@elsewhere.example" }));
    reasons();
    let refused = async |token: &str| {
        world.sign_in(&issuer, &mut Browser::default(), &[("invite", token)]).await;
        assert_eq!(reasons(), ["invite_of_nobody_who_may_invite"]);
        assert_eq!(world.members().await.len(), 1);
    };
    // Disabled; enabled without the role; a key that was revoked.
    world.change_member(|member| member.disabled_at = Some(now)).await;
    refused(&by_maker).await;
    world.change_member(|member| (member.disabled_at, member.roles) = (None, vec![Role::Lead])).await;
    refused(&by_maker).await;
    assert!(world.app.store.revoke_key(&organization(), &key.key_id, &maker, now).await.unwrap());
    refused(&by_key).await;
    // With the role again it counts.
    world.change_member(|member| member.roles = vec![Role::Admin]).await;
    let answer = world.sign_in(&issuer, &mut Browser::default(), &[("invite", &by_maker)]).await;
    assert_eq!((answer.status, world.members().await.len()), (StatusCode::OK, 2), "{:?}", reasons());
}

#[tokio::test]
async fn an_invite_extends_a_member_and_a_disabled_one_stays_out() {
    let issuer = Issuer::start(Behaviour::default());
    let world = World::with(&issuer).await;
    let mut browser = Browser::default();
    world.sign_in(&issuer, &mut browser, &[]).await;
    let token = world.invite(&[Role::Admin], None).await;
    world.sign_in(&issuer, &mut browser, &[("invite", &token)]).await;
    assert_eq!(world.members().await[0].roles, [Role::Reviewer, Role::Admin]);
    let now = world.app.now();
    world.change_member(|member| member.disabled_at = Some(now)).await;
    reasons();
    let answer = world.sign_in(&issuer, &mut Browser::default(), &[]).await;
    assert_eq!((answer.status, reasons()), (StatusCode::FORBIDDEN, vec!["member_disabled".to_owned()]));
    // The session that there was ends within the minute for which a member is remembered.
    world.advance_minutes(2);
    assert_eq!(world.get(&mut browser, "/inbox").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_issuer_that_changes_its_keys_is_asked_for_them_once() {
    let issuer = Issuer::start(Behaviour::default());
    let world = World::with(&issuer).await;
    let asked = || issuer.calls().iter().filter(|path| *path == "/keys").count();
    for _ in 0..2 {
        world.sign_in(&issuer, &mut Browser::default(), &[]).await;
    }
    assert_eq!(asked(), 1, "kept for ten minutes");
    issuer.change_keys();
    for _ in 0..2 {
        assert_eq!(world.sign_in(&issuer, &mut Browser::default(), &[]).await.status, StatusCode::OK);
    }
    assert_eq!(asked(), 2);
}

#[tokio::test]
async fn a_secret_goes_to_the_token_endpoint_as_the_issuer_allows() {
    let issuer = Issuer::start(Behaviour::default());
    let world = World::with(&issuer).await;
    world.sign_in(&issuer, &mut Browser::default(), &[]).await;
    world.add(&issuer, |own| own.client_secret = Some("s:1".into())).await;
    world.sign_in(&issuer, &mut Browser::default(), &[]).await;
    let said = issuer.authorizations();
    assert_eq!(said, [None, Some("Basic aG9sZHBvaW50OnMlM0Ex".to_owned())]);
}

#[tokio::test]
async fn an_organization_has_ten_issuers_at_most_however_they_are_added() {
    let issuer = Issuer::start(Behaviour::default());
    let world = World::new().await;
    for id in 0..10 {
        world.add(&issuer, |own| own.id = format!("issuer-{id}")).await;
    }
    let mut one_more = world.app.store.issuers(&organization()).await.unwrap().remove(0);
    one_more.id = "one-more".into();
    let put = async |issuer: &shared::store::Issuer| {
        world.app.store.put_issuer(issuer, None, &crate::world::entry()).await.unwrap()
    };
    assert_eq!(put(&one_more).await, shared::store::IssuerStored::TooMany);
    assert!(
        world.app.store.delete_issuer(&organization(), "issuer-3", &crate::world::entry()).await.unwrap()
    );
    assert_eq!(put(&one_more).await, shared::store::IssuerStored::Stored);
    assert_eq!(put(&one_more).await, shared::store::IssuerStored::Changed);
}
