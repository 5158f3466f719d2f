#![no_main]
//! A text as a cursor: if it is one, it encodes to the same text, and is valid for this organization and filter only.
//!
//! The text is tried as it is and, because a fuzzer cannot find a hash, as the place of a cursor with a valid binding.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};
use shared::review::{OrganizationId, Status, WorkflowId};
use shared::store::{Cursor, QueueFilter};

fn filter(organization: &str) -> QueueFilter {
    let organization = OrganizationId::parse(organization).unwrap();
    QueueFilter {
        organization,
        workflow: None,
        status: None,
        claimed_by: None,
        overdue: false,
        assigned: None,
    }
}

fn forged(decided: bool, position: &str) -> String {
    let word = if decided { "decided" } else { "open" };
    let binding = Sha256::digest(["org", "", "", "", word, position].join("\n"));
    let bytes = [&[1, u8::from(decided)], &binding[..8], position.as_bytes()].concat();
    URL_SAFE_NO_PAD.encode(bytes)
}

fuzz_target!(|text: &str| {
    let own = filter("org");
    for text in [text.to_owned(), forged(false, text), forged(true, text)] {
        let Ok(cursor) = Cursor::decode(&text, &own) else { continue };
        assert_eq!(cursor.encode(&own), text);
        let workflow = WorkflowId::parse("workflow").unwrap();
        let others = [
            filter("other"),
            QueueFilter { workflow: Some(workflow), ..own.clone() },
            QueueFilter { status: Some(Status::Approved), ..own.clone() },
        ];
        for other in others {
            assert!(Cursor::decode(&text, &other).is_err(), "a cursor of another list");
        }
    }
});
