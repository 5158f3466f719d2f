//! Clients of the local server that take their time, or all of it.

use local::server;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use tests::{REVIEW, REVIEWS, TestApp};
use tokio::task::JoinHandle;

/// The app behind the local server, until the test ends.
async fn serve(app: &TestApp) -> (SocketAddr, JoinHandle<()>) {
    let listener = server::listen("127.0.0.1", 0).await.unwrap();
    let address = listener.local_addr().unwrap();
    let other_app = Arc::new(app.another_app(local::emulator::client(&app.endpoint)));
    let serving = tokio::spawn(async move {
        // Its requests are written by hand, and name it so.
        let reach =
            server::Reach { names: vec!["localhost".to_owned(), "x".to_owned()], ..server::Reach::default() };
        server::serve(listener, other_app, &reach, std::future::pending()).await.unwrap();
    });
    (address, serving)
}

/// Sends bytes on a connection of its own, and leaves it open.
fn begin(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(bytes).unwrap();
    stream
}

/// What comes on a connection until it ends; nothing is waited for beyond a bound that no good answer comes near.
fn rest(mut stream: &TcpStream) -> String {
    stream.set_read_timeout(Some(std::time::Duration::from_mins(1))).unwrap();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn request(method: &str, path: &str, key: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\napi-key: {key}\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
}

fn body(answer: &str) -> Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_hundreds_of_requests_never_end_others_are_answered() {
    let app = TestApp::new().await;
    app.open().await;
    let (address, serving) = serve(&app).await;
    let key = app.key("dana").to_owned();
    let answers = tokio::task::spawn_blocking(move || {
        let unfinished = [
            "GET /v1/workflows/reviews HT".to_owned(),
            "GET /v1/workflows/reviews HTTP/1.1\r\nhost: localhost\r\nx-slow: ".to_owned(),
            format!(
                "POST {REVIEW}/claim HTTP/1.1\r\nhost: x\r\napi-key: {key}\r\ncontent-length: 60000\r\n\r\n{{"
            ),
            format!(
                "POST {REVIEW}/versions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{{\"a\":"
            ),
        ];
        let mut slow: Vec<TcpStream> =
            (0..75).flat_map(|_| unfinished.each_ref()).map(|it| begin(address, it.as_bytes())).collect();
        let get = request("GET", REVIEW, &key, "");
        let claim = request("POST", &format!("{REVIEW}/claim"), &key, r#"{"version_stamp":0}"#);
        let mut answers = Vec::new();
        for bytes in [get, claim] {
            // And they go on, byte by byte.
            for stream in &mut slow {
                let _ = stream.write_all(b" ");
            }
            answers.push(rest(&begin(address, bytes.as_bytes())));
        }
        answers
    });
    let answers = answers.await.unwrap();
    assert_eq!(body(&answers[0])["rev"], 0, "{}", answers[0]);
    assert_eq!(body(&answers[1])["rev"], 1, "{}", answers[1]);
    // A body that broke off is no body: nothing of it was carried out.
    let overlay = app.get().await.ok();
    assert_eq!((&overlay["rev"], &overlay["head_seq"]), (&json!(1), &json!(0)));
    serving.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_and_bodies_without_end_are_cut_off() {
    let app = TestApp::new().await;
    app.open().await;
    let (address, serving) = serve(&app).await;
    let key = app.key("dana").to_owned();
    let answers = tokio::task::spawn_blocking(move || {
        let get = |headers: &str| {
            format!(
                "GET {REVIEWS} HTTP/1.1\r\nhost: x\r\nconnection: close\r\napi-key: {key}\r\n{headers}\r\n"
            )
        };
        let one_long = get(&format!("x-long: {}\r\n", "x".repeat(2_000_000)));
        let many = get(&"x-many: 1\r\n".repeat(5000));
        let long_path =
            format!("GET /{} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", "x".repeat(2_000_000));
        let mut answers = Vec::new();
        for bytes in [one_long, many, long_path] {
            let mut stream = TcpStream::connect(address).unwrap();
            let _ = stream.write_all(bytes.as_bytes());
            answers.push(rest(&stream));
        }
        // A body ten times as large as is taken, with a true length and without one.
        let chunk = vec![b' '; 1024 * 1024];
        let head =
            format!("POST {REVIEW}/versions HTTP/1.1\r\nhost: x\r\nconnection: close\r\napi-key: {key}\r\n");
        for chunked in [false, true] {
            let framing = if chunked { "transfer-encoding: chunked" } else { "content-length: 62914560" };
            let mut stream = begin(address, format!("{head}{framing}\r\n\r\n").as_bytes());
            for _ in 0..60 {
                let size = if chunked { "100000\r\n" } else { "" };
                let end = if chunked { "\r\n" } else { "" };
                let written = [size.as_bytes(), &chunk, end.as_bytes()]
                    .iter()
                    .all(|part| stream.write_all(part).is_ok());
                if !written {
                    break;
                }
            }
            let _ = stream.write_all(if chunked { b"0\r\n\r\n" } else { b"" });
            answers.push(rest(&stream));
        }
        answers.push(rest(&begin(address, get("").as_bytes())));
        answers
    });
    let answers = answers.await.unwrap();
    for (index, statuses) in [["431", "400"], ["431", "400"], ["414", "431"]].into_iter().enumerate() {
        let status = answers[index].split(' ').nth(1).unwrap_or("cut off");
        assert!(statuses.contains(&status) || status == "cut off", "{index}: {status}");
    }
    for answer in &answers[3..5] {
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer:.500}");
        assert_eq!(body(answer)["message"], "Request Entity Too Large", "as API Gateway refuses it");
    }
    assert!(answers[5].starts_with("HTTP/1.1 200"), "and the next one is answered: {:.200}", answers[5]);
    serving.abort();
}
