//! What people are told: who, once, in the form of their channel, at once or as a digest.

use aws_sdk_dynamodb::types::AttributeValue;
use lambda_http::Body;
use lambda_http::http::Request;
use publish::{Bounds, Request as Run};
use serde_json::{Value, json};
use shared::event::{Channel, NotificationKind as Kind, QuietHours, Receiver, Subscription, SubscriptionId};
use shared::review::{
    Approvals, Assignment, Deadline, GroupId, OnOverdue, OrganizationId, Terms, WorkflowId,
};
use shared::runtime::lambda::RunTimes;
use shared::store::{
    AdministrationEntry, Member, Meter, RequestedTest, Role, Scope, SubscriptionStored, WebhookTest,
};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use tests::channels::{slack, slack_commands, teams};
use tests::killed::{Killed, killed_at_each_point};
use tests::outbox::{Outbox, Ways, webhook};
use tests::stub_servers::{Answer, StubServer};
use tests::{REVIEWS, TestApp, amount, opening};

/// An app, its outbox, a channel, and members who have keys besides.
struct Stage {
    app: TestApp,
    outbox: Outbox,
    channel: StubServer,
}

/// A member, and a key that acts as it.
struct Person {
    member: Member,
    key: String,
}

impl Stage {
    async fn new() -> Self {
        let app = TestApp::with_stream().await;
        let mut outbox = app.outbox(Ways::default()).await;
        outbox.publisher = outbox.publisher.with_pages_at(Some("https://reviews.example.com".into()));
        let channel = StubServer::start();
        channel.only(slack);
        Self { app, outbox, channel }
    }

    async fn person(&self, name: &str, roles: &[Role], groups: &[&str]) -> Person {
        let (mut member, _) = self.app.member("org_a", name, roles).await;
        member.groups = groups.iter().map(|group| GroupId::parse(group).unwrap()).collect();
        let member = self.change(member).await;
        let scopes = [Scope::Read, Scope::Review];
        let key = self.app.key_in("org_a", "human", member.actor.id.as_str(), &scopes, groups).await;
        Person { member, key }
    }

    /// Stores a member as changed.
    async fn change(&self, mut member: Member) -> Member {
        let seen = member.rev;
        member.rev += 1;
        let (actor, now) = (member.actor.clone(), self.app.clock.now());
        let entry = AdministrationEntry::new(&actor, now, "member_changed", actor.id.as_str());
        assert!(self.app.inner.store.put_member(&member, Some(seen), &entry).await.unwrap());
        member
    }

    async fn act(&self, who: &Person, path: &str, body: Value) -> Value {
        let request = Request::post(format!("/v1/workflows/reviews/{path}")).header("api-key", &who.key);
        let request = request.header("content-type", "application/json").body(Body::Text(body.to_string()));
        let answer = self.app.send(request.unwrap()).await;
        assert!(answer.status.is_success(), "{}", answer.text);
        answer.body
    }

    /// Publishes, and says what came to the channel since the last look: heading and first line of each block.
    async fn told(&self) -> Vec<Vec<String>> {
        let before = self.channel.received().len();
        self.outbox.publish().await;
        self.outbox.redeliver().await;
        self.said_after(before)
    }

    fn said_after(&self, before: usize) -> Vec<Vec<String>> {
        let bodies = self.channel.received().split_off(before).into_iter().map(|received| received.json());
        bodies.map(|body| said(&body)).collect()
    }
}

/// The heading, then the first line of each block.
fn said(body: &Value) -> Vec<String> {
    let blocks = body["blocks"].as_array().unwrap().iter();
    let first = |block: &Value| block["text"]["text"].as_str().unwrap().lines().next().unwrap().to_owned();
    blocks.map(first).collect()
}

impl Stage {
    /// A subscription to all kinds, at once, as `change` has it.
    async fn subscribe(&self, receiver: Receiver, change: impl FnOnce(&mut Subscription)) -> Subscription {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let mut subscription = Subscription {
            id: SubscriptionId::new(NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes()),
            organization: OrganizationId::parse("org_a").unwrap(),
            receiver,
            events: Kind::ALL.to_vec(),
            workflows: Vec::new(),
            channel: Channel::Slack { url: format!("{}/services/T0/B0/x", self.channel.url()) },
            digest_minutes: None,
            quiet_hours: None,
            paused: false,
            created_at: self.app.clock.now(),
            created_by: local::api_keys::actor("human", "user_1", "Ada").unwrap(),
            failing_since: None,
            last_error: None,
            rev: 0,
        };
        change(&mut subscription);
        let entry = self.entry(&subscription);
        let stored = self.app.inner.store.put_subscription(&subscription, None, &entry).await.unwrap();
        assert_eq!(stored, SubscriptionStored::Stored);
        subscription
    }

