//! The binary as a person starts it: what it prints, what it refuses, what it keeps.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A folder of this test's own, empty.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn holdpoint(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdpoint"));
    command.current_dir(folder).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A running product and what it printed at its start.
struct Running {
    child: Child,
    banner: String,
    stdout: BufReader<std::process::ChildStdout>,
}

impl Running {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::of(holdpoint(folder, arguments))
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.args(["--port", "0"]).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut banner = String::new();
        while !banner.contains("Ctrl-C stops") {
            if stdout.read_line(&mut banner).unwrap() == 0 {
                let mut errors = String::new();
                child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
                panic!("it ended: {banner}{errors}");
            }
        }
        Self { child, banner, stdout }
    }

    fn url(&self) -> &str {
        let start = self.banner.find("http://").unwrap();
        self.banner[start..].split_whitespace().next().unwrap()
    }

    /// The key printed behind a name.
    fn key(&self, name: &str) -> &str {
        let line = self.banner.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
        line.split_whitespace().last().unwrap()
    }

    /// Ctrl-C.
    fn interrupt(mut self) -> (Option<i32>, String) {
        assert!(
            Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap().success()
        );
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn get(url: &str, key: &str) -> (u16, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut response = agent.get(url).header("api-key", key).call().unwrap();
    (response.status().as_u16(), response.body_mut().read_to_string().unwrap())
}

/// It said one sentence on standard error and nothing else, and failed.
fn refused(output: &Output, sentence: &str) {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.starts_with("holdpoint: ") && errors.contains(sentence), "{errors}");
    assert_eq!(errors.trim_end().lines().count(), 1, "{errors}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
}

#[test]
fn it_starts_with_demo_data_stops_at_ctrl_c_and_finds_it_all_again() {
    let folder = folder("restart");
    let running = Running::start(&folder, &[]);
    let (url, dana) = (running.url().to_owned(), running.key("Dana Rivera").to_owned());
    let (status, queue) = get(&format!("{url}/workflows/reviews?status=all"), &dana);
    assert_eq!((status, queue.matches("\"_id\"").count()), (200, 22));
    assert!(queue.contains("Ben Okafor"), "one is claimed already");
    for status in ["awaiting_review", "rejected", "approved"] {
        assert!(queue.contains(&format!("\"status\":\"{status}\"")), "{status}");
    }
    let mode = std::fs::metadata(folder.join(".holdpoint")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "documents are nobody else's business");
    let (status, _) =
        get(&format!("{url}/workflows/reviews/run_abc123/block_extract"), running.key("Ledger Agent"));
    assert_eq!(status, 200);
    let review = format!("{url}/workflows/reviews/run_abc123/block_extract");
    let (status, evidence) = get(&format!("{review}/evidence"), &dana);
    assert!(status == 200 && evidence.contains(r#""document_id":"demo-HPW-2026-0418.pdf""#), "{evidence}");
    let config = ureq::Agent::config_builder().max_redirects(0).max_redirects_will_error(false);
    let agent: ureq::Agent = config.build().into();
    let download = agent.get(format!("{review}/documents/invoice")).header("api-key", &dana).call().unwrap();
    assert_eq!(download.status(), 302);
    let location = download.headers()["location"].to_str().unwrap();
    let invoice = agent.get(location).call().unwrap().body_mut().read_to_vec().unwrap();
    assert_eq!(invoice, include_bytes!("../demo/documents/HPW-2026-0418.pdf"));
    assert!(running.banner.contains("curl ") && running.banner.contains("retab==0.0.142"));
    let (code, rest) = running.interrupt();
    assert_eq!((code, rest.trim()), (Some(0), "holdpoint stopped."));

    let again = Running::start(&folder, &[]);
    assert_eq!(again.key("Dana Rivera"), dana);
    let (status, same) = get(&format!("{}/workflows/reviews?status=all", again.url()), &dana);
    // The sweep follows the demo's deadlines meanwhile, so the reviews are compared, and not what they are by now.
    let ids = |queue: &str| {
        let queue: serde_json::Value = serde_json::from_str(queue).unwrap();
        let rows = queue["data"].as_array().unwrap().iter().map(|row| row["_id"].to_string());
        rows.collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!((status, ids(&same)), (200, ids(&queue)));
}

#[test]
fn the_demo_comes_even_if_keys_were_made_first() {
    let folder = folder("keys-first");
    let listed = holdpoint(&folder, &["keys", "list"]).output().unwrap();
    refused(&listed, "there is no data in .holdpoint yet");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    assert!(holdpoint(&folder, &["keys", "create", "--id", "a", "--name", "A"]).status().unwrap().success());
    let running = Running::start(&folder, &[]);
    let (status, queue) =
        get(&format!("{}/workflows/reviews?status=all", running.url()), running.key("Dana Rivera"));
    assert_eq!((status, queue.matches("\"_id\"").count()), (200, 22));
}

#[test]
fn an_ephemeral_start_leaves_nothing_behind() {
    let folder = folder("ephemeral");
    let running = Running::start(&folder, &["--ephemeral"]);
    assert_eq!(get(&format!("{}/workflows/reviews", running.url()), running.key("Ben Okafor")).0, 200);
    assert_eq!(running.interrupt().0, Some(0));
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
}

#[test]
fn a_used_port_is_one_clear_sentence() {
    let folder = folder("port");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = holdpoint(&folder, &["--port", &port]).output().unwrap();
    refused(&output, &format!("port {port} is already in use"));
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0, "and nothing was left behind");
}

#[test]
fn a_corrupt_data_folder_is_one_clear_sentence_and_is_left_as_it_is() {
    let folder = folder("corrupt");
    let database = folder.join(".holdpoint/holdpoint.db");
    std::fs::create_dir_all(database.parent().unwrap()).unwrap();
    let garbage = "this is no database ".repeat(500);
    std::fs::write(&database, &garbage).unwrap();
    let output = holdpoint(&folder, &["--port", "0"]).output().unwrap();
    refused(&output, "the data folder .holdpoint cannot be used");
    assert_eq!(std::fs::read_to_string(database).unwrap(), garbage);
}

#[test]
fn a_data_folder_that_cannot_be_made_is_one_clear_sentence() {
    let folder = folder("no-folder");
    std::fs::write(folder.join("file"), "").unwrap();
    let output = holdpoint(&folder, &["--port", "0", "--data-dir", "file"]).output().unwrap();
    refused(&output, "the data folder file cannot be used");
}

#[test]
fn a_data_folder_in_use_is_one_clear_sentence() {
    let folder = folder("locked");
    let _running = Running::start(&folder, &[]);
    let output = holdpoint(&folder, &["--port", "0"]).output().unwrap();
    refused(&output, "another holdpoint is using the data folder .holdpoint");
}

#[test]
fn an_endpoint_that_does_not_answer_is_one_clear_sentence() {
    let folder = folder("endpoint");
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{unused}");
    let output = holdpoint(&folder, &["--port", "0", "--dynamodb-endpoint", &url]).output().unwrap();
    refused(&output, &format!("DynamoDB at {url} cannot be used"));
    let output = holdpoint(&folder, &["--port", "0", "--dynamodb-endpoint", "not a url"]).output().unwrap();
    refused(&output, "it is not a URL");
}

#[test]
fn keys_are_managed_beside_a_running_product_and_without_one() {
    let folder = folder("keys");
    let keys = |arguments: &[&str]| {
        let output = holdpoint(&folder, &["keys"]).args(arguments).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), String::from_utf8(output.stdout).unwrap(), errors)
    };
    let running = Running::start(&folder, &["--no-demo"]);
    let (ok, created, about) = keys(&["create", "--id", "user_1", "--name", "Ada"]);
    assert!(ok, "{created}");
    let key = created.trim_end().to_owned();
    assert_eq!((key.len(), created.lines().count()), (46, 1), "the key alone: {created}");
    for told in ["Ada", "human user_1", "read, review", "shown only this once"] {
        assert!(about.contains(told), "{about}");
    }
    let key_id = about.split_whitespace().find(|word| word.starts_with("key_")).unwrap().to_owned();
    let list = format!("{}/workflows/reviews", running.url());
    assert_eq!(get(&list, &key).0, 200, "the new key works at once");
    assert_eq!(running.interrupt().0, Some(0));

    let (ok, listed, _) = keys(&["list"]);
    assert!(
        ok && listed.contains(&key_id) && listed.contains("read,review") && !listed.contains(&key),
        "{listed}"
    );
    let (ok, revoked, _) = keys(&["revoke", &key_id]);
    assert!(ok && revoked.contains("is revoked"), "{revoked}");
    let (ok, _, error) = keys(&["revoke", "key_0"]);
    assert!(!ok && error.contains("org_demo has no key key_0"), "{error}");
    let (ok, _, error) = keys(&["create", "--id", "user 2", "--name", "Bo"]);
    assert!(!ok && error.contains("the actor's id must not contain a space"), "{error}");
    for (name, why) in
        [(" ", "not blank"), ("Bo\u{1b}[31m", "control characters"), ("Bo\nkey_0", "control characters")]
    {
        let (ok, _, error) = keys(&["create", "--id", "user_2", "--name", name]);
        assert!(!ok && error.contains(why), "{error}");
    }
    let (ok, _, error) = keys(&["create", "--id", "user_2", "--name", "Bo", "--scopes", "read,write"]);
    assert!(
        !ok && error.contains("there is no scope write; the scopes are read, review, runtime, admin"),
        "{error}"
    );

    let again = Running::start(&folder, &["--no-demo"]);
    assert_eq!(get(&format!("{}/workflows/reviews", again.url()), &key).0, 401, "revoked is revoked");
}

#[test]
fn a_key_is_rotated_and_the_old_one_goes_on_for_as_long_as_was_said() {
    let folder = folder("rotate");
    let keys = |arguments: &[&str]| {
        let output = holdpoint(&folder, &["keys"]).args(arguments).output().unwrap();
        (
            output.status.success(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let create =
        ["create", "--kind", "agent", "--id", "acme/gate", "--name", "Gate", "--scopes", "runtime", "--json"];
    let (ok, first, _) = keys(&create);
    let first: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert!(ok && first["kind"] == "agent" && first["id"] == "acme/gate", "{first}");
    assert_eq!(first["scopes"], serde_json::json!(["runtime"]));
    assert!(first["expires_at"].is_string(), "a year, unless told otherwise: {first}");
    let id = first["key_id"].as_str().unwrap();

    let (ok, second, about) = keys(&["rotate", id, "--json"]);
    let second: serde_json::Value = serde_json::from_str(&second).unwrap();
    assert!(ok && about.contains(&format!("{id} stays valid until ")), "{about}");
    assert_ne!(second["key"], first["key"]);
    assert_eq!((&second["id"], &second["scopes"]), (&first["id"], &first["scopes"]));
    let (_, listed, _) = keys(&["list"]);
    let line = |id: &str| listed.lines().find(|line| line.starts_with(id)).unwrap().to_owned();
    assert!(
        line(id).contains("until ") && line(second["key_id"].as_str().unwrap()).contains("until 20"),
        "{listed}"
    );

    let (ok, _, _) = keys(&["rotate", second["key_id"].as_str().unwrap(), "--keep-old-for-hours", "0"]);
    let (_, listed, _) = keys(&["list"]);
    let line = |id: &str| listed.lines().find(|line| line.starts_with(id)).unwrap().to_owned();
    assert!(ok && line(second["key_id"].as_str().unwrap()).contains("revoked "), "{listed}");
    let (ok, _, error) = keys(&["rotate", second["key_id"].as_str().unwrap()]);
    assert!(!ok && error.contains("has no active key"), "{error}");
}

#[test]
fn a_data_folder_becomes_its_owners_alone_and_links_in_it_are_refused() {
    let folder = folder("private");
    let data = folder.join("data");
    std::fs::create_dir(&data).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let permit = |path: &Path, mode: u32| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    permit(&data, 0o755);
    let start = ["--data-dir", data.to_str().unwrap()];
    let running = Running::start(&folder, &start);
    let files = || std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path());
    assert_eq!(mode(&data), 0o700);
    assert!(files().any(|file| file.ends_with("holdpoint.db")));
    for file in files() {
        assert_eq!(mode(&file), if file.is_dir() { 0o700 } else { 0o600 }, "{}", file.display());
    }
    drop(running);
    // As an earlier version left it.
    permit(&data.join("holdpoint.db"), 0o644);
    drop(Running::start(&folder, &start));
    assert_eq!(mode(&data.join("holdpoint.db")), 0o600);

    let elsewhere = folder.join("elsewhere");
    std::fs::write(&elsewhere, "precious").unwrap();
    for name in ["lock", "demo-keys.json"] {
        let _ = std::fs::remove_file(data.join(name));
        std::os::unix::fs::symlink(&elsewhere, data.join(name)).unwrap();
        let output = holdpoint(&folder, &start).args(["--port", "0"]).output().unwrap();
        refused(&output, &format!("{name} in it is a symbolic link"));
        assert_eq!(std::fs::read_to_string(&elsewhere).unwrap(), "precious");
        std::fs::remove_file(data.join(name)).unwrap();
    }
}

#[test]
fn the_embedded_database_answers_nobody_without_its_access_key() {
    let folder = folder("credentials");
    let _running = Running::start(&folder, &[]);
    let endpoint = std::fs::read_to_string(folder.join(".holdpoint/dynamodb-endpoint")).unwrap();
    let (url, access_key) = local::emulator::url_and_access_key(&endpoint);
    assert_eq!(access_key.len(), 32);
    let ask = |key: &str| {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={key}/20260513/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
        );
        let request = ureq::post(&url)
            .header("authorization", authorization)
            .header("x-amz-target", "DynamoDB_20120810.ListTables")
            .header("content-type", "application/x-amz-json-1.0")
            .config()
            .http_status_as_error(false)
            .build();
        let mut answer = request.send("{}").unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    };
    assert_eq!(ask(access_key), (200, r#"{"TableNames":["holdpoint"]}"#.into()));
    for key in ["", "local", &access_key[1..]] {
        let (status, answer) = ask(key);
        assert!(status == 400 && answer.contains("UnrecognizedClientException"), "{key}: {answer}");
    }
}

#[test]
fn an_outside_endpoint_serves_as_well_as_the_embedded_one() {
    let folder = folder("outside");
    let emulator = local::emulator::Emulator::ephemeral().unwrap();
    let arguments = ["--dynamodb-endpoint", emulator.endpoint(), "--table", "elsewhere"];
    let running = Running::start(&folder, &arguments);
    let dana = running.key("Dana Rivera").to_owned();
    assert!(get(&format!("{}/workflows/reviews", running.url()), &dana).1.contains("run_abc123"));
    assert_eq!(running.interrupt().0, Some(0));
    let again = Running::start(&folder, &arguments);
    assert_eq!(
        get(&format!("{}/workflows/reviews", again.url()), &dana).0,
        200,
        "the table outlives the product"
    );
    // Documents are no items: they stay here.
    let kept = std::fs::read_dir(folder.join(".holdpoint")).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(kept.collect::<Vec<_>>(), ["files"]);
}

fn post(url: &str, key: &str, body: &str) -> u16 {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let request = agent.post(url).header("api-key", key).header("content-type", "application/json");
    request.send(body).unwrap().status().as_u16()
}

/// The next line of standard error that has this in it.
fn line_with(errors: &mut BufReader<std::process::ChildStderr>, text: &str) -> String {
    loop {
        let mut line = String::new();
        assert!(errors.read_line(&mut line).unwrap() > 0, "it ended without {text}");
        if line.contains(text) {
            return line;
        }
    }
}

#[test]
fn events_are_shown_as_they_happen_and_told_once_over_a_restart() {
    let folder = folder("events");
    let mut running = Running::start(&folder, &[]);
    let (url, dana) = (running.url().to_owned(), running.key("Dana Rivera").to_owned());
    let mut errors = BufReader::new(running.child.stderr.take().unwrap());
    let claim = format!("{url}/workflows/reviews/run_abc123/block_extract/claim");
    assert_eq!(post(&claim, &dana, r#"{"version_stamp": 0}"#), 200);
    // The demo's own past is no news. What its policies do meanwhile is.
    let of_review = |errors: &mut _| {
        std::iter::repeat_with(|| line_with(errors, " event "))
            .find(|line| line.contains("run_abc123"))
            .unwrap()
    };
    let line = of_review(&mut errors);
    assert!(line.contains("review.claimed") && line.contains("run_abc123"), "{line}");
    assert_eq!(running.interrupt().0, Some(0));

    let mut again = Running::start(&folder, &[]);
    let mut errors = BufReader::new(again.child.stderr.take().unwrap());
    let claim = format!("{}/workflows/reviews/run_abc123/block_extract/claim", again.url());
    assert_eq!(post(&claim, &dana, r#"{"version_stamp": 1}"#), 200);
    let line = of_review(&mut errors);
    assert!(line.contains("rev=2"), "the first claim's event is not told again: {line}");
}

#[test]
fn a_data_folder_of_an_earlier_version_is_one_clear_sentence() {
    let folder = folder("earlier");
    {
        let emulator = local::emulator::Emulator::in_folder(&folder.join(".holdpoint")).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            use aws_sdk_dynamodb::types::{
                AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
            };
            let key = KeySchemaElement::builder().attribute_name("pk").key_type(KeyType::Hash).build();
            let pk =
                AttributeDefinition::builder().attribute_name("pk").attribute_type(ScalarAttributeType::S);
            let request = emulator.client().create_table().table_name("holdpoint");
            let request = request.billing_mode(BillingMode::PayPerRequest).key_schema(key.unwrap());
            request.attribute_definitions(pk.build().unwrap()).send().await.unwrap();
        });
    }
    let output = holdpoint(&folder, &["--port", "0"]).output().unwrap();
    refused(&output, "the data folder .holdpoint cannot be used: it was made by an earlier version");
}

/// The emulator's stream, on a private table of its own, is only as fast as this index makes it.
#[test]
fn the_emulators_stream_is_found_by_an_index() {
    let folder = folder("index");
    drop(local::emulator::Emulator::in_folder(&folder).unwrap());
    let database = rusqlite::Connection::open(folder.join("holdpoint.db")).unwrap();
    for question in [
        "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = 't'",
        "SELECT event_name FROM _stream_records WHERE table_name = 't' AND shard_id = 's' \
         AND CAST(sequence_number AS INTEGER) > 1 ORDER BY CAST(sequence_number AS INTEGER) ASC LIMIT 9",
    ] {
        let plan: String = database
            .query_row(&format!("EXPLAIN QUERY PLAN {question}"), [], |row| row.get("detail"))
            .unwrap();
        assert!(plan.contains("holdpoint_stream"), "{plan}");
    }
}

/// A server with a certificate of its own, for `localhost`; it answers 204 to whatever comes, and passes on the body.
struct SecureReceiver {
    port: u16,
    certificate: String,
    bodies: std::sync::mpsc::Receiver<String>,
}

impl SecureReceiver {
    fn start() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let certificate = made.cert.pem();
        let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let config = std::sync::Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (report, bodies) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let connection = rustls::ServerConnection::new(config.clone()).unwrap();
                if let Some(body) = answer(rustls::StreamOwned::new(connection, stream.unwrap())) {
                    let _ = report.send(body);
                }
            }
        });
        Self { port, certificate, bodies }
    }
}

/// Reads one request and answers it; `None` when there is none, because the client does not trust us.
fn answer(stream: impl Read + std::io::Write) -> Option<String> {
    let mut stream = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    stream.get_mut().write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").ok()?;
    stream.get_mut().flush().ok()?;
    Some(String::from_utf8(body).unwrap())
}

#[test]
fn events_go_over_https_only_to_trusted_certificates() {
    for trusted in [true, false] {
        let folder = folder(if trusted { "https-trusted" } else { "https-unknown" });
        let receiver = SecureReceiver::start();
        let mut command = holdpoint(&folder, &["--ephemeral"]);
        if trusted {
            let file = folder.join("roots.pem");
            std::fs::write(&file, &receiver.certificate).unwrap();
            command.env("SSL_CERT_FILE", file).env_remove("SSL_CERT_DIR");
        }
        let mut running = Running::of(command);
        let mut errors = BufReader::new(running.child.stderr.take().unwrap());
        let dana = running.key("Dana Rivera").to_owned();
        let body = format!(r#"{{"url": "https://localhost:{}/hook"}}"#, receiver.port);
        assert_eq!(post(&format!("{}/webhooks", running.url()), &dana, &body), 201);
        let claim = format!("{}/workflows/reviews/run_abc123/block_extract/claim", running.url());
        assert_eq!(post(&claim, &dana, r#"{"version_stamp": 0}"#), 200);
        if trusted {
            // Before it, perhaps, what the demo's policies do.
            let next = || receiver.bodies.recv_timeout(std::time::Duration::from_secs(30)).unwrap();
            let first = std::iter::repeat_with(next).find(|body| body.contains("run_abc123")).unwrap();
            assert!(first.contains("review.claimed"), "{first}");
        } else {
            let line = line_with(&mut errors, "a delivery failed");
            assert!(line.contains("invalid peer certificate"), "{line}");
            assert!(receiver.bodies.try_recv().is_err());
        }
    }
}

#[test]
fn policies_are_checked_tried_put_and_deleted_beside_a_running_product() {
    let folder = folder("policies");
    let policy = |arguments: &[&str]| {
        let output = holdpoint(&folder, &["policy"]).args(arguments).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), String::from_utf8(output.stdout).unwrap(), errors)
    };
    let (ok, _, error) = policy(&["get", "wf_contracts"]);
    assert!(!ok && error.contains("there is no data"), "{error}");
    let _running = Running::start(&folder, &[]);
    std::fs::write(
        folder.join("good.json"),
        r#"{"*": {"predicate": {"kind": "always"}, "due_in_seconds": 3600}}"#,
    )
    .unwrap();
    std::fs::write(folder.join("bad.json"), r#"{"*": {"predicate": {"kind": "always"}, "quorum": 2}}"#)
        .unwrap();
    let (ok, _, error) = policy(&["check", "wf_contracts", "--file", "bad.json"]);
    assert!(!ok && error.contains("blocks.*.quorum: is not a field here"), "{error}");
    let (ok, said, _) = policy(&["check", "wf_contracts", "--file", "good.json", "--against"]);
    let held = said.lines().find(|line| line.starts_with("Of the last ")).unwrap_or_default();
    let numbers: Vec<u32> = held.split([' ', ',', '.']).filter_map(|word| word.parse().ok()).collect();
    assert!(ok && numbers.len() == 3 && numbers[0] == numbers[1] && numbers[2] == 0, "{said}");
    let (ok, _, error) = policy(&["get", "wf_contracts"]);
    assert!(!ok && error.contains("wf_contracts has no policy"), "{error}");
    let (ok, _, about) = policy(&["put", "wf_contracts", "--file", "good.json"]);
    assert!(ok && about.contains("at rev 1"), "{about}");
    let (ok, said, about) = policy(&["get", "wf_contracts"]);
    assert!(ok && about.contains("rev 1"), "{about}");
    assert_eq!(said.trim_end(), r#"{"*":{"predicate":{"kind":"always"},"due_in_seconds":3600}}"#);
    let (ok, _, error) = policy(&["put", "wf_contracts", "--file", "good.json", "--version-stamp", "7"]);
    assert!(!ok && error.contains("is at rev 1, not 7"), "{error}");
    let (ok, _, about) = policy(&["delete", "wf_contracts"]);
    assert!(ok && about.contains("no policy any more"), "{about}");
    let (ok, _, error) = policy(&["delete", "wf_contracts"]);
    assert!(!ok && error.contains("has no policy"), "{error}");
}
