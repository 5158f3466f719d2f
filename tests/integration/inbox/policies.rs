//! The pages of policies: for administrators, readable in plain words, saved under compare-and-swap.

use serde_json::json;
use shared::store::Scope;
use tests::reader::{Reader, hidden};
use tests::{Answer, TestApp, gating};

const PAGE: &str = "/inbox/policies/wf_1";
const RULES: &str = r#"{"*": {"predicate": {"kind": "confidence_lt", "threshold": 0.80}, "due_in_seconds": 14400,
    "approvals": {"required": 2, "four_eyes": true}, "assign": {"groups": ["finance"]}}}"#;

async fn admin(app: &TestApp) -> Reader {
    let key = app.key_for("org_a", "human", "user_5", &[Scope::Read, Scope::Admin]).await;
    app.reader_with(&key).await
}

async fn send(app: &TestApp, reader: &Reader, word: &str, stamp: &str, blocks: &str) -> Answer {
    let fields = [("version_stamp", stamp), ("blocks", blocks)];
    app.send(app.send_form(reader, &format!("{PAGE}/{word}"), &fields)).await
}

#[tokio::test]
async fn an_administrator_writes_tries_saves_and_deletes_a_policy() {
    let app = TestApp::new().await;
    let mut held = gating("run_1", "block_a", json!({ "kind": "always" }));
    held["likelihoods"] = json!({ "total": 0.5 });
    assert_eq!(app.call("agent", "POST", "/v1/workflows/gate", Some(held)).await.status, 201);
    let reader = admin(&app).await;
    let queue = app.send(app.visit(&reader, "/inbox")).await;
    assert!(queue.text.contains("href=\"/inbox/policies\""), "the header leads to them");
    let page = app.send(app.visit(&reader, "/inbox/policies?workflow=wf_1")).await;
    assert_eq!((page.status.as_u16(), page.headers["location"].to_str().unwrap()), (303, PAGE));
    let page = app.send(app.visit(&reader, PAGE)).await;
    assert!(page.text.contains("There is no policy"), "{}", page.text);
    assert_eq!(hidden(&page, "version_stamp"), "0");

    let tried = send(&app, &reader, "try", "0", RULES).await;
    assert_eq!(tried.status, 200);
    assert!(tried.text.contains("Of 1, this would have held 1."), "{}", tried.text);
    assert!(
        tried.text.contains("0.80") && hidden(&tried, "version_stamp") == "0",
        "the text stays as it was typed"
    );
    app.call("reader", "GET", "/v1/workflows/wf_1/policy", None).await.error(404, "policy_not_found");

    let saved = send(&app, &reader, "save", "0", RULES).await;
    assert_eq!(
        (saved.status.as_u16(), saved.headers["location"].to_str().unwrap()),
        (303, "/inbox/policies/wf_1?done=saved")
    );
    let page = app.send(app.visit(&reader, &format!("{PAGE}?done=saved"))).await;
    assert!(page.text.contains("Saved."), "{}", page.text);
    for part in [
        "Held when a confidence is below 0.8",
        "Assigned to finance",
        "Due in 4 h",
        "If it is late, it stays open",
        "Two approvals, four eyes: nobody approves a version of their own",
    ] {
        assert!(page.text.contains(&format!("<li>{part}</li>")), "{part}: {}", page.text);
    }
    assert_eq!(hidden(&page, "version_stamp"), "1");
    let listed = app.send(app.visit(&reader, "/inbox/policies")).await;
    assert!(listed.text.contains(PAGE), "{}", listed.text);

    // Somebody else was faster: both are shown, and what was typed stays.
    let body = json!({ "version_stamp": 1, "blocks": { "theirs": {} } });
    app.call("admin", "PUT", "/v1/workflows/wf_1/policy", Some(body)).await.ok();
    let conflict = send(&app, &reader, "save", "1", RULES).await;
    assert_eq!((conflict.status.as_u16(), hidden(&conflict, "version_stamp")), (409, "2".to_owned()));
    assert!(
        conflict.text.contains("&quot;theirs&quot;") && conflict.text.contains("four_eyes"),
        "{}",
        conflict.text
    );
    assert_eq!(send(&app, &reader, "save", "2", RULES).await.status, 303);
    assert_eq!(send(&app, &reader, "delete", "3", "").await.status, 303);
    let page = app.send(app.visit(&reader, PAGE)).await;
    assert!(page.text.contains("rev 4: ") && page.text.contains("deleted it"), "{}", page.text);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_typed_is_lost() {
    let app = TestApp::new().await;
    let reader = admin(&app).await;
    for (typed, said) in [
        ("{ \"*\": { \"quorum\": 2 } }", "blocks.*.quorum"),
        ("{ oops", "is not valid JSON"),
        ("", "is not valid JSON"),
        ("{}}, {", "is not valid JSON"),
        ("[]", "must be an object"),
        ("{ \"<b>\": {} }", "blocks.&lt;b&gt;"),
    ] {
        let page = send(&app, &reader, "save", "0", typed).await;
        assert_eq!(page.status, 422, "{typed}");
        assert!(page.text.contains(said), "{typed}: {}", page.text);
        assert!(!page.text.contains("<b>\""), "{typed}");
    }
    let page = send(&app, &reader, "save", "0", "{ \"*\": { \"quorum\": 2 } }").await;
    assert!(page.text.contains("&quot;quorum&quot;: 2"), "{}", page.text);
}

#[tokio::test]
async fn only_administrators_see_or_change_policies_there() {
    let app = TestApp::new().await;
    let dana = app.reader("dana").await;
    assert!(!app.send(app.visit(&dana, "/inbox")).await.text.contains("/inbox/policies"));
    for path in ["/inbox/policies", PAGE] {
        assert_eq!(app.send(app.visit(&dana, path)).await.status, 403, "{path}");
    }
    for word in ["save", "try", "delete"] {
        assert_eq!(send(&app, &dana, word, "0", RULES).await.status, 403, "{word}");
    }
    // Nor by a form that is not of the session.
    let reader = admin(&app).await;
    let forged = Reader { cookie: reader.cookie.clone(), form_token: "x".into() };
    assert_eq!(send(&app, &forged, "save", "0", RULES).await.status, 403);
    app.call("reader", "GET", "/v1/workflows/wf_1/policy", None).await.error(404, "policy_not_found");
}

#[tokio::test]
async fn a_rule_that_nobody_could_follow_is_said_each_time_until_somebody_can() {
    let app = TestApp::new().await;
    let reader = admin(&app).await;
    let enforced = r#"{"*": {"assign": {"groups": ["finanse"], "enforce": true}}}"#;
    let said = "Nobody could work on some reviews";
    let tried = send(&app, &reader, "try", "0", enforced).await;
    assert!(tried.text.contains(said), "{}", tried.text);
    assert_eq!(send(&app, &reader, "save", "0", enforced).await.status, 303);
    let page = async |path: &str| app.send(app.visit(&reader, path)).await.text;
    let saved = page("/inbox/policies/wf_1?done=saved").await;
    assert!(saved.contains(said) && saved.contains("Saved."), "{saved}");
    app.key_in("org_a", "human", "somebody", &[Scope::Review], &["finanse"]).await;
    assert!(!page(PAGE).await.contains(said));
    // An address that says what is not so says nothing.
    app.clock.advance_seconds(601);
    assert!(!page("/inbox/policies/wf_1?done=saved").await.contains("Saved."));
    assert!(!page("/inbox/policies/wf_1?done=deleted").await.contains("Deleted."));
}