    fn entry(&self, subscription: &Subscription) -> AdministrationEntry {
        let (by, now) = (&subscription.created_by, self.app.clock.now());
        AdministrationEntry::new(by, now, "subscription_changed", subscription.id.as_str())
    }

    /// Runs `redeliver` at each minute of so many.
    async fn minutes(&self, minutes: i64) {
        for _ in 0..minutes {
            self.app.clock.advance_seconds(60);
            self.outbox.redeliver().await;
        }
    }

    async fn open(&self, run: &str) {
        self.app.open_at("agent", run, "block", 0).await;
    }
}

fn of(person: &Person) -> Receiver {
    Receiver::Member(person.member.actor.id.clone())
}

fn group(name: &str) -> GroupId {
    GroupId::parse(name).unwrap()
}

fn assigned_to(groups: &[&str], actors: &[&Person]) -> Terms {
    let assignment = Assignment {
        groups: groups.iter().map(|name| group(name)).collect(),
        actors: actors.iter().map(|person| person.member.actor.id.clone()).collect(),
        enforce: false,
    };
    Terms { assignment: Some(assignment), ..Terms::default() }
}

#[tokio::test]
async fn a_review_that_waits_is_told_once_in_slacks_form_with_one_link() {
    let stage = Stage::new().await;
    let dana = stage.person("dana", &[Role::Reviewer], &[]).await;
    stage.subscribe(of(&dana), |_| {}).await;
    stage.open("run_1").await;
    let told = stage.told().await;
    assert_eq!(told, [["A review waits", "block of wf_1, run run_1"]]);
    let body = stage.channel.received()[0].json();
    assert_eq!(
        slack_commands(&body),
        ["https://reviews.example.com/inbox/reviews/run_1/block|Open the page"]
    );
    assert!(
        !body.to_string().contains("Northwind") && !body.to_string().contains("12.5"),
        "of the output: {body}"
    );
    assert_eq!(stage.told().await, [[""; 0]; 0], "nothing is told again");
}

#[tokio::test]
async fn batches_that_are_given_again_tell_nothing_twice() {
    let stage = Stage::new().await;
    let dana = stage.person("dana", &[Role::Reviewer], &[]).await;
    stage.subscribe(of(&dana), |_| {}).await;
    stage.subscribe(of(&dana), |it| it.digest_minutes = Some(5)).await;
    stage.open("run_1").await;
    stage.open("run_2").await;
    let batches = stage.outbox.take().await;
    for _ in 0..3 {
        for batch in &batches {
            assert!(stage.outbox.publisher.publish(batch.clone()).await.batch_item_failures.is_empty());
        }
    }
    assert_eq!(stage.channel.received().len(), 2, "each review, at once");
    stage.app.clock.advance_seconds(300);
    stage.outbox.redeliver().await;
    let digest = stage.said_after(2);
    assert_eq!(digest.len(), 1);
    assert_eq!(digest[0][0], "2 notifications");
    // And after it was sent.
    for batch in &batches {
        stage.outbox.publisher.publish(batch.clone()).await;
    }
    stage.app.clock.advance_seconds(600);
    stage.outbox.redeliver().await;
    assert_eq!(stage.channel.received().len(), 3);
}

