//! What is told to people, with everything that it does to the table.

use super::permissions::Recorder;
use serde_json::{Value, json};
use shared::event::{Channel, NotificationKind, Receiver, Subscription, SubscriptionId};
use shared::review::ActorId;
use shared::store::{AdministrationEntry, Role, SubscriptionStored};
use tests::outbox::Ways;
use tests::stub_servers::{Answer, StubServer};

/// A message that arrives, one that fails and is sent later, and a webhook that is disabled.
pub(super) async fn notifications(run: &mut Recorder) {
    let (channel, service, receiver) = (StubServer::start(), StubServer::start(), StubServer::start());
    let (member, _) = run.app.member("org_a", "told", &[Role::Reviewer]).await;
    let subscription = Subscription {
        id: SubscriptionId::new([7; 8]),
        organization: member.organization.clone(),
        receiver: Receiver::Member(ActorId::parse(member.actor.id.as_str()).unwrap()),
        events: NotificationKind::ALL.to_vec(),
        workflows: Vec::new(),
        channel: Channel::Slack { url: channel.url().to_owned() },
        digest_minutes: None,
        quiet_hours: None,
        paused: false,
        created_at: run.app.clock.now(),
        created_by: member.actor.clone(),
        failing_since: None,
        last_error: None,
        rev: 0,
    };
    let by = &subscription.created_by;
    let entry = AdministrationEntry::new(by, run.app.clock.now(), "subscription_created", "sub");
    let stored = run.app.inner.store.put_subscription(&subscription, None, &entry).await.unwrap();
    assert_eq!(stored, SubscriptionStored::Stored);
    let hook = json!({ "url": receiver.url() });
    run.call("admin", "POST", "/v1/webhooks", hook).await;
    let outbox = run.app.outbox(Ways::default()).await;
    outbox.take().await;
    // The webhook fails at first, so that it is `redeliver` that disables it.
    receiver.then([Answer::Say(500, json!({})), Answer::Say(500, json!({})), Answer::Say(410, json!({}))]);
    channel.then([
        Answer::Say(200, Value::Null),
        Answer::Say(500, Value::Null),
        Answer::Say(500, Value::Null),
    ]);
    let publisher = run.publisher(&service);
    for number in 0..2 {
        run.app.open_at("agent", &format!("run_n{number}"), "block", 0).await;
        for batch in outbox.take().await {
            Box::pin(publisher.publish(batch)).await;
        }
    }
    run.note("publish");
    for _ in 0..8 {
        run.app.clock.advance_seconds(600);
        Box::pin(publisher.redeliver(publish::Request::default(), publish::Bounds::default())).await;
    }
    run.note("redeliver");
    let told = channel.received();
    assert!(told.last().unwrap().body.contains("A webhook was disabled") || told.len() > 3, "{told:?}");
}
