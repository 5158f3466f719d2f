//! What is not believed. Each case is one that works, with one thing changed.

use crate::issuer::{Behaviour, Issuer, Odd, Signing};
use crate::world::{Browser, World, log, reasons};
use lambda_http::http::StatusCode;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Signs in with that behaviour; what was refused.
async fn refusal_of(behaviour: Behaviour) -> Vec<String> {
    let issuer = Issuer::start(Behaviour::default());
    let world = World::with(&issuer).await;
    let mut browser = Browser::default();
    issuer.behave(|own| *own = behaviour);
    reasons();
    let left = world.leave(&mut browser, &[]).await;
    let answer =
        if left.status == StatusCode::OK { world.sign_in(&issuer, &mut browser, &[]).await } else { left };
    let reasons = reasons();
    if !reasons.is_empty() {
        assert!(
            answer.status.is_client_error() || answer.status == StatusCode::BAD_GATEWAY,
            "{}",
            answer.status
        );
        assert!(!answer.cookies.iter().any(|cookie| cookie.starts_with("holdpoint-8787=")), "signed in");
        assert!(world.members().await.is_empty(), "became a member");
        for reason in &reasons {
            assert!(!answer.text.contains(reason), "the visitor is told {reason}");
        }
    }
    reasons
}

#[tokio::test]
async fn the_unchanged_case_is_let_in() {
    assert!(refusal_of(Behaviour::default()).await.is_empty());
}

#[tokio::test]
async fn tokens_that_are_forged_are_refused_each_by_name() {
    let now = chrono::Utc::now().timestamp();
    let signed = |signing| Behaviour { signing, ..Behaviour::default() };
    let claims = |claims: Value| Behaviour { claims, ..Behaviour::default() };
    for (name, behaviour, reason) in [
        ("wrong signature", signed(Signing::WrongKey), "token_signature"),
        ("alg none", signed(Signing::Unsigned), "token_unsigned"),
        ("HS256 with the public key", signed(Signing::PublicKeyAsSecret), "token_algorithm"),
        ("unknown kid", signed(Signing::UnknownKey), "token_key_unknown"),
        ("wrong iss", claims(json!({ "iss": "https://evil.example" })), "token_issuer"),
        ("no iss", claims(json!({ "iss": null })), "token_invalid"),
        ("wrong aud", claims(json!({ "aud": "other" })), "token_audience"),
        ("one more aud", claims(json!({ "aud": ["holdpoint", "other"] })), "token_audience"),
        ("no aud", claims(json!({ "aud": null })), "token_audience"),
        ("azp of another", claims(json!({ "azp": "other" })), "token_authorized_party"),
        ("expired", claims(json!({ "exp": now - 1 })), "token_expired"),
        ("no exp", claims(json!({ "exp": null })), "token_invalid"),
        ("not yet valid", claims(json!({ "nbf": now + 3600 })), "token_not_yet_valid"),
        ("odd nbf", claims(json!({ "nbf": "soon" })), "token_not_yet_valid"),
        ("issued later", claims(json!({ "iat": now + 3600 })), "token_issued_at"),
        ("issued before the attempt", claims(json!({ "iat": now - 3600 })), "token_issued_at"),
        ("wrong nonce", claims(json!({ "nonce": "other" })), "token_nonce"),
        ("missing nonce", claims(json!({ "nonce": null })), "token_nonce"),
        ("empty subject", claims(json!({ "sub": "" })), "token_subject"),
        ("no subject", claims(json!({ "sub": null })), "token_invalid"),
        ("unverified e-mail", claims(json!({ "email_verified": false })), "email_unverified"),
        ("e-mail of which nothing is said", claims(json!({ "email_verified": null })), "email_unverified"),
        (
            "e-mail domain of another",
            claims(json!({ "email": "dana@example.com.evil.example" })),
            "email_domain",
        ),
        ("two addresses in one", claims(json!({ "email": "x@evil.example,@example.com" })), "not_a_member"),
        ("no e-mail", claims(json!({ "email": null })), "not_a_member"),
    ] {
        assert_eq!(refusal_of(behaviour).await, [reason], "{name}");
    }
    for secret in ["dana@", "subject-1", "eyJ", "code-0"] {
        assert!(!log().contains(secret), "the log holds {secret}");
    }
}