#[tokio::test]
async fn who_is_concerned_is_told_and_nobody_of_his_own_act() {
    let stage = Stage::new().await;
    let dana = stage.person("dana", &[Role::Reviewer], &["finance"]).await;
    let ben = stage.person("ben", &[Role::Reviewer], &[]).await;
    let reader = stage.person("reader", &[Role::Admin], &[]).await;
    for (person, path) in [(&dana, "dana"), (&ben, "ben"), (&reader, "reader")] {
        let url = format!("{}/{path}", stage.channel.url());
        stage.subscribe(of(person), |it| it.channel = Channel::Slack { url }).await;
    }
    let url = format!("{}/finance", stage.channel.url());
    stage.subscribe(Receiver::Group(group("finance")), |it| it.channel = Channel::Slack { url }).await;
    // Who was told what by the last step.
    let told = async || {
        let before = stage.channel.received().len();
        stage.outbox.publish().await;
        stage.outbox.redeliver().await;
        let after = stage.channel.received().split_off(before);
        let mut told: Vec<String> =
            after.iter().map(|it| format!("{} {}", &it.path[1..], said(&it.json())[0])).collect();
        told.sort();
        told
    };
    stage.open("run_1").await;
    assert_eq!(told().await, ["ben A review waits", "dana A review waits", "finance A review waits"]);
    stage.app.open_with("run_2", assigned_to(&["finance"], &[])).await;
    assert_eq!(told().await, ["dana A review was assigned", "finance A review was assigned"]);
    stage.app.open_with("run_3", assigned_to(&[], &[&ben])).await;
    assert_eq!(told().await, ["ben A review was assigned"]);

    let run = |run: &str, verb: &str| format!("{run}/block_extract/{verb}");
    stage.act(&dana, &run("run_3", "claim"), json!({ "version_stamp": 0 })).await;
    assert_eq!(told().await, [""; 0]);
    stage.act(&ben, &run("run_3", "claim"), json!({ "version_stamp": 1 })).await;
    assert_eq!(told().await, ["dana A review was taken over"]);
    let mentions = [&dana, &ben].map(|it| it.member.actor.id.to_string());
    stage.act(&ben, &run("run_3", "comments"), json!({ "text": "See?", "mentions": mentions })).await;
    assert_eq!(told().await, ["dana A comment mentions you"]);
    let escalation =
        json!({ "verdict": "escalated", "version_stamp": 2, "reason": "?", "escalate_to": "Finance" });
    stage.act(&ben, &run("run_3", "decision"), escalation).await;
    assert_eq!(told().await, ["dana A review was escalated", "finance A review was escalated"]);
    stage.act(&dana, &run("run_3", "decision"), json!({ "verdict": "approved", "version_stamp": 3 })).await;
    assert_eq!(told().await, [""; 0]);
    stage.act(&ben, &run("run_3", "reopen"), json!({ "version_stamp": 4, "reason": "?" })).await;
    assert_eq!(told().await, ["dana A review waits", "finance A review waits"]);
    let edit = json!({ "version_stamp": 5, "snapshot": { "total": 13 } });
    stage.act(&ben, &run("run_3", "versions"), edit).await;
    assert_eq!(told().await, ["dana A review was changed after an approval"]);
    // Of several who must approve: not who made the version, and then who had approved it before it was changed.
    let approvals = Approvals { required: 2, four_eyes: true, given: Vec::new(), made_by: Vec::new() };
    let mut body = opening("run_4", "block_extract", 0);
    body["author"] = json!({ "kind": "human", "id": ben.member.actor.id.as_str(), "display_name": "Ben" });
    stage.app.open_like(&body, Terms { approvals: Some(approvals), ..Terms::default() }).await;
    assert_eq!(told().await, ["dana A review waits", "finance A review waits"]);
    stage.act(&dana, &run("run_4", "decision"), json!({ "verdict": "approved", "version_stamp": 0 })).await;
    assert_eq!(told().await, [""; 0], "an approval that is not the last");
    let edit = json!({ "version_stamp": 1, "snapshot": { "total": 13 } });
    stage.act(&ben, &run("run_4", "versions"), edit).await;
    assert_eq!(told().await, ["dana A review was changed after an approval"]);
    let edit = json!({ "version_stamp": 2, "snapshot": { "total": 14 } });
    stage.act(&ben, &run("run_4", "versions"), edit).await;
    assert_eq!(told().await, [""; 0], "that version nobody had approved");
}

