//! Many at once. Correctness rests on the compare-and-swap alone.

use futures_util::future::join_all;
use lambda_http::http::StatusCode;
use serde_json::{Value, json};
use tests::Desk;

const CLIENTS: usize = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_claims_from_one_stamp_one_wins_and_the_others_learn_who() {
    let desk = Desk::new().await;
    desk.open().await;
    let people = ["dana", "ben", "agent"];
    // Different ttls make different requests: no loser may pass for a replay of the winner.
    let claims =
        (0..CLIENTS).map(|index| desk.claim(people[index % 3], 0, 900 + u32::try_from(index).unwrap()));
    let answers = join_all(claims).await;
    let (won, lost): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == StatusCode::OK);
    assert_eq!((won.len(), lost.len()), (1, CLIENTS - 1));
    let winner = &won[0].body;
    for answer in lost {
        let detail = answer.error(409, "version_conflict");
        assert_eq!(detail["details"]["claim"], winner["claim"]);
        assert_eq!(detail["details"]["rev"], 1);
        assert_eq!(detail["details"]["changes"], json!([winner["audit"][1]]));
        let name = winner["claim"]["holder"]["display_name"].as_str().unwrap();
        assert!(detail["message"].as_str().unwrap().contains(name));
    }
    assert_eq!(desk.get().await.ok(), *winner);
    assert_eq!(winner["audit"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_identical_claims_one_is_written_and_all_are_answered() {
    let desk = Desk::new().await;
    desk.open().await;
    let answers = join_all((0..CLIENTS).map(|_| desk.claim("dana", 0, 900))).await;
    let stored = desk.get().await.ok();
    for answer in answers {
        assert_eq!(answer.ok(), stored, "each is the same request, so each answer is the same");
    }
    assert_eq!((&stored["rev"], stored["audit"].as_array().unwrap().len()), (&json!(1), 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_claims_on_as_many_reviews_all_win() {
    let desk = Desk::new().await;
    for index in 0..CLIENTS {
        desk.open_at("agent", &format!("run_{index}"), "block", 0).await;
    }
    let claims = (0..CLIENTS).map(|index| {
        let path = format!("/v1/workflows/reviews/run_{index}/block/claim");
        let desk = &desk;
        async move { desk.call("dana", "POST", &path, Some(json!({ "version_stamp": 0 }))).await }
    });
    let revs: Vec<Value> =
        join_all(claims).await.into_iter().map(|answer| answer.ok()["rev"].clone()).collect();
    assert_eq!(revs, vec![json!(1); CLIENTS]);
    let mine = desk.call("dana", "GET", "/v1/workflows/reviews?mine=true&limit=200", None).await.ok();
    assert_eq!(mine["data"].as_array().unwrap().len(), CLIENTS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claims_that_fill_the_journal_at_once_still_form_one_chain() {
    let desk = Desk::new().await;
    desk.open().await;
    let worker = |who: &'static str, ttl: u32| {
        let desk = &desk;
        async move {
            let mut stamp = 0;
            let mut done = 0;
            while done < 20 {
                let answer = desk.claim(who, stamp, ttl).await;
                let body = &answer.body;
                if answer.status == StatusCode::OK {
                    done += 1;
                    stamp = body["rev"].as_u64().unwrap();
                } else {
                    assert_eq!(answer.status, StatusCode::CONFLICT, "{body}");
                    stamp = body["detail"]["details"]["rev"].as_u64().unwrap();
                }
            }
        }
    };
    join_all(vec![worker("dana", 100), worker("ben", 200), worker("agent", 300)]).await;
    let overlay = desk.get().await.ok();
    assert_eq!(overlay["rev"], 60);
    let results: Vec<u64> = overlay["audit"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["rev_result"].as_u64().unwrap())
        .collect();
    assert_eq!(results, (0..=60).collect::<Vec<_>>());
}