#[tokio::test]
async fn issuers_that_are_not_what_they_say_are_refused_each_by_name() {
    const DISCOVERY: &str = "/.well-known/openid-configuration";
    let odd = |path, odd| Behaviour { odd: HashMap::from([(path, odd)]), ..Behaviour::default() };
    let metadata = |metadata: Value| Behaviour { metadata, ..Behaviour::default() };
    for (name, behaviour, reason) in [
        ("keys huge", odd("/keys", Odd::Huge), "keys_unreachable"),
        ("keys endless", odd("/keys", Odd::Endless), "keys_unreachable"),
        ("keys that are none", odd("/keys", Odd::Json(json!([]))), "keys_unreadable"),
        (
            "discovery of another",
            metadata(json!({ "issuer": "https://evil.example" })),
            "discovery_of_another_issuer",
        ),
        ("discovery huge", odd(DISCOVERY, Odd::Huge), "discovery_unreachable"),
        ("discovery fails", odd(DISCOVERY, Odd::Status(500)), "discovery_status"),
        (
            "discovery redirects",
            odd(DISCOVERY, Odd::Redirect("http://127.0.0.1:1/".into())),
            "discovery_redirects",
        ),
        ("discovery is no JSON", odd(DISCOVERY, Odd::Json(json!("x"))), "discovery_unreadable"),
        ("discovery never answers", odd(DISCOVERY, Odd::Hang), "discovery_unreachable"),
        (
            "token endpoint at a private address",
            metadata(json!({ "token_endpoint": "https://10.0.0.1/" })),
            "endpoint_not_allowed",
        ),
        (
            "keys at the metadata service",
            metadata(json!({ "jwks_uri": "http://169.254.169.254/" })),
            "endpoint_not_allowed",
        ),
        (
            "a page that is a script",
            metadata(json!({ "authorization_endpoint": "javascript:alert(1)" })),
            "endpoint_not_allowed",
        ),
        (
            "token endpoint redirects",
            odd("/token", Odd::Redirect("http://127.0.0.1:1/".into())),
            "token_redirects",
        ),
        ("token endpoint fails", odd("/token", Odd::Status(500)), "token_status"),
        ("token endpoint refuses us", odd("/token", Odd::Status(401)), "code_refused"),
        ("token huge", odd("/token", Odd::Endless), "token_unreachable"),
        ("no token", odd("/token", Odd::Json(json!({ "id_token": "a.b" }))), "token_invalid"),
    ] {
        assert_eq!(refusal_of(behaviour).await, [reason], "{name}");
    }
    // One that is down.
    let issuer = Issuer::start(Behaviour::default());
    let world = World::with(&issuer).await;
    let url = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    world.add(&issuer, |own| own.url = format!("http://{url}")).await;
    reasons();
    let answer = world.leave(&mut Browser::default(), &[]).await;
    assert_eq!(
        (answer.status, reasons()),
        (StatusCode::BAD_GATEWAY, vec!["discovery_unreachable".to_owned()])
    );
}

#[tokio::test]
async fn an_issuer_at_a_private_address_is_not_called_by_a_deployment() {
    let issuer = Issuer::start(Behaviour::default());
    let mut world = World::with(&issuer).await;
    world.app.egress = shared::egress::Egress::Public;
    reasons();
    let answer = world.leave(&mut Browser::default(), &[]).await;
    assert_eq!((answer.status, reasons().len(), issuer.calls().len()), (StatusCode::BAD_GATEWAY, 1, 0));
}