#[tokio::test]
async fn a_digest_that_fails_nine_times_arrives_once_with_the_content_of_its_first_try() {
    let stage = Stage::new().await;
    let dana = stage.person("dana", &[Role::Reviewer], &[]).await;
    stage.subscribe(of(&dana), |it| it.digest_minutes = Some(5)).await;
    stage.open("run_1").await;
    stage.open("run_2").await;
    stage.outbox.publish().await;
    stage.channel.then((0..9).map(|_| Answer::Say(500, json!({}))));
    stage.minutes(5).await;
    assert_eq!(stage.channel.received().len(), 1);
    // What comes between the tries is told by the next digest.
    stage.open("run_3").await;
    stage.outbox.publish().await;
    for _ in 0..8 {
        stage.app.clock.advance_seconds(10 * 3600);
        stage.outbox.redeliver().await;
    }
    let dead = stage.app.clock.now();
    let bodies: Vec<String> = stage.channel.received().into_iter().map(|it| it.body).collect();
    assert_eq!(bodies.len(), 9);
    stage.minutes(5).await;
    assert_eq!(stage.channel.received().len(), 9, "it is a dead letter");
    // The tenth try, because an operator asks for it.
    let redrive = Run { redrive: true, ..Run::default() };
    Box::pin(stage.outbox.publisher.redeliver(redrive, Bounds::default())).await;
    let bodies: Vec<String> = stage.channel.received().into_iter().map(|it| it.body).collect();
    assert_eq!(bodies.len(), 10);
    assert!(bodies.iter().all(|body| *body == bodies[0]), "each try is the same message");
    assert_eq!(said(&serde_json::from_str(&bodies[0]).unwrap())[0], "2 notifications");
    stage.minutes(10).await;
    let after = stage.said_after(10);
    assert_eq!(after, [["A review waits", "block of wf_1, run run_3"]], "since {dead}");
    stage.minutes(20).await;
    assert_eq!(stage.channel.received().len(), 11);
}

#[tokio::test]
async fn a_channel_that_is_down_for_a_day_gets_each_notice_once_and_few_messages() {
    let stage = Stage::new().await;
    let dana = stage.person("dana", &[Role::Reviewer], &[]).await;
    let other = StubServer::start();
    let here = stage.subscribe(of(&dana), |_| {}).await;
    let url = other.url().to_owned();
    stage.subscribe(of(&dana), |it| it.channel = Channel::Slack { url }).await;
    stage.channel.always(Answer::Say(500, json!({})));
    for hour in 0..24 {
        stage.open(&format!("run_{hour}")).await;
        stage.outbox.publish().await;
        stage.app.clock.advance_seconds(3600);
        stage.outbox.redeliver().await;
    }
    assert_eq!(other.received().len(), 24, "one channel does not hold up another of the same receiver");
    let tries = stage.channel.received().len();
    assert!(tries <= 10, "{tries}: one at first, then only the digest is tried");
    let failing = stage.app.inner.store.subscription(&here.organization, &here.id).await.unwrap().unwrap();
    assert!(failing.failing_since.is_some() && failing.last_error.unwrap().contains("500"));

    stage.channel.always(Answer::Say(200, json!({})));
    for _ in 0..20 {
        stage.app.clock.advance_seconds(3600);
        stage.outbox.redeliver().await;
    }
    let told = stage.said_after(tries);
    let entries: Vec<&String> = told.iter().flat_map(|message| &message[1..]).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!((0..20).all(|hour| {
        let entry = format!("block of wf_1, run run_{hour}");
        entries.iter().filter(|it| ***it == entry).count() == 1
    }));
    assert_eq!(entries.last().unwrap().as_str(), "And 3 more.", "20 are listed");
    let working = stage.app.inner.store.subscription(&here.organization, &here.id).await.unwrap().unwrap();
    assert_eq!((working.failing_since, working.last_error), (None, None));
}

#[tokio::test]
async fn what_comes_after_a_full_digest_was_fixed_is_counted_in_the_next() {
    let stage = Stage::new().await;
    let dana = stage.person("dana", &[Role::Reviewer], &[]).await;
    stage.subscribe(of(&dana), |it| it.digest_minutes = Some(5)).await;
    stage.channel.always(Answer::Say(500, json!({})));
    let open = async |from: u32, to: u32| {
        for number in from..to {
            stage.open(&format!("run_{number}")).await;
        }
        stage.outbox.publish().await;
    };
    open(0, 101).await;
    stage.minutes(6).await;
    let tries = stage.channel.received().len();
    assert!(tries > 0, "it is fixed");
    open(101, 121).await;
    stage.channel.always(Answer::Say(200, json!({})));
    for _ in 0..4 {
        stage.minutes(60).await;
    }
    let told: Vec<String> = stage.said_after(tries).into_iter().map(|message| message[0].clone()).collect();
    assert_eq!(told, ["101 notifications", "20 notifications"]);
}

#[tokio::test]
async fn a_groups_channel_ends_with_the_lead_who_made_it() {
    let stage = Stage::new().await;
    let lead = stage.person("lead", &[Role::Lead], &[]).await;
    let by = lead.member.actor.clone();
    stage.subscribe(Receiver::Group(group("finance")), |it| it.created_by = by).await;
    stage.open("run_1").await;
    assert_eq!(stage.told().await.len(), 1);
    stage.change(Member { roles: vec![Role::Reviewer], ..lead.member.clone() }).await;
    stage.open("run_2").await;
    assert_eq!(stage.told().await.len(), 0);
}

