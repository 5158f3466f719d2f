//! Nothing that is typed into a review's page is lost, by any control on it, in any state of it.

use lambda_http::http::StatusCode;
use serde_json::{Value, json};
use tests::reader::{Reader, hidden};
use tests::{Answer, REVIEWS, TestApp, opening};

/// What is typed: its name, the fields, and what shows that it is still there.
type Typed = (&'static str, &'static [(&'static str, &'static str)], &'static str);

const TYPED: [Typed; 10] = [
    ("a value", &[("f/total", "7700771")], "7700771"),
    ("a value that cannot be read", &[("f/total", "7700772 or so")], "7700772 or so"),
    ("a new row", &[("n/rows/sku", "mark-row"), ("n/rows/n", "")], "mark-row"),
    ("a row taken out", &[("x/rows/0", "1")], "name=\"x/rows/0\" value=\"1\" checked"),
    ("JSON", &[("view", "json"), ("snapshot", "{\"total\":7700773}")], "7700773"),
    ("JSON that cannot be read", &[("view", "json"), ("snapshot", "{\"total\": mark-json")], "mark-json"),
    ("a note", &[("note", "mark-note")], "mark-note"),
    ("why it is rejected", &[("reject_reason", "mark-reject")], "mark-reject"),
    ("why it is escalated", &[("escalate_reason", "mark-escalate")], "mark-escalate"),
    ("to whom", &[("escalate_to", "mark-whom")], "mark-whom"),
];

/// All controls of the page that send its form.
pub(crate) const CONTROLS: [&str; 14] = [
    "claim",
    "release",
    "save",
    "approve",
    "reject",
    "reject-only",
    "escalate",
    "merge",
    "form",
    "json",
    "compare",
    "next",
    "sign-out",
    "reopen",
];

/// What has happened to the review since its page was made.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Since {
    Nothing,
    Corrected,
    Decided,
    SessionEnded,
    SignedInAgain,
}

struct Page {
    app: TestApp,
    dana: Reader,
    run: String,
}

impl Page {
    fn path(&self) -> String {
        format!("/inbox/reviews/{}/extract", self.run)
    }

    async fn api(&self, who: &str, verb: &str, body: Value) -> Answer {
        let path = format!("{REVIEWS}/{}/extract/{verb}", self.run);
        self.app.call(who, "POST", &path, Some(body)).await
    }

    async fn send(&self, reader: &Reader, action: &str, fields: &[(&str, &str)]) -> Answer {
        self.send_at(reader, "0", action, fields).await
    }

    async fn send_at(&self, reader: &Reader, stamp: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let mut all = vec![("version_stamp", stamp), ("base_seq", "0"), ("from", "0"), ("to", "0")];
        all.extend(fields);
        self.app.send(self.app.send_form(reader, &format!("{}/{action}", self.path()), &all)).await
    }

    async fn overlay(&self) -> Value {
        let path = format!("{REVIEWS}/{}/extract", self.run);
        self.app.call("ben", "GET", &path, None).await.ok()
    }

    async fn happens(&mut self, since: Since) {
        match since {
            Since::Nothing => {}
            Since::Corrected => {
                let snapshot = json!({ "total": 1, "rows": [{ "sku": "a", "n": 1 }, { "sku": "b", "n": 2 }], "more": 1 });
                self.api("ben", "versions", json!({ "version_stamp": 0, "snapshot": snapshot })).await.ok();
            }
            Since::Decided => {
                let body = json!({ "version_stamp": 0, "verdict": "rejected", "reason": "ben was faster" });
                self.api("ben", "decision", body).await.ok();
            }
            Since::SessionEnded => {
                let gone = "__Host-holdpoint=none".to_owned();
                self.dana = Reader { cookie: gone, form_token: self.dana.form_token.clone() };
            }
            Since::SignedInAgain => {
                let again = self.app.reader("dana").await;
                self.dana = Reader { cookie: again.cookie, form_token: self.dana.form_token.clone() };
            }
        }
    }

    /// Signs in on the page that was answered, with what it carries.
    async fn sign_in(&self, asked: &Answer) -> Answer {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("key", self.app.key("dana"));
        form.append_pair("return", &hidden(asked, "return")).append_pair("draft", &hidden(asked, "draft"));
        let mut request = self.app.sign_in_form("dana", "/inbox");
        *request.body_mut() = lambda_http::Body::Text(form.finish());
        self.app.send(request).await
    }
}

