//! What a policy demands of who reviews, as the pages say it and refuse it.

use crate::reviews::terms::{assigned, needs};
use lambda_http::http::StatusCode;
use serde_json::json;
use shared::review::{Deadline, Evidence, JsonText, OnOverdue, OutputCheck, OverdueAction, Terms};
use shared::store::Scope;
use tests::reader::{Reader, hidden};
use tests::{Answer, TestApp};

const PAGE: &str = "/inbox/reviews/run_1/block_extract";
const REVIEW: &str = "/v1/workflows/reviews/run_1/block_extract";

/// Somebody who reviews, in groups.
async fn reviewer(app: &TestApp, id: &str, groups: &[&str]) -> Reader {
    let key = app.key_in("org_a", "human", id, &[Scope::Read, Scope::Review], groups).await;
    app.reader_with(&key).await
}

/// Sends the page's form, as it is on the page that the reader sees now.
async fn press(app: &TestApp, reader: &Reader, word: &str, fields: &[(&str, &str)]) -> Answer {
    let page = see(app, reader).await;
    press_on(app, reader, &hidden(&page, "version_stamp"), word, fields).await
}

async fn press_on(
    app: &TestApp,
    reader: &Reader,
    stamp: &str,
    word: &str,
    fields: &[(&str, &str)],
) -> Answer {
    let fields: Vec<(&str, &str)> = [("version_stamp", stamp)].into_iter().chain(fields.to_vec()).collect();
    app.send(app.send_form(reader, &format!("{PAGE}/{word}"), &fields)).await
}

