//! Comments on a review's page, without JavaScript.

use lambda_http::http::StatusCode;
use shared::store::Role;
use tests::reader::{Reader, hidden};
use tests::{Answer, REVIEW, TestApp};

const PAGE: &str = "/inbox/reviews/run_abc123/block_extract";

async fn see(app: &TestApp, reader: &Reader) -> Answer {
    let page = app.send(app.visit(reader, PAGE)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    page
}

async fn post(app: &TestApp, reader: &Reader, action: &str, fields: &[(&str, &str)]) -> Answer {
    app.send(app.send_form(reader, &format!("{PAGE}/{action}"), fields)).await
}

async fn count(app: &TestApp) -> usize {
    let overlay = app.call("dana", "GET", REVIEW, None).await.ok();
    overlay["audit"].as_array().unwrap().iter().filter(|entry| entry["event"] == "commented").count()
}

#[tokio::test]
async fn a_comment_is_sent_once_and_shown_to_the_next_reader_as_text() {
    let app = TestApp::new().await;
    app.open().await;
    let (_, mia) = app.member("org_a", "mia", &[Role::Reviewer]).await;
    let (ned, _) = app.member("org_a", "ned <b>", &[Role::Reviewer]).await;
    let page = see(&app, &mia).await;
    assert!(page.text.contains(">ned &lt;b&gt;</option>") && !page.text.contains(">mia</option>"));

    let (stamp, id) = (hidden(&page, "version_stamp"), hidden(&page, "comment_id"));
    let hostile = "<script>alert(1)</script>\u{202e}";
    let fields = [
        ("version_stamp", stamp.as_str()),
        ("comment_id", &id),
        ("comment_text", hostile),
        ("comment_mention", ned.actor.id.as_str()),
    ];
    for _ in 0..2 {
        post(&app, &mia, "comment", &fields).await.goes_to(&format!("{PAGE}?done=commented"));
    }
    assert_eq!(count(&app).await, 1);
    // Went back and wrote something else: another comment.
    let other = [("version_stamp", stamp.as_str()), ("comment_id", &id), ("comment_text", "and this")];
    post(&app, &mia, "comment", &other).await.goes_to(&format!("{PAGE}?done=commented"));
    assert_eq!(count(&app).await, 2);

    let page = see(&app, &app.reader("dana").await).await.text;
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>alert"), "{page}");
    assert!(!page.contains('\u{202e}'));
    assert!(page.contains("href=\"#comments\">2 comments</a>"), "the strip says that there are some");
    assert!(page.contains("Comments (2)") && page.contains("To <bdi>ned &lt;b&gt;</bdi>"), "{page}");
    app.approve("dana", 0).await.ok();
    let decided = see(&app, &mia).await.text;
    assert!(decided.contains("href=\"#comments\">2 comments</a>"), "also of a decided one");
}

#[tokio::test]
async fn nothing_typed_is_lost_by_a_comment_or_by_its_refusal() {
    let app = TestApp::new().await;
    app.open().await;
    let dana = app.reader("dana").await;
    let page = see(&app, &dana).await;
    let stamp = hidden(&page, "version_stamp");
    let typed = [("version_stamp", stamp.as_str()), ("f/total", "13"), ("comment_text", "Why 13?")];
    let done = post(&app, &dana, "comment", &typed).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    assert!(
        done.text.contains("Your comment is there") && done.text.contains("not saved yet"),
        "{}",
        done.text
    );
    assert!(done.text.contains("value=\"13\""), "{}", done.text);

    let long = "x".repeat(2001);
    let refused = post(&app, &dana, "comment", &[("version_stamp", &stamp), ("comment_text", &long)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("id=\"comment_text-wrong\"") && refused.text.contains(&long));
    assert_eq!(count(&app).await, 1);

    // Somebody else's press comes with what was typed as a comment: it is kept.
    let claimed = post(&app, &dana, "claim", &[("version_stamp", &stamp), ("comment_text", "Hm.")]).await;
    assert!(claimed.text.contains("Hm."), "{}", claimed.text);
}

#[tokio::test]
async fn who_may_only_read_sees_comments_and_has_no_form() {
    let app = TestApp::new().await;
    app.open().await;
    let dana = app.reader("dana").await;
    let stamp = hidden(&see(&app, &dana).await, "version_stamp");
    post(&app, &dana, "comment", &[("version_stamp", &stamp), ("comment_text", "Seen?")]).await;
    let (_, guest) = app.member("org_a", "guest", &[]).await;
    let page = see(&app, &guest).await.text;
    assert!(page.contains("Seen?") && !page.contains("name=\"comment_text\""), "{page}");
    let refused = post(&app, &guest, "comment", &[("version_stamp", &stamp), ("comment_text", "no")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    assert_eq!(count(&app).await, 1);
}
