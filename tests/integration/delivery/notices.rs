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
