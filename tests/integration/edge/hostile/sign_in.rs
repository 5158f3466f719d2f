//! Guessing keys at the inbox's sign-in.

use lambda_http::Body;
use lambda_http::http::Request;
use shared::api::SourceAddress;
use shared::store::SignInBudget;
use std::net::IpAddr;
use tests::{Answer, TestApp};

async fn sign_in(app: &TestApp, key: &str, from: &str) -> Answer {
    let mut request = Request::post("/inbox/sign-in")
        .header("sec-fetch-site", "same-origin")
        // What a header says of an address does not count.
        .header("x-forwarded-for", format!("203.0.113.{}", key.len()))
        .body(Body::Text(format!("key={key}")))
        .unwrap();
    request.extensions_mut().insert(SourceAddress(from.parse::<IpAddr>().unwrap()));
    app.send(request).await
}

#[tokio::test]
async fn one_address_can_try_twenty_wrong_keys_in_ten_minutes() {
    let app = TestApp::new().await;
    let dana = app.key("dana");
    let wrong = |try_number: u64| format!("hp_{try_number:0>43}");
    for try_number in 0..SignInBudget::LIMIT {
        // Good sign-ins neither count nor start the count anew.
        assert_eq!(sign_in(&app, dana, "198.51.100.7").await.status, 303);
        assert_eq!(sign_in(&app, &wrong(try_number), "198.51.100.7").await.status, 401, "{try_number}");
    }
    for key in [dana, "hp_short"] {
        let refused = sign_in(&app, key, "198.51.100.7").await;
        assert_eq!((refused.status.as_u16(), refused.headers.contains_key("set-cookie")), (429, false));
        let seconds: i64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=600).contains(&seconds), "{seconds}");
    }
    assert_eq!(sign_in(&app, dana, "198.51.100.8").await.status, 303, "another address is another's");
    app.clock.advance_seconds(600);
    assert_eq!(sign_in(&app, dana, "198.51.100.7").await.status, 303, "it ends by itself");
}

#[tokio::test]
async fn of_ipv6_a_whole_network_is_one_address() {
    let app = TestApp::new().await;
    for host in 0..SignInBudget::LIMIT {
        assert_eq!(sign_in(&app, "hp_x", &format!("2001:db8:1:2::{host:x}")).await.status, 401);
    }
    assert_eq!(sign_in(&app, app.key("dana"), "2001:db8:1:2:ffff::1").await.status, 429);
    assert_eq!(sign_in(&app, app.key("dana"), "2001:db8:1:3::1").await.status, 303);
}

#[tokio::test]
async fn failed_sign_ins_are_kept_for_a_day_after_they_count() {
    let app = TestApp::new().await;
    assert_eq!(sign_in(&app, "hp_x", "198.51.100.7").await.status, 401);
    let store = &app.inner.store;
    let items = store.client().scan().table_name(store.table()).send().await.unwrap().items.unwrap();
    let counted: Vec<_> = items.iter().filter(|item| item.contains_key("failures")).collect();
    // The ten minutes end five minutes after the test's begin.
    let end = app.clock.now().millis() / 1000 + 300;
    assert_eq!(counted.len(), 1);
    assert_eq!(counted[0]["ttl"].as_n().unwrap(), &(end + 86_400).to_string());
}