#[tokio::test]
async fn a_channel_that_throttles_is_called_again_when_it_says() {
    for date in [false, true] {
        let stage = Stage::new().await;
        let dana = stage.person("dana", &[Role::Reviewer], &[]).await;
        stage.subscribe(of(&dana), |_| {}).await;
        // The clock is at 08:55:00.
        let after = if date { "Wed, 13 May 2026 09:05:00 GMT" } else { "600" };
        stage.channel.then([Answer::Busy(429, after.into())]);
        for run in ["run_1", "run_2"] {
            stage.open(run).await;
            stage.outbox.publish().await;
        }
        stage.minutes(9).await;
        assert_eq!(stage.channel.received().len(), 1, "not before it said");
        stage.minutes(2).await;
        let told = stage.said_after(1);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0][0], "2 notifications");
    }
}

#[tokio::test]
async fn a_member_who_is_disabled_is_told_nothing_also_not_later() {
    let stage = Stage::new().await;
    let dana = stage.person("dana", &[Role::Reviewer], &[]).await;
    stage.subscribe(of(&dana), |it| it.digest_minutes = Some(5)).await;
    stage.subscribe(of(&dana), |_| {}).await;
    stage.channel.then([Answer::Say(500, json!({}))]);
    stage.open("run_1").await;
    stage.outbox.publish().await;
    assert_eq!(stage.channel.received().len(), 1);
    let disabled_at = Some(stage.app.clock.now());
    let disabled = stage.change(Member { disabled_at, ..dana.member.clone() }).await;
    stage.open("run_2").await;
    stage.outbox.publish().await;
    stage.minutes(10).await;
    assert_eq!(stage.channel.received().len(), 1);
    stage.change(Member { disabled_at: None, ..disabled }).await;
    stage.minutes(60).await;
    assert_eq!(stage.channel.received().len(), 1, "what happened meanwhile is not told");
    stage.open("run_3").await;
    stage.outbox.publish().await;
    stage.minutes(1).await;
    assert_eq!(stage.said_after(1), [["A review waits", "block of wf_1, run run_3"]]);
}

#[tokio::test]
async fn quiet_hours_hold_what_comes_until_they_end() {
    let stage = Stage::new().await;
    let dana = stage.person("dana", &[Role::Reviewer], &[]).await;
    // It is 10:55 in Berlin.
    let quiet = |from: &str, until: &str| {
        let (from, until, time_zone) = (from.to_owned(), until.to_owned(), "Europe/Berlin".to_owned());
        Some(QuietHours { from, until, time_zone })
    };
    stage.subscribe(of(&dana), |it| it.quiet_hours = quiet("10:00", "11:05")).await;
    stage.open("run_1").await;
    stage.open("run_2").await;
    stage.outbox.publish().await;
    stage.minutes(9).await;
    assert_eq!(stage.channel.received().len(), 0);
    stage.minutes(1).await;
    let told = stage.said_after(0);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0][0], "2 notifications");
    // Afterwards each is told at once; and a retry of theirs waits for the end, too.
    stage.subscribe(of(&dana), |it| it.quiet_hours = quiet("11:06", "11:30")).await;
    stage.channel.then([Answer::Say(200, json!({})), Answer::Say(500, json!({}))]);
    stage.open("run_3").await;
    stage.outbox.publish().await;
    assert_eq!(stage.channel.received().len(), 3);
    stage.minutes(20).await;
    let first = stage.channel.received().len();
    stage.minutes(10).await;
    assert_eq!(stage.channel.received().len(), 4, "{first}");
}

