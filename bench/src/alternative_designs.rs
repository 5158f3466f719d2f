//! Two obvious designs of reviews in DynamoDB, for comparison: one item with everything, or one item for each thing, changed in
//! transactions. The same table, indexes and conditions as ours; without idempotent retries, and without a sweep.

use crate::test_app;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConsumedCapacity, Delete, KeysAndAttributes, Put, ReturnConsumedCapacity, ReturnValue,
    TransactWriteItem, Update,
};
use local::table::{self, Stream};
use serde_json::Value;
use std::collections::HashMap;

/// How reviews are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Design {
    /// One item with everything in it: snapshots, audit, decisions, claim.
    OneItem,
    /// The same, each snapshot deflated.
    OneItemDeflated,
    /// META, a version, an audit entry and a lease, each an item; a claim is a transaction of three.
    Transactions,
}

impl Design {
    pub(crate) const ALL: [Self; 3] = [Self::OneItem, Self::OneItemDeflated, Self::Transactions];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::OneItem => "one item",
            Self::OneItemDeflated => "one item, snapshots deflated",
            Self::Transactions => "transaction of three items",
        }
    }
}

/// What calls consumed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Used {
    pub(crate) round_trips: usize,
    pub(crate) read: f64,
    pub(crate) write: f64,
}

impl std::ops::Add for Used {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            round_trips: self.round_trips + other.round_trips,
            read: self.read + other.read,
            write: self.write + other.write,
        }
    }
}

impl std::iter::Sum for Used {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), std::ops::Add::add)
    }
}

type Item = HashMap<String, AttributeValue>;

/// Reviews of one design, in a table of their own.
pub(crate) struct Reviews {
    client: Client,
    table: String,
    design: Design,
}

fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn n(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn item<const N: usize>(attributes: [(&str, AttributeValue); N]) -> Item {
    attributes.map(|(name, value)| (name.to_owned(), value)).into()
}

fn actor() -> AttributeValue {
    AttributeValue::M(item([("kind", s("human")), ("id", s("user_42")), ("display_name", s("Dana Rivera"))]))
}

const NOW: i64 = 1_778_662_500_000;

fn entry(event: &str, rev: i64) -> Item {
    item([
        ("entry_id", s("01a210a38ed774b7800978fc602a0a70")),
        ("event", s(event)),
        ("actor", actor()),
        ("at", n(NOW)),
        ("rev", n(rev)),
    ])
}

fn total() -> ReturnConsumedCapacity {
    ReturnConsumedCapacity::Total
}

fn units<'a>(consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) -> f64 {
    consumed.into_iter().filter_map(ConsumedCapacity::capacity_units).sum()
}

fn written<'a>(consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) -> Used {
    Used { round_trips: 1, read: 0.0, write: units(consumed) }
}

fn read<'a>(consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) -> Used {
    Used { round_trips: 1, read: units(consumed), write: 0.0 }
}

impl Reviews {
    pub(crate) async fn new(client: Client, design: Design) -> Self {
        let table = tests::table_name();
        assert!(table::create(&client, &table, Stream::Off).await.unwrap());
        Self { client, table, design }
    }

    fn pk(run: &str) -> AttributeValue {
        s(format!("REVIEW#org_a#{run}#extract"))
    }

    fn key(run: &str) -> Item {
        item([("pk", Self::pk(run)), ("sk", s("#META"))])
    }

