//! Cursors that nobody was given.

use serde_json::Value;
use tests::{REVIEWS, TestApp};

/// Every cursor that differs from a good one in one character, or by one more or less.
fn mutations(cursor: &str) -> Vec<String> {
    let mut mutations =
        vec![cursor[1..].to_owned(), format!("A{cursor}"), cursor.repeat(2), cursor.to_lowercase()];
    for (index, old) in cursor.char_indices() {
        for new in ['A', 'B', 'Q', 'z', '0', '-', '_', '=', '+', '.'] {
            if new != old {
                mutations.push(format!("{}{}{}", &cursor[..index], new, &cursor[index + 1..]));
            }
        }
        mutations.push(format!("{}{}", &cursor[..index], &cursor[index + 1..]));
        mutations.push(cursor[..index].to_owned());
    }
    mutations.push(format!("{cursor}A"));
    mutations.push(format!("{cursor}="));
    mutations
}

#[tokio::test]
async fn every_mutation_of_a_cursor_is_refused() {
    let app = TestApp::new().await;
    for run in ["run_1", "run_2"] {
        app.open_at("agent", run, "block", 7).await;
        app.clock.advance_millis(1);
    }
    let approval = serde_json::json!({ "version_stamp": 0, "verdict": "approved" });
    for run in ["run_3", "run_4"] {
        app.open_at("agent", run, "block", 0).await;
        let path = format!("{REVIEWS}/{run}/block/decision");
        app.call("dana", "POST", &path, Some(approval.clone())).await.ok();
        app.clock.advance_millis(1);
    }
    let mut refused = 0;
    for filter in
        ["limit=1&status=all", "limit=3&status=all", "limit=1&status=approved", "limit=1&workflow_id=wf_1"]
    {
        let path = format!("{REVIEWS}?{filter}");
        let page = app.call("dana", "GET", &path, None).await.ok();
        let Value::String(cursor) = &page["next_cursor"] else { panic!("{page}") };
        app.call("dana", "GET", &format!("{path}&cursor={cursor}"), None).await.ok();
        for forged in mutations(cursor) {
            if forged == *cursor {
                continue;
            }
            let path = format!("{path}&cursor={}", forged.replace('+', "%2B").replace('=', "%3D"));
            let answer = app.call("dana", "GET", &path, None).await;
            assert_eq!(
                answer.faults(),
                [("query.cursor".to_owned(), "invalid_value".to_owned())],
                "{forged}"
            );
            refused += 1;
        }
    }
    println!("{refused} forged cursors were refused");
}