#[tokio::test]
async fn a_hostile_title_does_nothing_in_any_channel() {
    let stage = Stage::new().await;
    let dana = stage.person("dana", &[Role::Reviewer], &[]).await;
    stage.subscribe(of(&dana), |_| {}).await;
    let teams_channel = StubServer::start();
    teams_channel.only(teams);
    let url = teams_channel.url().to_owned();
    stage
        .subscribe(of(&dana), |it| {
            it.channel = Channel::Teams { url };
            it.digest_minutes = Some(5);
        })
        .await;
    let policy = json!({ "blocks": { "*": { "display": ["vendor"] } }, "version_stamp": 0 });
    let put = stage.app.call("admin", "PUT", "/v1/workflows/wf_1/policy", Some(policy)).await;
    assert!(put.status.is_success(), "{}", put.text);
    let hostile = [
        "<!channel> now",
        "<https://evil.example|Approve>",
        "[Approve](https://evil.example)",
        "<at>everyone</at>",
        "a\r\nBcc: x@evil.example",
        "\u{202e}drawkcab\u{0}",
        "https://evil.example/approve",
    ];
    for (number, vendor) in hostile.iter().enumerate() {
        let mut body = opening(&format!("run_{number}"), "block", 0);
        body["snapshot"] = json!({ "vendor": vendor, "secret": "S3CRET" });
        let opened = stage.app.call("agent", "POST", REVIEWS, Some(body)).await;
        assert_eq!(opened.status, 201, "{}", opened.text);
    }
    stage.outbox.publish().await;
    stage.minutes(6).await;
    assert_eq!(stage.channel.received().len(), hostile.len(), "Slack has taken each");
    for received in stage.channel.received() {
        let commands = slack_commands(&received.json());
        let ours = |it: &String| it.starts_with("https://reviews.example.com/inbox/reviews/");
        assert!(commands.len() == 1 && commands.iter().all(ours), "{commands:?}");
        assert!(!received.body.contains("S3CRET"));
    }
    let cards = teams_channel.received();
    assert_eq!(cards.len(), 1);
    let card = cards[0].json()["attachments"][0]["content"].clone();
    for element in card["body"].as_array().unwrap() {
        assert_ne!(element["type"], "TextBlock", "there Markdown would be read");
    }
    let shown = cards[0].body.matches("evil.example").count();
    let links = cards[0].body.matches(r#""url":"https://reviews.example.com/inbox/reviews/"#).count();
    assert_eq!((shown, links), (4, hostile.len()));
    assert!(!cards[0].body.contains("S3CRET") && !cards[0].body.contains('\u{202e}'));
}

#[tokio::test]
async fn a_long_digest_lists_some_and_counts_the_others_within_the_limits() {
    let stage = Stage::new().await;
    let dana = stage.person("dana", &[Role::Reviewer], &[]).await;
    stage.subscribe(of(&dana), |it| it.digest_minutes = Some(60)).await;
    let teams_channel = StubServer::start();
    teams_channel.only(teams);
    let url = teams_channel.url().to_owned();
    stage
        .subscribe(of(&dana), |it| {
            it.channel = Channel::Teams { url };
            it.digest_minutes = Some(60);
        })
        .await;
    let many = 120;
    for number in 0..many {
        stage.open(&format!("{}{number:03}", "&".repeat(250))).await;
    }
    stage.outbox.publish().await;
    stage.minutes(60).await;
    let told = stage.said_after(0);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0][0], format!("{many} notifications"));
    let listed = told[0].len() - 2;
    assert_eq!(told[0].last().unwrap(), &format!("And {} more.", many - listed));
    assert_eq!(teams_channel.received().len(), 1);
    // They are told: nothing is left for later.
    stage.minutes(120).await;
    assert_eq!((stage.channel.received().len(), teams_channel.received().len()), (1, 1));
}

