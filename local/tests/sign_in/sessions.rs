//! Sessions: how long they last, where one is signed in, and the sign-in page.

use crate::issuer::{Behaviour, Issuer};
use crate::world::{Answer, Browser, World, entry, organization};
use lambda_http::http::StatusCode;
use shared::store::{Role, SettingsStored};

async fn signed_in() -> (Issuer, World, Browser) {
    let issuer = Issuer::start(Behaviour::default());
    let world = World::with(&issuer).await;
    let mut browser = Browser::default();
    world.sign_in(&issuer, &mut browser, &[]).await;
    (issuer, world, browser)
}

fn hidden(page: &Answer, name: &str) -> Vec<String> {
    let start = format!("name=\"{name}\" value=\"");
    page.text.split(&start).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_session_ends_after_an_hour_unused_and_after_eight_hours_used() {
    let (_issuer, world, mut browser) = signed_in().await;
    let mut is_in = async |minutes: i64| {
        world.advance_minutes(minutes);
        world.get(&mut browser, "/inbox").await.status == StatusCode::OK
    };
    for _ in 0..7 {
        assert!(is_in(50).await);
    }
    assert!(is_in(59).await && is_in(59).await, "used within the hour");
    assert!(!is_in(60).await, "eight hours");
    let (_issuer, world, mut browser) = signed_in().await;
    world.advance_minutes(59);
    assert_eq!(world.get(&mut browser, "/inbox").await.status, StatusCode::OK);
    world.advance_minutes(60);
    assert_eq!(world.get(&mut browser, "/inbox").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_page_that_asks_by_itself_does_not_keep_a_session() {
    let (_issuer, world, mut browser) = signed_in().await;
    for status in [StatusCode::OK, StatusCode::UNAUTHORIZED] {
        world.advance_minutes(35);
        let request = lambda_http::http::Request::get("/inbox?part=1").header("sec-fetch-dest", "empty");
        let answer = world.send(&mut browser, request.body(lambda_http::Body::Empty).unwrap()).await;
        assert_eq!(answer.status, status);
    }
    assert_eq!(world.get(&mut browser, "/inbox").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one_and_all_at_once() {
    let (issuer, world, mut here) = signed_in().await;
    let (mut there, mut elsewhere) = (Browser::default(), Browser::default());
    world.sign_in(&issuer, &mut there, &[]).await;
    world.sign_in(&issuer, &mut elsewhere, &[]).await;
    // Somebody else's.
    let mut other = Browser::default();
    let key = world.key().await;
    assert_eq!(
        world.post(&mut other, "/inbox/sign-in", &[("key", &key)]).await.status,
        StatusCode::SEE_OTHER
    );
    let page = world.get(&mut here, "/inbox/sessions").await;
    let (ids, token) = (hidden(&page, "session"), hidden(&page, "form_token").remove(0));
    assert_eq!((ids.len(), page.text.matches("this browser").count()), (3, 1));
    assert!(page.text.contains("Firefox on Linux"));
    let is_in = async |browser: &mut Browser| world.get(browser, "/inbox").await.status == StatusCode::OK;
    // Not without the form's token, and none of somebody else.
    let of_other = hidden(&world.get(&mut other, "/inbox/sessions").await, "session");
    assert_eq!(of_other.len(), 1);
    world.post(&mut here, "/inbox/sessions/end-all", &[]).await;
    world.post(&mut here, "/inbox/sessions/end", &[("form_token", &token), ("session", &of_other[0])]).await;
    assert!(is_in(&mut here).await && is_in(&mut there).await && is_in(&mut other).await);
    let own = page.text.split("this browser").next().unwrap().matches("name=\"session\"").count();
    let ended = ids.iter().enumerate().find(|(place, _)| *place != own).unwrap().1;
    world.post(&mut here, "/inbox/sessions/end", &[("form_token", &token), ("session", ended)]).await;
    let left = [is_in(&mut there).await, is_in(&mut elsewhere).await];
    assert!(is_in(&mut here).await && left.iter().filter(|it| **it).count() == 1, "{left:?}");
    let answer = world.post(&mut here, "/inbox/sessions/end-all", &[("form_token", &token)]).await;
    assert_eq!(answer.location, "/inbox/sign-in?done=signed-out");
    assert!(!is_in(&mut here).await && !is_in(&mut there).await && !is_in(&mut elsewhere).await);
    assert!(is_in(&mut other).await);
}

#[tokio::test]
async fn signing_in_again_ends_the_session_before_and_signing_out_leaves_none_in_the_list() {
    let (_issuer, world, mut browser) = signed_in().await;
    let before = browser.clone();
    let key = world.key().await;
    world.post(&mut browser, "/inbox/sign-in", &[("key", &key)]).await;
    assert_eq!(world.get(&mut before.clone(), "/inbox").await.status, StatusCode::SEE_OTHER);
    let page = world.get(&mut browser, "/inbox/sessions").await;
    let token = hidden(&page, "form_token").remove(0);
    world.post(&mut browser, "/inbox/sign-out", &[("form_token", &token)]).await;
    let mut again = Browser::default();
    world.post(&mut again, "/inbox/sign-in", &[("key", &key)]).await;
    assert_eq!(hidden(&world.get(&mut again, "/inbox/sessions").await, "session").len(), 1);
}

#[tokio::test]
async fn api_keys_are_switched_off_only_where_an_admin_signs_in_otherwise() {
    let (_issuer, world, _) = signed_in().await;
    let (store, organization) = (&world.app.store, organization());
    let off = async |seen| store.set_api_key_sign_in(&organization, false, seen, &entry()).await.unwrap();
    assert_eq!(off(0).await, SettingsStored::NoAdmin);
    world.change_member(|member| member.roles.push(Role::Admin)).await;
    assert_eq!(off(7).await, SettingsStored::Stored, "nothing was set before");
    assert_eq!(off(0).await, SettingsStored::Changed);
    let page = world.get(&mut Browser::default(), "/inbox/sign-in?organization=org_a").await;
    assert!(page.text.contains("Continue with") && !page.text.contains("name=\"key\""));
    let key = world.key().await;
    let answer = world.post(&mut Browser::default(), "/inbox/sign-in", &[("key", &key)]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text.contains("does not sign in with API keys"), "{}", answer.text);
}

#[tokio::test]
async fn the_sign_in_page_remembers_an_organization_and_tells_nothing_of_another() {
    let issuer = Issuer::start(Behaviour::default());
    let world = World::with(&issuer).await;
    let mut browser = Browser::default();
    let page = world.get(&mut browser, "/inbox/sign-in").await;
    assert!(page.text.contains("name=\"organization\"") && !page.text.contains("Continue with <bdi>"));
    let page = world.get(&mut browser, "/inbox/sign-in?organization=org_a").await;
    assert!(page.text.contains("Continue with <bdi>One &amp; Only</bdi>"), "{}", page.text);
    assert!(page.cookies[0].contains("Max-Age=31536000"));
    let page = world.get(&mut browser, "/inbox/sign-in").await;
    assert!(page.text.contains("One &amp; Only") && page.cookies.is_empty());
    // An id may hold what separates the attributes of a cookie.
    let mut odd = Browser::default();
    let page = world.get(&mut odd, "/inbox/sign-in?organization=a;Max-Age=1").await;
    assert!(page.cookies[0].contains("=a%3BMax%2DAge%3D1; Path=/"), "{:?}", page.cookies);
    assert!(world.get(&mut odd, "/inbox/sign-in").await.text.contains("<b>a;Max-Age=1</b>"));
    // One without issuers, and one that does not exist.
    let key = world.key().await;
    assert!(!key.is_empty());
    let mut pages = Vec::new();
    for name in ["org_nobody", "org_nothing"] {
        let page = world.get(&mut Browser::default(), &format!("/inbox/sign-in?organization={name}")).await;
        pages.push(page.text.replace(name, "X"));
    }
    assert_eq!(pages[0], pages[1]);
}