async fn see(app: &TestApp, reader: &Reader) -> Answer {
    let page = app.send(app.visit(reader, PAGE)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    page
}

/// What a page says, without its marks.
fn words(html: &str) -> String {
    let mut out = String::new();
    for part in html.split('<') {
        out.push_str(part.split_once('>').map_or("", |(_, text)| text));
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_reviewer_who_is_not_assigned_has_nothing_to_press() {
    let app = TestApp::new().await;
    app.open_with("run_1", assigned(&["finance"], &[], true)).await;
    let (fay, eve) = (reviewer(&app, "fay", &["finance"]).await, reviewer(&app, "eve", &["sales"]).await);
    let page = see(&app, &eve).await.text;
    assert!(words(&page).contains("Assigned to finance, not to you"), "{page}");
    assert!(words(&page).contains("only they can review it, or assign it to others"), "{page}");
    for word in ["approve", "approve-next", "reject", "escalate", "save", "claim", "assign"] {
        assert!(!page.contains(&format!("formaction=\"{PAGE}/{word}\"")), "{word}");
        // Nor by a page of before it was assigned.
        let refused = press_on(
            &app,
            &eve,
            "0",
            word,
            &[
                ("reject_reason", "no"),
                ("escalate_to", "x"),
                ("escalate_reason", "y"),
                ("assign_groups", "sales"),
                ("f/total", "13"),
            ],
        )
        .await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{word}: {}", refused.text);
        assert!(words(&refused.text).contains("It is assigned to others"), "{word}: {}", refused.text);
    }
    assert_eq!(app.call("dana", "GET", REVIEW, None).await.ok()["rev"], 0);
    let page = see(&app, &fay).await.text;
    assert!(page.contains(&format!("formaction=\"{PAGE}/approve-next\"")) && !page.contains("not to you"));
}

#[tokio::test]
async fn an_assignment_moves_and_the_queue_follows() {
    let app = TestApp::new().await;
    app.open_with("run_1", assigned(&["finance"], &[], true)).await;
    let (fay, lea) = (reviewer(&app, "fay", &["finance"]).await, reviewer(&app, "lea", &["legal"]).await);
    let mine =
        async |reader: &Reader| app.send(app.visit(reader, "/inbox?assigned=1")).await.text.contains(PAGE);
    assert!(mine(&fay).await && !mine(&lea).await);

    let nobody = press(&app, &fay, "assign", &[("assign_groups", " , "), ("assign_reason", "holiday")]).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        nobody.text.contains("holiday") && nobody.text.contains("id=\"assign_groups-wrong\""),
        "{}",
        nobody.text
    );
    let long = "x".repeat(300);
    let wrong = press(&app, &fay, "assign", &[("assign_actors", &long)]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.text.contains("id=\"assign_actors-wrong\"") && wrong.text.contains(&long),
        "{}",
        wrong.text
    );

    // What is typed into the output stays, and is not saved by it.
    let fields =
        [("assign_groups", "legal"), ("assign_actors", "user_42, zoe"), ("assign_reason", "a contract")];
    let done = press(&app, &fay, "assign", &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let overlay = app.call("dana", "GET", REVIEW, None).await.ok();
    assert_eq!(
        overlay["assigned_to"],
        json!({ "groups": ["legal"], "actors": ["user_42", "zoe"], "enforce": true })
    );
    assert!(!mine(&fay).await && mine(&lea).await);
    let page = words(&see(&app, &lea).await.text);
    assert!(page.contains("Assigned to legal, user_42, zoe"), "{page}");
    assert!(page.contains("assigned it to legal, user_42, zoe: a contract"), "{page}");

    let done = press(&app, &lea, "unassign", &[]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let page = words(&see(&app, &lea).await.text);
    assert!(page.contains("Assigned to nobody"), "{page}");
    assert!(page.contains("only an administrator can review or assign it"), "{page}");
}

#[tokio::test]
async fn the_page_counts_approvals_and_refuses_the_makers_own() {
    let app = TestApp::new().await;
    app.open_with("run_1", needs(2, true)).await;
    let (fay, finn, lea) = (
        reviewer(&app, "fay", &[]).await,
        reviewer(&app, "finn", &[]).await,
        reviewer(&app, "lea", &[]).await,
    );
    let page = see(&app, &fay).await;
    assert!(
        words(&page.text).contains("Needs 2 approvals, not by Agent 7, who made this version."),
        "{}",
        page.text
    );
    assert!(words(&page.text).contains("Approve (1 of 2) &amp; next"), "{}", page.text);
    assert_eq!(press(&app, &fay, "approve", &[]).await.status, StatusCode::SEE_OTHER);
    let done = app.send(app.visit(&fay, &format!("{PAGE}?done=approved"))).await;
    assert!(words(&done.text).contains("Your approval counts. The review stays open"), "{}", done.text);
    assert!(words(&done.text).contains("You have approved this version"), "{}", done.text);
    assert!(!done.text.contains("/approve-next\""), "she cannot approve twice: {}", done.text);
    // Nor by a page of before.
    let stamp = hidden(&done, "version_stamp");
    let again = press_on(&app, &fay, &stamp, "approve", &[]).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.text);
    assert!(words(&again.text).contains("You have approved this version before"), "{}", again.text);

    // A correction begins anew, and who made it may not approve it.
    assert_eq!(press(&app, &finn, "save", &[("f/total", "13.5")]).await.status, StatusCode::SEE_OTHER);
    let page = see(&app, &finn).await;
    assert!(
        words(&page.text).contains("Needs 2 approvals, not by finn, who made this version."),
        "{}",
        page.text
    );
    assert!(words(&page.text).contains("You made this version: others must approve it."), "{}", page.text);
    let own = press(&app, &finn, "approve", &[]).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN, "{}", own.text);
    assert!(words(&own.text).contains("Nothing was approved. You made this version"), "{}", own.text);
    // Whoever corrects it while approving has made a version, too, and loses nothing that was typed.
    let own = press(&app, &lea, "approve", &[("f/total", "14.75")]).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN, "{}", own.text);
    assert!(own.text.contains("14.75"), "{}", own.text);
    assert_eq!(app.call("dana", "GET", REVIEW, None).await.ok()["approvals"]["given"], json!([]));

    for reader in [&fay, &lea] {
        assert_eq!(press(&app, reader, "approve", &[]).await.status, StatusCode::SEE_OTHER);
    }
    let overlay = app.call("dana", "GET", REVIEW, None).await.ok();
    assert_eq!((&overlay["status"], &overlay["effective_seq"]), (&json!("approved"), &json!(1)));
}

#[tokio::test]
async fn an_invalid_output_names_the_field_to_mend() {
    let app = TestApp::new().await;
    let text =
        r#"{"type":"object","properties":{"total":{"type":"number","maximum":10,"title":"Grand total"}}}"#;
    let evidence =
        Evidence { json_schema: Some(JsonText::parse(text.to_owned()).unwrap()), ..Evidence::default() };
    let terms = Terms { output: Some(OutputCheck::Enforce), ..Terms::default() };
    app.open_with_evidence("run_1", terms, evidence).await;
    let fay = reviewer(&app, "fay", &[]).await;
    let page = see(&app, &fay).await.text;
    assert!(words(&page).contains("Cannot be approved before it fits its schema"), "{page}");
    let refused = press(&app, &fay, "approve", &[("note", "looks fine")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    let said = words(&refused.text);
    assert!(
        said.contains(
            "Nothing was approved: the policy lets an output be approved only if it fits its schema."
        ),
        "{said}"
    );
    assert!(said.contains("Grand total") && refused.text.contains("looks fine"), "{}", refused.text);
    assert_eq!(press(&app, &fay, "approve", &[("f/total", "9")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(app.call("dana", "GET", REVIEW, None).await.ok()["status"], "approved");
}

#[tokio::test]
async fn the_page_says_when_it_is_due_and_what_happens_then() {
    let app = TestApp::new().await;
    let now = app.clock.now();
    let on_overdue = |action, to: Option<&str>| OnOverdue {
        action,
        escalate_to: to.map(str::to_owned),
        reason: Some("Too late.".into()),
    };
    let then = [
        (on_overdue(OverdueAction::None, None), "If it is late, it stays open."),
        (on_overdue(OverdueAction::Escalate, Some("lead")), "If it is late, it is escalated to lead."),
        (on_overdue(OverdueAction::Reject, None), "If it is late, it is rejected."),
        (on_overdue(OverdueAction::Approve, None), "If it is late, it is approved as it is."),
    ];
    let fay = reviewer(&app, "fay", &[]).await;
    for (index, (on_overdue, said)) in then.into_iter().enumerate() {
        let deadline = Deadline::starting(now, 7200, vec![], on_overdue);
        let run = format!("run_{index}");
        app.open_with(&run, Terms { deadline: Some(deadline), ..Terms::default() }).await;
        let page = app.send(app.visit(&fay, &format!("/inbox/reviews/{run}/block_extract"))).await.text;
        assert!(words(&page).contains("due in 2 h") && words(&page).contains(said), "{said}: {page}");
    }
}