#[tokio::test]
async fn deadlines_failed_runs_and_disabled_webhooks_are_told() {
    let stage = Stage::new().await;
    let dana = stage.person("dana", &[Role::Reviewer], &[]).await;
    let ben = stage.person("ben", &[Role::Reviewer], &[]).await;
    stage.subscribe(of(&dana), |it| it.events.retain(|kind| *kind != Kind::Assigned)).await;
    let workflow = WorkflowId::parse("another").unwrap();
    stage.subscribe(of(&dana), |it| it.workflows = vec![workflow]).await;
    stage.subscribe(of(&dana), |it| it.paused = true).await;
    let deadline = Deadline::starting(stage.app.clock.now(), 600, vec![300], OnOverdue::default());
    let terms = Terms { deadline: Some(deadline), ..assigned_to(&[], &[&ben]) };
    stage.app.open_with("run_1", terms.clone()).await;
    let terms = Terms { assignment: None, ..terms };
    stage.app.open_with("run_2", terms).await;
    assert_eq!(stage.told().await, [["A review waits", "block_extract of wf_invoices, run run_2"]]);
    let sweep = async || {
        let times = RunTimes::from(stage.app.clock.now());
        Box::pin(sweep::sweep(&stage.app.inner.store, times, sweep::Bounds::default())).await;
    };
    stage.app.clock.advance_seconds(300);
    sweep().await;
    assert_eq!(stage.told().await, [["A review is due soon", "block_extract of wf_invoices, run run_2"]]);
    stage.app.clock.advance_seconds(300);
    sweep().await;
    assert_eq!(stage.told().await, [["A review is overdue", "block_extract of wf_invoices, run run_2"]]);

    let mut waits = opening("run_3", "block", 0);
    waits["resume"] = json!({ "kind": "step_functions", "task_token": "t".repeat(100) });
    let opened = stage.app.call("agent", "POST", REVIEWS, Some(waits)).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    assert_eq!(stage.told().await.len(), 1);
    stage.act(&ben, "run_3/block/decision", json!({ "verdict": "approved", "version_stamp": 0 })).await;
    // Without Step Functions, the callback is refused: that is written, and comes with the stream.
    stage.outbox.publish().await;
    let told = stage.said_after(4);
    assert_eq!(told, [["A run could not be resumed", "block of wf_1, run run_3"]]);

    let receiver = StubServer::start();
    let id = webhook(&stage.app, "admin", &receiver).await;
    receiver.always(Answer::Say(410, json!({})));
    stage.app.open_with("run_4", assigned_to(&[], &[&ben])).await;
    stage.minutes(1).await;
    let told = stage.told().await;
    // By a second subscription, too: a webhook is no workflow's.
    assert_eq!(told, vec![vec!["A webhook was disabled".to_owned(), format!("127.0.0.1 ({id})")]; 2]);
    stage.minutes(10).await;
    assert_eq!(stage.told().await, [[""; 0]; 0]);
}

#[tokio::test]
async fn a_test_is_sent_once_whatever_else_is_pending() {
    let stage = Stage::new().await;
    let dana = stage.person("dana", &[Role::Reviewer], &[]).await;
    let held = stage
        .subscribe(of(&dana), |it| {
            it.digest_minutes = Some(60);
            it.paused = true;
        })
        .await;
    let request = async || {
        let (event_id, asked_at) = (shared::new_id::entry_id(), stage.app.clock.now());
        let test = WebhookTest { event_id, asked_at };
        stage.app.inner.store.request_test_message(&held.organization, &held.id, test).await.unwrap()
    };
    assert_eq!(request().await, RequestedTest::Accepted);
    assert!(matches!(request().await, RequestedTest::Pending(_)));
    stage.channel.then([Answer::Say(500, json!({}))]);
    stage.minutes(5).await;
    assert_eq!(stage.said_after(0), [["A test", "It works"]], "a failed one is not tried again");
    assert_eq!(request().await, RequestedTest::Accepted);
    let disabled_at = Some(stage.app.clock.now());
    stage.change(Member { disabled_at, ..dana.member.clone() }).await;
    stage.minutes(5).await;
    assert_eq!(stage.channel.received().len(), 1);
}

/// A process that dies anywhere: each notice arrives, and no message is empty.
#[tokio::test]
async fn a_process_that_is_killed_anywhere_loses_no_notice() {
    let points = killed_at_each_point(async |killed_at| {
        let stage = Stage::new().await;
        let dana = stage.person("dana", &[Role::Reviewer], &[]).await;
        stage.subscribe(of(&dana), |_| {}).await;
        stage.subscribe(of(&dana), |it| it.digest_minutes = Some(5)).await;
        stage.open("run_1").await;
        let batches = stage.outbox.take().await;
        let publisher = &stage.outbox.publisher;
        let mut was_killed = Killed::after(killed_at, publisher.publish(batches[0].clone())).await.is_none();
        for batch in &batches {
            assert_eq!(publisher.publish(batch.clone()).await.batch_item_failures, []);
        }
        assert!((1..=2).contains(&stage.channel.received().len()), "killed at {killed_at}");
        let before = stage.channel.received().len();
        stage.app.clock.advance_seconds(300);
        let run = publisher.redeliver(Run::default(), Bounds::default());
        was_killed |= Killed::after(killed_at, run).await.is_none();
        stage.minutes(4).await;
        let told = stage.said_after(before);
        assert!((1..=2).contains(&told.len()), "killed at {killed_at}: {told:?}");
        assert!(told.iter().all(|it| *it == ["A review waits", "block of wf_1, run run_1"]), "{told:?}");
        was_killed
    })
    .await;
    assert!(points > 10, "{points}");
}