    /// The attributes of META that all designs have.
    fn meta(run: &str) -> Item {
        let mut meta = Self::key(run);
        meta.extend(item([
            ("queue_pk", s("org_a#awaiting_review")),
            ("queue_sk", s(format!("2147483647#{NOW}#{run}#extract"))),
            ("workflow_queue_pk", s("org_a#wf_1#awaiting_review")),
            ("workflow_id", s("wf_1")),
            ("workflow_version_id", s("wfv_1")),
            ("block_type", s("extract")),
            ("triggered_by", s(r#"{"kind":"always"}"#)),
            ("status", s("awaiting_review")),
            ("priority", n(0)),
            ("awaiting_since", n(NOW)),
            ("rev", n(0)),
            ("head_seq", n(0)),
        ]));
        meta
    }

    fn version(&self, seq: i64, document: &Value) -> Item {
        let snapshot = match self.design {
            Design::OneItem => s(document.to_string()),
            Design::OneItemDeflated | Design::Transactions => {
                AttributeValue::B(Blob::new(test_app::deflated(document)))
            }
        };
        item([
            ("seq", n(seq)),
            ("origin", s("human_edit")),
            ("author", actor()),
            ("snapshot", snapshot),
            ("content_sha256", AttributeValue::B(Blob::new([7; 32]))),
            ("created_at", n(NOW)),
        ])
    }

    /// An item of the review's partition.
    fn beside(run: &str, sk: String, attributes: Item) -> Item {
        let mut whole = item([("pk", Self::pk(run)), ("sk", s(sk))]);
        whole.extend(attributes);
        whole
    }

    fn audit(run: &str, event: &str, rev: i64) -> Item {
        Self::beside(run, format!("AUDIT#{rev:010}"), entry(event, rev))
    }

    fn lease(run: &str) -> Item {
        item([
            ("pk", s("HOLDER#org_a#human#user_42")),
            ("sk", s(format!("LEASE#{run}#extract"))),
            ("due_shard", s("LEASES#3")),
            ("due_at", n(NOW + 900_000)),
            ("expires_at", n(NOW + 900_000)),
            ("ttl", n(NOW / 1000 + 900)),
        ])
    }

    pub(crate) async fn open(&self, run: &str, document: &Value) -> Used {
        let (mut meta, version) = (Self::meta(run), self.version(0, document));
        if self.design == Design::Transactions {
            let version = Self::beside(run, "VERSION#0000000000".into(), version);
            return self.transact([meta, version, Self::audit(run, "overlay_created", 0)].map(put)).await;
        }
        meta.insert("versions".into(), AttributeValue::L(vec![AttributeValue::M(version)]));
        meta.insert("audit".into(), AttributeValue::L(vec![AttributeValue::M(entry("overlay_created", 0))]));
        meta.insert("decisions".into(), AttributeValue::L(Vec::new()));
        let request = self.client.put_item().table_name(&self.table).set_item(Some(meta));
        let request = request.condition_expression("attribute_not_exists(pk)");
        let output = request.return_consumed_capacity(total()).send().await.unwrap();
        written(output.consumed_capacity())
    }

    /// Claims it at that `rev`, and reads the overlay for the answer.
    pub(crate) async fn claim(&self, run: &str, rev: i64) -> Used {
        let claim = AttributeValue::M(item([("holder", actor()), ("expires_at", n(NOW + 900_000))]));
        let set = "claim = :claim";
        let values = [(":claim".to_owned(), claim)];
        if self.design != Design::Transactions {
            return self.update(run, rev, "claimed", set, values).await;
        }
        let update = self.meta_update(run, rev, set, values);
        let items = [update, put(Self::audit(run, "claimed", rev + 1)), put(Self::lease(run))];
        self.transact(items).await + self.load(run).await
    }

    pub(crate) async fn edit(&self, run: &str, rev: i64, document: &Value) -> Used {
        let version = self.version(1, document);
        if self.design != Design::Transactions {
            let version = AttributeValue::L(vec![AttributeValue::M(version)]);
            let set = "head_seq = :one, versions = list_append(versions, :version)";
            let values = [(":one".to_owned(), n(1)), (":version".to_owned(), version)];
            return self.update(run, rev, "version_appended", set, values).await;
        }
        let update = self.meta_update(run, rev, "head_seq = :one", [(":one".to_owned(), n(1))]);
        let version = Self::beside(run, "VERSION#0000000001".into(), version);
        let items = [update, put(Self::audit(run, "version_appended", rev + 1)), put(version)];
        self.load(run).await + self.transact(items).await
    }

    pub(crate) async fn approve(&self, run: &str, rev: i64) -> Used {
        let decision = item([
            ("decision_id", s("01a210a38ed774b7800978fc602a0a70")),
            ("verdict", s("approved")),
            ("decided_by", actor()),
            ("decided_at", n(NOW)),
            ("on_seq", n(1)),
            ("effective_seq", n(1)),
        ]);
        let mut values = vec![
            (":status".to_owned(), s("approved")),
            (":queue_pk".to_owned(), s("org_a#approved")),
            (":queue_sk".to_owned(), s(format!("8221337499999#{run}#extract"))),
            (":workflow".to_owned(), s("org_a#wf_1#approved")),
        ];
        let keys =
            "#status = :status, queue_pk = :queue_pk, queue_sk = :queue_sk, workflow_queue_pk = :workflow";
        if self.design != Design::Transactions {
            values.push((":decision".into(), AttributeValue::L(vec![AttributeValue::M(decision)])));
            let set = format!("{keys}, decisions = list_append(decisions, :decision)");
            return self.update(run, rev, "decision_submitted", &set, values).await;
        }
        let mut audit = Self::audit(run, "decision_submitted", rev + 1);
        audit.extend(decision);
        let mut lease = Self::lease(run);
        lease.retain(|name, _| name == "pk" || name == "sk");
        let delete = Delete::builder().table_name(&self.table).set_key(Some(lease)).build().unwrap();
        let delete = TransactWriteItem::builder().delete(delete).build();
        let items = [self.meta_update(run, rev, keys, values), put(audit), delete];
        self.load(run).await + self.transact(items).await
    }

    pub(crate) async fn get(&self, run: &str) -> Used {
        if self.design == Design::Transactions {
            return self.load(run).await;
        }
        let request = self.client.get_item().table_name(&self.table).set_key(Some(Self::key(run)));
        let output = request.consistent_read(true).return_consumed_capacity(total()).send().await.unwrap();
        read(output.consumed_capacity())
    }

    /// Fifty rows of the queue: the index, then META of each.
    pub(crate) async fn list(&self) -> Used {
        let request = self.client.query().table_name(&self.table).index_name("queue").limit(51);
        let request = request
            .key_condition_expression("queue_pk = :pk")
            .expression_attribute_values(":pk", s("org_a#awaiting_review"));
        let index = request.return_consumed_capacity(total()).send().await.unwrap();
        let key =
            |row: &Item| row.clone().into_iter().filter(|(name, _)| name == "pk" || name == "sk").collect();
        let mut left: Vec<Item> = index.items().iter().take(50).map(key).collect();
        assert_eq!(left.len(), 50);
        let mut used = read(index.consumed_capacity());
        while !left.is_empty() {
            let keys =
                KeysAndAttributes::builder().set_keys(Some(left)).consistent_read(true).build().unwrap();
            let request = self.client.batch_get_item().request_items(&self.table, keys);
            let output = request.return_consumed_capacity(total()).send().await.unwrap();
            used = used + read(output.consumed_capacity());
            left = output.unprocessed_keys.into_iter().flatten().flat_map(|(_, keys)| keys.keys).collect();
        }
        used
    }

    /// One update of the only item, which appends its audit entry and returns all of it.
    async fn update(
        &self,
        run: &str,
        rev: i64,
        event: &str,
        set: &str,
        values: impl IntoIterator<Item = (String, AttributeValue)>,
    ) -> Used {
        let entry = AttributeValue::L(vec![AttributeValue::M(entry(event, rev + 1))]);
        let mut request = self.client.update_item().table_name(&self.table).set_key(Some(Self::key(run)));
        for (name, value) in values {
            request = request.expression_attribute_values(name, value);
        }
        if set.contains("#status") {
            request = request.expression_attribute_names("#status", "status");
        }
        let output = request
            .update_expression(format!("SET rev = :next, audit = list_append(audit, :entry), {set}"))
            .condition_expression("rev = :rev")
            .expression_attribute_values(":rev", n(rev))
            .expression_attribute_values(":next", n(rev + 1))
            .expression_attribute_values(":entry", entry)
            .return_values(ReturnValue::AllNew)
            .return_consumed_capacity(total())
            .send()
            .await
            .unwrap();
        written(output.consumed_capacity())
    }

    fn meta_update(
        &self,
        run: &str,
        rev: i64,
        set: &str,
        values: impl IntoIterator<Item = (String, AttributeValue)>,
    ) -> TransactWriteItem {
        let mut update = Update::builder().table_name(&self.table).set_key(Some(Self::key(run)));
        for (name, value) in values {
            update = update.expression_attribute_values(name, value);
        }
        if set.contains("#status") {
            update = update.expression_attribute_names("#status", "status");
        }
        let update = update
            .update_expression(format!("SET rev = :next, {set}"))
            .condition_expression("rev = :rev")
            .expression_attribute_values(":rev", n(rev))
            .expression_attribute_values(":next", n(rev + 1));
        TransactWriteItem::builder().update(update.build().unwrap()).build()
    }

    async fn transact(&self, items: impl IntoIterator<Item = TransactWriteItem>) -> Used {
        let in_table = |mut item: TransactWriteItem| {
            item.put.iter_mut().for_each(|put| put.table_name.clone_from(&self.table));
            item
        };
        let items = items.into_iter().map(in_table).collect();
        let request = self.client.transact_write_items().set_transact_items(Some(items));
        let output = request.return_consumed_capacity(total()).send().await.unwrap();
        written(output.consumed_capacity())
    }

    /// The whole review, by one query.
    async fn load(&self, run: &str) -> Used {
        let request = self.client.query().table_name(&self.table).key_condition_expression("pk = :pk");
        let request = request.expression_attribute_values(":pk", Self::pk(run)).consistent_read(true);
        let output = request.return_consumed_capacity(total()).send().await.unwrap();
        assert!(output.last_evaluated_key().is_none());
        read(output.consumed_capacity())
    }
}

/// A new item; `transact` sets the table.
fn put(item: Item) -> TransactWriteItem {
    let put =
        Put::builder().table_name("").set_item(Some(item)).condition_expression("attribute_not_exists(pk)");
    TransactWriteItem::builder().put(put.build().unwrap()).build()
}