/// Whether what was typed is on the page, or written down.
fn is_kept(answer: &Answer, overlay: &Value, mark: &str) -> bool {
    let taken_out = mark.starts_with("name=");
    // In a list of differences, what differs is marked.
    let text = answer.text.replace("<mark>", "").replace("</mark>", "");
    let rows = |version: &Value| version["snapshot"]["rows"].as_array().map_or(0, Vec::len);
    let written = if taken_out {
        overlay["versions"].as_array().unwrap().last().is_some_and(|version| rows(version) == 1)
    } else {
        overlay.to_string().contains(mark)
    };
    // As JSON the row is not there any more; on a page that cannot be typed into, it is among the differences.
    let shown = taken_out
        && ((text.contains("id=\"snapshot\"") && !text.contains("\"sku\": \"a\""))
            || (text.contains("What you had typed") && text.contains("removed")));
    written || shown || text.contains(mark)
}

/// Somebody whose session may end.
async fn review_reader(page: &Page, since: Since) -> Reader {
    match since {
        Since::SessionEnded | Since::SignedInAgain => {
            Reader { cookie: page.dana.cookie.clone(), form_token: page.dana.form_token.clone() }
        }
        _ => page.app.reader("dana").await,
    }
}

#[tokio::test]
async fn no_control_loses_what_was_typed() {
    let mut app = TestApp::new().await;
    let (cookie, form_token) = {
        let it = app.reader("dana").await;
        (it.cookie, it.form_token)
    };
    let mut run = 0;
    for since in [Since::Nothing, Since::Corrected, Since::Decided, Since::SessionEnded, Since::SignedInAgain]
    {
        for (what, fields, mark) in TYPED {
            for control in CONTROLS {
                run += 1;
                let dana = Reader { cookie: cookie.clone(), form_token: form_token.clone() };
                let mut page = Page { dana, app, run: format!("run_{run}") };
                let mut opened = opening(&page.run, "extract", 0);
                opened["snapshot"] =
                    json!({ "total": 1, "rows": [{ "sku": "a", "n": 1 }, { "sku": "b", "n": 2 }] });
                page.app.call("agent", "POST", REVIEWS, Some(opened)).await;
                page.happens(since).await;
                let mut fields = fields.to_vec();
                // What the control itself needs, where it is not what was typed.
                for needed in
                    [("reject_reason", "because"), ("escalate_reason", "because"), ("escalate_to", "legal")]
                {
                    let needs = needed.0.starts_with(control.split('-').next().unwrap());
                    if needs && !fields.iter().any(|(name, _)| *name == needed.0) {
                        fields.push(needed);
                    }
                }
                if control == "sign-out" {
                    // It would end the session that the others are in.
                    page.dana = review_reader(&page, since).await;
                }
                let mut answer = page.send(&page.dana, control, &fields).await;
                if since == Since::SessionEnded {
                    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{control}");
                    assert!(!answer.text.contains(mark), "what was typed is not for others to read");
                    answer = page.sign_in(&answer).await;
                }
                let overlay = page.overlay().await;
                assert!(
                    is_kept(&answer, &overlay, mark),
                    "{since:?}, {what}, {control}: {} {}",
                    answer.status,
                    answer.text
                );
                assert!(!answer.status.is_server_error(), "{since:?}, {what}, {control}");
                app = page.app;
            }
        }
    }
}