#[tokio::test]
async fn telling_people_costs_so_many_units() {
    let stage = Stage::new().await;
    let dana = stage.person("dana", &[Role::Reviewer], &[]).await;
    let cost = async |what: &str| {
        let mut total = (0, 0.0, 0.0);
        for batch in stage.outbox.take().await {
            let (done, usage) = Meter::measure(Box::pin(stage.outbox.publisher.publish(batch))).await;
            assert_eq!(done.batch_item_failures, []);
            total = (total.0 + usage.calls, total.1 + usage.read_units, total.2 + usage.write_units);
        }
        println!("{what}: {} calls, {} read units, {} write units", total.0, total.1, total.2);
        total
    };
    // One of each is the look at the webhooks.
    stage.open("run_1").await;
    assert_eq!(cost("an opening, nobody has subscribed").await, (2, 2.0, 0.0));
    stage.act(&dana, "run_1/block/claim", json!({ "version_stamp": 0 })).await;
    assert_eq!(cost("a claim, which is told nobody, and its lease").await, (2, 2.0, 0.0));
    let at_once = stage.subscribe(of(&dana), |_| {}).await;
    stage.open("run_2").await;
    assert_eq!(cost("an opening, told one member at once").await, (5, 4.0, 1.0));
    let paused = Subscription { paused: true, rev: 1, ..at_once.clone() };
    let entry = stage.entry(&paused);
    let stored = stage.app.inner.store.put_subscription(&paused, Some(0), &entry).await.unwrap();
    assert_eq!(stored, SubscriptionStored::Stored);
    stage.subscribe(of(&dana), |it| it.digest_minutes = Some(5)).await;
    stage.open("run_3").await;
    stage.open("run_4").await;
    let (calls, read, written) = cost("two openings, for one digest").await;
    assert!(calls <= 8 && read <= 6.0 && written <= 12.0, "{calls} {read} {written}");
    stage.app.clock.advance_seconds(300);
    let (done, usage) = Meter::measure(stage.outbox.redeliver()).await;
    println!("the digest: {usage:?}");
    assert_eq!(done.delivered, 1);
    assert!(usage.write_units <= 8.0, "{usage:?}");
}

/// Mail scanners and chat clients fetch what they are sent.
#[tokio::test]
async fn a_bot_that_fetches_all_links_of_a_message_changes_nothing() {
    let stage = Stage::new().await;
    let dana = stage.person("dana", &[Role::Reviewer], &[]).await;
    stage.subscribe(of(&dana), |_| {}).await;
    stage.open("run_1").await;
    stage.outbox.publish().await;
    let session = stage.app.session_of(&dana.member).await;
    let all_items = async || {
        let store = &stage.app.inner.store;
        let scan = store.client().scan().table_name(store.table()).send().await.unwrap();
        let keyed = |item: HashMap<String, AttributeValue>| {
            let key = ["pk", "sk"].map(|name| item[name].as_s().unwrap().clone());
            (key, item)
        };
        scan.items.unwrap().into_iter().map(keyed).collect::<HashMap<_, _>>()
    };
    let before = all_items().await;
    let links = slack_commands(&stage.channel.received()[0].json());
    assert_eq!(links.len(), 1);
    let path = links[0].split('|').next().unwrap().strip_prefix("https://reviews.example.com").unwrap();
    for method in ["GET", "HEAD"] {
        let anonymous = Request::builder().method(method).uri(path).body(Body::Empty).unwrap();
        let status = stage.app.send(anonymous).await.status;
        assert!(status.is_redirection() || status.is_client_error(), "{method}: {status}");
    }
    // Also one that borrows somebody's session.
    let page = stage.app.send(stage.app.visit(&session, path)).await;
    assert_eq!(page.status, 200, "the link leads to the review");
    assert!(all_items().await == before, "something has changed");
}

#[tokio::test]
async fn two_hundred_digests_at_once_are_all_sent() {
    let stage = Stage::new().await;
    let dana = stage.person("dana", &[Role::Reviewer], &[]).await;
    for _ in 0..Subscription::LIMIT {
        stage.subscribe(of(&dana), |it| it.digest_minutes = Some(5)).await;
    }
    for number in 0..amount(5, 8) {
        stage.open(&format!("run_{number}")).await;
    }
    stage.outbox.publish().await;
    stage.app.clock.advance_seconds(300);
    let (done, usage) = Meter::measure(stage.outbox.redeliver()).await;
    println!("{done:?} {usage:?}");
    assert_eq!((done.delivered, done.errors), (Subscription::LIMIT as u64, 0));
    stage.minutes(5).await;
    assert_eq!(stage.channel.received().len(), Subscription::LIMIT);
}
