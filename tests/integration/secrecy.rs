//! What the log holds, and what it must not.

use std::cell::RefCell;
use std::io::Write;
use tests::faults::{Fault, Faults};
use tests::{Desk, PEOPLE, REVIEW, REVIEWS, endpoint};
use tracing_subscriber::fmt::MakeWriter;

thread_local! {
    /// What the handlers of this thread's test have logged.
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Writes to the log of the thread it is used on.
struct Captured;

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.with_borrow_mut(|log| log.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        Self
    }
}

#[tokio::test]
async fn the_log_has_one_line_a_request_and_no_key_body_or_snapshot_in_it() {
    // For the whole process: a subscriber of one thread only is forgotten where another thread logs first.
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_max_level(tracing::Level::INFO)
        .with_writer(Captured)
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let faults = Faults::default();
    let desk = Desk::with_client(faults.client(endpoint())).await;
    desk.open().await;
    desk.claim("dana", 0, 900).await.ok();
    desk.claim("ben", 0, 900).await.error(409, "version_conflict");
    desk.call("reader", "POST", REVIEWS, None).await.error(403, "forbidden");
    desk.call("dana", "GET", &format!("{REVIEWS}?cursor=hp_secret"), None).await.faults();
    faults.plan("Query", Fault::LoseRequest, 4);
    desk.call("dana", "GET", REVIEW, None).await.error(503, "unavailable");

    let log = String::from_utf8(LOG.take()).unwrap();
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &serde_json::Value| line["target"] == "holdpoint")
        .collect();
    let codes: Vec<&str> = lines.iter().map(|line| line["code"].as_str().unwrap()).collect();
    assert_eq!(
        codes,
        ["ok", "ok", "version_conflict", "forbidden", "validation_error", "unavailable", "unavailable"],
        "one line a request; before a 5xx its cause, once"
    );
    assert_eq!(lines[5]["message"], "failed");
    assert!(lines[5]["cause"].as_str().unwrap().contains("reset"));
    let claimed = &lines[1];
    for (field, value) in [("function", "claim"), ("organization", "org_a"), ("actor", "user_42")] {
        assert_eq!(claimed[field], value);
    }
    assert_eq!((&claimed["status"], &claimed["rev"]), (&200.into(), &1.into()));
    assert!(claimed["write_units"].as_f64().is_some_and(|units| units > 0.0));
    for (who, ..) in PEOPLE {
        assert!(!log.contains(&desk.key(who)[3..]), "{who}'s key is in the log");
    }
    for secret in ["Northwind", "12.5", "hp_secret"] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}
