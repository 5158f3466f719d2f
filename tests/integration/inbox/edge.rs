//! The inbox's edge: forms that are too large, sessions, addresses, and what an address may say.

use crate::inbox::typed::CONTROLS;
use lambda_http::Body;
use lambda_http::http::{Request, StatusCode};
use serde_json::{Value, json};
use shared::review::{characters, is_invisible};
use tests::outbox::Ways;
use tests::reader::Reader;
use tests::stub_servers::{Answer as Says, StubServer};
use tests::{Answer, REVIEWS, TestApp, opening};

const PAGE: &str = "/inbox/reviews/run_abc123/block_extract";

fn nobody() -> Reader {
    Reader { cookie: "__Host-holdpoint=none".into(), form_token: String::new() }
}

/// A form as it comes, byte for byte.
async fn raw(app: &TestApp, reader: &Reader, path: &str, form: String) -> Answer {
    let mut request = app.send_form(reader, path, &[]);
    *request.body_mut() = Body::Text(form);
    app.send(request).await
}

#[tokio::test]
async fn a_form_without_a_session_is_answered_in_few_bytes() {
    let app = TestApp::new().await;
    app.open().await;
    let save = format!("{PAGE}/save");
    for (form, status) in [
        ("a&".repeat(3_000_000), StatusCode::PAYLOAD_TOO_LARGE),
        ("a&".repeat(200_000), StatusCode::UNPROCESSABLE_ENTITY),
        (format!("f/total={}", "x".repeat(6_000_000)), StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let answer = raw(&app, &nobody(), &save, form).await;
        assert_eq!(answer.status, status);
        assert!(answer.text.len() < 10_000, "{} bytes", answer.text.len());
    }
    // What is kept costs four thirds of itself, whatever it is made of.
    for value in ["\"".repeat(150_000), "é".repeat(80_000), "x".repeat(500_000)] {
        let form = form_urlencoded::Serializer::new(String::new()).append_pair("f/total", &value).finish();
        let answer = raw(&app, &nobody(), &save, form.clone()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.text.len() < form.len() * 4 / 3 + 10_000, "{} of {}", answer.text.len(), form.len());
    }
    let answer = raw(&app, &nobody(), "/inbox/sign-in", "a&".repeat(500_000)).await;
    assert!(answer.status.is_client_error() && answer.text.len() < 10_000);
    // With a session, a form may hold whatever a page can send.
    let dana = app.reader("dana").await;
    let many = format!("form_token={}&{}", dana.form_token, "a&".repeat(20_000));
    assert_eq!(raw(&app, &dana, &save, many).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let long = format!("form_token={}&version_stamp=0&note={}", dana.form_token, "x".repeat(1_000_000));
    assert_eq!(raw(&app, &dana, &save, long).await.status, StatusCode::OK);
}

#[tokio::test]
async fn signing_in_again_ends_the_last_session() {
    let app = TestApp::new().await;
    let first = app.reader("dana").await;
    let mut again = app.sign_in_form("ben", "/inbox");
    again.headers_mut().insert("cookie", first.cookie.parse().unwrap());
    let second = app.send(again).await;
    second.goes_to("/inbox");
    assert_eq!(app.send(app.visit(&first, "/inbox")).await.status, StatusCode::SEE_OTHER);
    let cookie = second.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let second = Reader { cookie, form_token: String::new() };
    assert_eq!(app.send(app.visit(&second, "/inbox")).await.status, StatusCode::OK);
    // Another browser's session is another session.
    let other = app.reader("ben").await;
    assert_eq!(app.send(app.visit(&second, "/inbox")).await.status, StatusCode::OK);
    assert_eq!(app.send(app.visit(&other, "/inbox")).await.status, StatusCode::OK);
    // A failed try ends nothing.
    let mut wrong = app.sign_in_form("ben", "/inbox");
    wrong.headers_mut().insert("cookie", second.cookie.parse().unwrap());
    *wrong.body_mut() = Body::Text("key=hp_wrong".into());
    assert_eq!(app.send(wrong).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(app.send(app.visit(&second, "/inbox")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_origin_is_ours_with_its_scheme_and_port() {
    let mut app = TestApp::new().await;
    app.open().await;
    let dana = app.reader("dana").await;
    let from = |origin: &str| {
        let mut request = app.send_form(&dana, &format!("{PAGE}/claim"), &[("version_stamp", "0")]);
        request.headers_mut().remove("sec-fetch-site");
        request.headers_mut().insert("host", "reviews.example".parse().unwrap());
        request.headers_mut().insert("origin", origin.parse().unwrap());
        request
    };
    for other in [
        "http://reviews.example",
        "https://reviews.example:444",
        "https://reviews.example.",
        "ftp://reviews.example",
        "null",
    ] {
        assert_eq!(app.send(from(other)).await.status, StatusCode::FORBIDDEN, "{other}");
    }
    assert_eq!(app.send(from("https://reviews.example")).await.status, StatusCode::SEE_OTHER);
    // Over plain http, the other way round; and the cookie names its port.
    app.inner.https = false;
    let mut request = app.sign_in_form("dana", "/inbox");
    request.headers_mut().insert("host", "127.0.0.1:8787".parse().unwrap());
    let cookie = app.send(request).await.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("holdpoint-8787=") && !cookie.contains("Secure"), "{cookie}");
    let visit = |port: u16| {
        let request = Request::get("/inbox").header("host", format!("127.0.0.1:{port}"));
        request.header("cookie", cookie.split(';').next().unwrap()).body(Body::Empty).unwrap()
    };
    assert_eq!(app.send(visit(8787)).await.status, StatusCode::OK);
    assert_eq!(app.send(visit(8788)).await.status, StatusCode::SEE_OTHER);
}

/// What an address can say was done.
const WORDS: [&str; 7] = ["claimed", "released", "saved", "approved", "rejected", "escalated", "reopened"];

#[tokio::test]
async fn an_address_says_nothing_that_has_not_happened() {
    let app = TestApp::new().await;
    app.open().await;
    let dana = app.reader("dana").await;
    let page = async |query: &str| app.send(app.visit(&dana, &format!("{PAGE}{query}"))).await.text;
    for word in WORDS {
        assert!(!page(&format!("?done={word}")).await.contains("notice good"), "{word}");
    }
    app.approve("dana", 0).await.ok();
    assert!(page("?done=approved").await.contains("Approved."));
    for word in WORDS.iter().filter(|word| **word != "approved") {
        assert!(!page(&format!("?done={word}")).await.contains("notice good"), "{word}");
    }
    let ben = app.reader("ben").await;
    let bens = app.send(app.visit(&ben, &format!("{PAGE}?done=approved"))).await.text;
    assert!(!bens.contains("notice good"), "Ben has approved nothing");
    app.clock.advance_seconds(301);
    assert!(!page("?done=approved").await.contains("notice good"), "it is no news any more");
    let queue = app.send(app.visit(&dana, "/inbox?done=none")).await.text;
    assert!(!queue.contains("No unclaimed review"));
}

#[tokio::test]
async fn whatever_stands_in_the_address_bar_can_be_loaded_again() {
    let app = TestApp::new().await;
    app.open().await;
    let dana = app.reader("dana").await;
    for word in CONTROLS {
        app.send(app.visit(&dana, &format!("{PAGE}/{word}"))).await.goes_to(PAGE);
    }
    for path in ["/", "/inbox/", "/inbox/next", "/inbox/sign-out", "/inbox/sign-in"] {
        app.send(app.visit(&dana, path)).await.goes_to("/inbox");
    }
    assert_eq!(app.send(app.visit(&dana, &format!("{PAGE}/nonsense"))).await.status, StatusCode::NOT_FOUND);
    app.approve("dana", 0).await.ok();
    // Where there is no next review, the queue of the same workflow says so, as long as it is true.
    let queue = "/inbox?done=none-free&workflow_id=wf_1";
    app.send(app.send_form(&dana, "/inbox/next", &[("workflow_id", "wf_1")])).await.goes_to(queue);
    let none = app.send(app.visit(&dana, queue)).await;
    assert!(
        none.text.contains("No unclaimed review is waiting") && none.text.contains("value=\"wf_1\" selected")
    );
    app.open_at("agent", "run_later", "block", 0).await;
    let some = app.send(app.visit(&dana, "/inbox?done=none-free")).await;
    assert!(!some.text.contains("No unclaimed review is waiting"));
}

#[tokio::test]
async fn what_i_decided_is_found_again() {
    let app = TestApp::new().await;
    for (run, who) in [("run_dana", "dana"), ("run_ben", "ben")] {
        app.open_at("agent", run, "extract", 0).await;
        let path = format!("{REVIEWS}/{run}/extract/decision");
        app.call(who, "POST", &path, Some(json!({ "version_stamp": 0, "verdict": "approved" }))).await.ok();
    }
    let dana = app.reader("dana").await;
    let mine = app.send(app.visit(&dana, "/inbox?status=approved&mine=1")).await.text;
    assert!(
        mine.contains("run_dana") && !mine.contains("run_ben") && mine.contains("those that you decided"),
        "{mine}"
    );
    let other = app.reader("reader").await;
    let none = app.send(app.visit(&other, "/inbox?status=approved&mine=1")).await.text;
    assert!(none.contains("You decided none of these."));
}

/// Everything that a caller can write and a reader sees.
fn hostile(text: &str) -> Value {
    let mut opened = opening("run_hostile", "extract", 0);
    opened["snapshot"] = json!({ format!("key{text}"): format!("DE89{text} 3704"), "rows": [{ format!("column{text}"): text, "n": 1 }], "list": [text] });
    opened["triggered_by"] =
        json!({ "kind": format!("kind{text}"), format!("name{text}"): format!("value{text}") });
    opened["author"] = json!({ "kind": "model", "id": "m", "display_name": format!("Model{text}") });
    opened
}

#[tokio::test]
async fn nothing_on_any_page_is_unseen() {
    let app = TestApp::new().await;
    let dana = app.reader("dana").await;
    // Tags, a selector, a filler, an override, a blank that is no space, a private character, a soft hyphen.
    let text: String =
        "\u{e0049}\u{e0047}\u{fe01}\u{3164}\u{202e}\u{2800}\u{e000}\u{ad}\u{200d}\u{2063}\u{fffa}".into();
    app.call("agent", "POST", REVIEWS, Some(hostile(&text))).await;
    let post = async |verb: &str, body: Value| {
        app.call("dana", "POST", &format!("{REVIEWS}/run_hostile/extract/{verb}"), Some(body)).await.ok()
    };
    let snapshot = json!({ "key": text, "new": { text.clone(): text } });
    post("versions", json!({ "version_stamp": 0, "snapshot": snapshot, "note": format!("note{text}") }))
        .await;
    let escalated = json!({ "version_stamp": 1, "verdict": "escalated", "reason": format!("why{text}"), "escalate_to": format!("legal{text}") });
    post("decision", escalated).await;
    let page = "/inbox/reviews/run_hostile/extract";
    let look = async |path: &str| {
        let answer = app.send(app.visit(&dana, path)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        for (character, seen) in characters(&answer.text) {
            assert!(seen && !is_invisible(character), "{path}: {:x}", u32::from(character));
        }
        assert!(
            answer.text.contains("e0049") || answer.text.contains("db40"),
            "{path}: it is gone instead of shown"
        );
    };
    look("/inbox").await;
    look(page).await;
    look(&format!("{page}?view=json")).await;
    look(&format!("{page}?from=0&to=1")).await;
    post("decision", json!({ "version_stamp": 2, "verdict": "rejected", "reason": format!("no{text}") }))
        .await;
    look(page).await;
    look("/inbox?status=rejected").await;
    post("reopen", json!({ "version_stamp": 3, "reason": format!("again{text}") })).await;
    look(page).await;
}

#[tokio::test]
async fn a_run_that_could_not_be_told_is_said_on_the_page() {
    let app = TestApp::with_stream().await;
    let service = StubServer::start();
    let outbox = app.outbox(Ways { step_functions: Some(service.url()), ..Ways::default() }).await;
    let mut opened = opening("run_abc123", "block_extract", 0);
    opened["resume"] = json!({ "kind": "step_functions", "task_token": "token" });
    app.call("agent", "POST", REVIEWS, Some(opened)).await;
    let dana = app.reader("dana").await;
    let page = async || app.send(app.visit(&dana, PAGE)).await.text;
    service.then([Says::Say(400, json!({ "__type": "TaskTimedOut", "message": "says the stub server" }))]);
    app.approve("dana", 0).await.ok();
    assert!(!page().await.contains("could not be delivered"));
    outbox.publish().await;
    let told = page().await;
    assert!(
        told.contains("This decision could not be delivered to the waiting run")
            && told.contains("says the stub server"),
        "{told}"
    );
}

/// The status of what the local server answers to these bytes.
async fn status_of(address: std::net::SocketAddr, head: &str, body: &[u8]) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!("{head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    let _ = stream.write_all(body).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.len() < 10_000, "{} bytes", answer.len());
    String::from_utf8_lossy(&answer).split_whitespace().nth(1).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_local_server_answers_to_its_own_names_alone() {
    let app = TestApp::new().await;
    let listener = local::server::listen("127.0.0.1", 0).await.unwrap();
    let address = listener.local_addr().unwrap();
    let reach =
        local::server::Reach { names: vec!["app.example".to_owned()], ..local::server::Reach::default() };
    let other_app = std::sync::Arc::new(app.another_app(app.inner.store.client().clone()));
    tokio::spawn(
        async move { local::server::serve(listener, other_app, &reach, std::future::pending()).await },
    );
    let port = address.port();
    for (path, host, status) in [
        ("/inbox/sign-in", format!("127.0.0.1:{port}"), "200"),
        ("/inbox/sign-in", format!("localhost:{port}"), "200"),
        ("/inbox/sign-in", "app.example".to_owned(), "200"),
        ("/inbox/sign-in", format!("evil.example:{port}"), "421"),
        ("/v1/workflows/reviews", format!("evil.example:{port}"), "421"),
        ("/docs", "127.0.0.1".to_owned(), "421"),
        ("/inbox/sign-in", String::new(), "400"),
    ] {
        let head = format!("GET {path} HTTP/1.1\r\nHost: {host}");
        assert_eq!(status_of(address, &head, b"").await, status, "{path} {host}");
    }
    // Of somebody who says nothing of who they are, no more is kept than signing in takes.
    let head =
        format!("POST /inbox/sign-in HTTP/1.1\r\nSec-Fetch-Site: same-origin\r\nHost: 127.0.0.1:{port}");
    assert_eq!(status_of(address, &head, &b"a".repeat(2 * 1024 * 1024)).await, "413");
    assert_eq!(status_of(address, &head, b"key=hp_wrong").await, "401");
    // The key is looked at by a function, and a function gets no event of more than 6 MB.
    let head = format!(
        "POST /v1/workflows/reviews HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nApi-Key: hp_wrong\r\nContent-Type: application/json"
    );
    for (body, status) in [
        (vec![b' '; 6_000_000], "401"),
        (vec![b'"'; 3_000_000], "401"),
        (vec![b' '; 6_300_000], "413"),
        (vec![b'"'; 3_150_000], "413"),
        (vec![b' '; 20_000_000], "413"),
    ] {
        assert_eq!(status_of(address, &head, &body).await, status, "{}", body.len());
    }
}

#[tokio::test]
async fn a_percent_encoded_address_is_the_same_review() {
    let app = TestApp::new().await;
    app.open_at("agent", "manual__08:55+00:00", "a=b", 0).await;
    let dana = app.reader("dana").await;
    for path in ["manual__08:55+00:00/a=b", "manual__08%3A55%2B00%3A00/a%3Db"] {
        let page = app.send(app.visit(&dana, &format!("/inbox/reviews/{path}"))).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        let state = app.send(app.visit(&dana, &format!("/inbox/reviews/{path}/state?rev=0"))).await;
        assert_eq!(state.status, StatusCode::OK, "{path}");
    }
}
