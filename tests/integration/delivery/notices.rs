//! What people are told: who, once, in the form of their channel, at once or as a digest.

use lambda_http::Body;
use lambda_http::http::Request;
use serde_json::{Value, json};
use shared::event::{Channel, DeliveryTarget, NotificationKind as Kind, QuietHours, Receiver, Subscription};
use shared::review::{Assignment, Deadline, GroupId, OnOverdue, Terms, WorkflowId};
use shared::store::{AdministrationEntry, Due, DuePages, Member, Role, Scope};
use tests::channels::{slack, slack_commands, teams};
use tests::outbox::{Outbox, Ways};
use tests::stub_servers::{Answer, StubServer};
use tests::{TestApp, opening};

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

const ALL: [Kind; 10] = [
    Kind::Waiting,
    Kind::Assigned,
    Kind::Escalated,
    Kind::DueSoon,
    Kind::Overdue,
    Kind::TakenOver,
    Kind::ChangedAfterApproval,
    Kind::Mentioned,
    Kind::ResumeFailed,
    Kind::WebhookDisabled,
];

impl Stage {
    /// A subscription to all kinds, at once, as `change` has it.
    async fn subscribe(&self, receiver: Receiver, change: impl FnOnce(&mut Subscription)) -> Subscription {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut subscription = Subscription {
            id: shared::event::SubscriptionId::parse(&format!("sub_{number:016x}")).unwrap(),
            organization: shared::review::OrganizationId::parse("org_a").unwrap(),
            receiver,
            events: ALL.to_vec(),
            workflows: Vec::new(),
            channel: Channel::Slack { url: format!("{}/services/T0/B0/x", self.channel.url()) },
            digest_minutes: None,
            quiet_hours: None,
            paused: false,
            created_by: local::api_keys::actor("human", "user_1", "Ada").unwrap(),
            failing: None,
        };
        change(&mut subscription);
        self.app.inner.store.provisional_put(subscription.clone());
        subscription
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
    assert_eq!(slack_commands(&body), ["https://reviews.example.com/inbox/reviews/run_1/block|Open the page"]);
    assert!(!body.to_string().contains("Northwind") && !body.to_string().contains("12.5"), "of the output: {body}");
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
    let escalation = json!({ "verdict": "escalated", "version_stamp": 2, "reason": "?", "escalate_to": "Finance" });
    stage.act(&ben, &run("run_3", "decision"), escalation).await;
    assert_eq!(told().await, ["dana A review was escalated", "finance A review was escalated"]);
    stage.act(&dana, &run("run_3", "decision"), json!({ "verdict": "approved", "version_stamp": 3 })).await;
    assert_eq!(told().await, [""; 0]);
    stage.act(&ben, &run("run_3", "reopen"), json!({ "version_stamp": 4, "reason": "?" })).await;
    assert_eq!(told().await, ["dana A review waits", "finance A review waits"]);
    let edit = json!({ "version_stamp": 5, "edited_output": { "total": 13 } });
    stage.act(&ben, &run("run_3", "versions"), edit).await;
    assert_eq!(told().await, ["dana A review was changed after an approval"]);
}