#[tokio::test]
async fn a_rejection_says_what_is_not_part_of_it() {
    let app = TestApp::new().await;
    let page = Page { dana: app.reader("dana").await, app, run: "run_reject".into() };
    page.app.open_at("agent", &page.run, "extract", 0).await;
    let dana = &page.dana;
    let fields = [("f/total", "77"), ("reject_reason", "not ours")];
    let asked = page.send(dana, "reject", &fields).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    for said in [
        "Nothing was done yet",
        "Your corrections are",
        "/save\"",
        "/reject-only\"",
        "not ours</textarea>",
        "value=\"77\"",
    ] {
        assert!(asked.text.contains(said), "{said}: {}", asked.text);
    }
    assert_eq!(page.overlay().await["rev"], 0);
    let done = page.send(dana, "reject-only", &fields).await;
    assert_eq!(done.status, StatusCode::OK);
    for said in ["Rejected.", "was not part of that, and was not saved", ">77<"] {
        assert!(done.text.contains(said), "{said}: {}", done.text);
    }
    assert_eq!(page.overlay().await["status"], "rejected");
    // Who has typed nothing else is not asked.
    let page = Page { dana: page.app.reader("dana").await, app: page.app, run: "run_plain".into() };
    page.app.open_at("agent", &page.run, "extract", 0).await;
    let plain = [("f/total", "12.5"), ("f/vendor", "Northwind"), ("reject_reason", "no")];
    assert_eq!(page.send(&page.dana, "reject", &plain).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_form_and_the_json_show_what_was_typed_into_the_other() {
    let app = TestApp::new().await;
    let page = Page { dana: app.reader("dana").await, app, run: "run_views".into() };
    page.app.open_at("agent", &page.run, "extract", 0).await;
    let to_json = page.send(&page.dana, "json", &[("f/total", "77"), ("note", "why")]).await;
    assert!(
        to_json.text.contains("\"total\": 77") && to_json.text.contains("why</textarea>"),
        "{}",
        to_json.text
    );
    let typed =
        [("view", "json"), ("snapshot", "{\"total\": 78, \"vendor\": \"Northwind\"}"), ("note", "why")];
    let to_form = page.send(&page.dana, "form", &typed).await;
    assert!(
        to_form.text.contains("name=\"f/total\" value=\"78\"") && to_form.text.contains("why</textarea>")
    );
    let more = [("view", "json"), ("snapshot", "{\"total\": 78, \"vendor\": \"Northwind\", \"more\": 1}")];
    let stays = page.send(&page.dana, "form", &more).await;
    // A field that is new has its place in the form, too.
    assert!(stays.text.contains("name=\"a/more\"") || stays.text.contains("/more\""), "{}", stays.text);
    assert!(!stays.text.contains("id=\"snapshot\""));
    assert_eq!(page.overlay().await["rev"], 0);
}

#[tokio::test]
async fn a_new_row_and_a_claim_leave_the_form_a_form() {
    let app = TestApp::new().await;
    let page = Page { dana: app.reader("dana").await, app, run: "run_row".into() };
    let mut opened = opening(&page.run, "extract", 0);
    opened["snapshot"] = json!({ "rows": [{ "sku": "a", "n": 1 }] });
    page.app.call("agent", "POST", REVIEWS, Some(opened)).await;
    let claimed =
        page.send(&page.dana, "claim", &[("n/rows/sku", "b"), ("n/rows/n", "2"), ("x/rows/0", "1")]).await;
    assert_eq!(claimed.status, StatusCode::OK);
    assert!(
        claimed.text.contains("name=\"n/rows/sku\" value=\"b\"")
            && claimed.text.contains("name=\"n/rows/n\" value=\"2\"")
    );
    assert!(
        claimed.text.contains("name=\"x/rows/0\" value=\"1\" checked")
            && !claimed.text.contains("id=\"snapshot\"")
    );
    let unsaid = [("n/rows/sku", "b"), ("escalate_to", "legal")];
    let refused = page.send_at(&page.dana, "1", "escalate", &unsaid).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text.contains("name=\"n/rows/sku\" value=\"b\"") && !refused.text.contains("id=\"snapshot\"")
    );
    assert_eq!((hidden(&claimed, "version_stamp"), hidden(&claimed, "base_seq")), ("1".into(), "0".into()));
}

#[tokio::test]
async fn somebody_who_goes_on_or_out_is_asked_about_what_was_typed() {
    let app = TestApp::new().await;
    let page = Page { dana: app.reader("dana").await, app, run: "run_away".into() };
    page.app.open_at("agent", &page.run, "extract", 0).await;
    page.app.open_at("agent", "run_other", "extract", 9).await;
    for (control, button) in
        [("next", "Review next without saving it"), ("sign-out", "Sign out without saving it")]
    {
        let asked = page.send(&page.dana, control, &[("f/total", "77")]).await;
        assert_eq!(asked.status, StatusCode::OK);
        assert!(asked.text.contains(button) && asked.text.contains("value=\"77\""), "{}", asked.text);
    }
    let unchanged = [("f/total", "12.5"), ("f/vendor", "Northwind")];
    let next = page.send(&page.dana, "next", &unchanged).await;
    assert_eq!(next.headers["location"], "/inbox/reviews/run_other/extract?done=claimed");
    let out = page.send(&page.dana, "sign-out", &unchanged).await;
    assert_eq!(out.headers["location"], "/inbox/sign-in?done=signed-out");
}