#[tokio::test]
async fn answers_that_are_mixed_up_are_refused_each_by_name() {
    let issuer = Issuer::start(Behaviour::default());
    let world = World::with(&issuer).await;
    let said = |expected: &str| assert_eq!(reasons(), [expected]);
    reasons();
    // State: none, one that nobody has, one that was used, one of another browser, one that took too long.
    let mut browser = Browser::default();
    world.back(&mut browser, &[("code", "x")]).await;
    said("state_missing");
    world.back(&mut browser, &[("state", "x"), ("code", "x")]).await;
    said("state_unknown_or_used");
    let query = world.start(&mut browser, &[]).await;
    let code = issuer.authorize(&query);
    let answer = [("state", query["state"].as_str()), ("code", code.as_str())];
    world.back(&mut Browser::default(), &answer).await;
    said("other_browser");
    let mut other = Browser::default();
    world.start(&mut other, &[]).await;
    world.back(&mut other, &answer).await;
    said("other_browser");
    // Which did not use it up.
    assert_eq!(world.back(&mut browser, &answer).await.status, StatusCode::OK);
    world.start(&mut browser, &[]).await;
    world.back(&mut browser, &answer).await;
    said("state_unknown_or_used");
    let query = world.start(&mut browser, &[]).await;
    let code = issuer.authorize(&query);
    world.advance_minutes(10);
    world.back(&mut browser, &[("state", &query["state"]), ("code", &code)]).await;
    said("state_expired");
    world.advance_minutes(-10);
    // The code: none, of another client, of another attempt; the issuer says no.
    let query = world.start(&mut browser, &[]).await;
    world.back(&mut browser, &[("state", &query["state"])]).await;
    said("code_missing");
    let query = world.start(&mut browser, &[]).await;
    let mut of_other = query.clone();
    of_other.insert("client_id".into(), "other".into());
    let code = issuer.authorize(&of_other);
    world.back(&mut browser, &[("state", &query["state"]), ("code", &code)]).await;
    said("code_refused");
    let (one, two) = (world.start(&mut browser, &[]).await, world.start(&mut browser, &[]).await);
    let code = issuer.authorize(&one);
    world.back(&mut browser, &[("state", &two["state"]), ("code", &code)]).await;
    said("code_refused");
    let query = world.start(&mut browser, &[]).await;
    world.back(&mut browser, &[("state", &query["state"]), ("error", "access_denied")]).await;
    said("issuer_said_no");
    // `iss` (RFC 9207): of another issuer; missing, where the issuer promises it.
    let query = world.start(&mut browser, &[]).await;
    let code = issuer.authorize(&query);
    world
        .back(&mut browser, &[("state", &query["state"]), ("code", &code), ("iss", "https://evil.example")])
        .await;
    said("iss_of_another_issuer");
    let promises = Issuer::start(Behaviour {
        metadata: json!({ "authorization_response_iss_parameter_supported": true }),
        ..Behaviour::default()
    });
    world.add(&promises, |_| {}).await;
    world.sign_in(&promises, &mut browser, &[]).await;
    said("iss_missing");
    let query = world.start(&mut browser, &[]).await;
    let code = promises.authorize(&query);
    let answer = [("state", query["state"].as_str()), ("code", &code), ("iss", &promises.url)];
    assert_eq!(world.back(&mut browser, &answer).await.status, StatusCode::OK);
    // The issuer was removed meanwhile.
    let query = world.start(&mut browser, &[]).await;
    assert!(
        world
            .app
            .store
            .delete_issuer(&crate::world::organization(), "one", &crate::world::entry())
            .await
            .unwrap()
    );
    world.back(&mut browser, &[("state", &query["state"]), ("code", "x")]).await;
    said("no_such_issuer");
}

#[tokio::test]
async fn a_form_of_another_site_does_not_start_a_sign_in() {
    let issuer = Issuer::start(Behaviour::default());
    let world = World::with(&issuer).await;
    let form = "organization=org_a&issuer=one";
    let request =
        lambda_http::http::Request::post("/inbox/sign-in/issuer").header("sec-fetch-site", "cross-site");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = world.send(&mut Browser::default(), request.body(form.into()).unwrap()).await;
    assert_eq!((answer.status, issuer.calls().len()), (StatusCode::FORBIDDEN, 0));
    // No such organization, no such issuer: the same.
    let mut texts = Vec::new();
    for fields in
        [[("organization", "nobody"), ("issuer", "one")], [("organization", "org_a"), ("issuer", "two")]]
    {
        let answer = world.post(&mut Browser::default(), "/inbox/sign-in/issuer", &fields).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        texts.push(answer.text);
    }
    assert_eq!(texts[0], texts[1]);
}
