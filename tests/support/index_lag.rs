//! Indexes that lag behind their table, as global secondary indexes do on AWS: each query of an index is answered from a second table,
//! to which the first one's changes come later, in their order, by its stream. Only keys come: what an index of ours projects.
//!
//! All three indexes lag alike here. On AWS each has its own lag.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use local::emulator;
use local::stream::{self, StreamReader};
use local::table::{self, Stream};
use local::template::Template;
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use tokio::sync::Mutex;

type Item = HashMap<String, AttributeValue>;

/// How far the indexes of one table are.
#[derive(Clone)]
pub struct IndexLag(Arc<Inner>);

struct Inner {
    client: Client,
    table: String,
    /// The table whose indexes are asked instead.
    copy: String,
    /// What the indexes project: the key attributes of the table and of all of them.
    projected: Vec<String>,
    state: Mutex<State>,
}

struct State {
    reader: StreamReader,
    /// What has been written, and is not in the indexes yet.
    pending: VecDeque<Change>,
    /// How many changes stay pending when an index is asked.
    behind: usize,
    /// How many more queries of the queue are answered before the indexes catch up, if they do by themselves.
    late: Option<usize>,
}

/// A change of an item: its keys, and what the indexes get of it.
struct Change {
    keys: Item,
    projected: Option<Item>,
}

impl std::fmt::Debug for IndexLag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IndexLag(..)")
    }
}

impl IndexLag {
    /// For a table that has its stream. The indexes are up to date until a test says otherwise.
    pub async fn of(endpoint: &str, table: &str) -> Self {
        let (client, copy) = (emulator::client(endpoint), format!("{table}-indexes"));
        assert!(table::create(&client, &copy, Stream::Off).await.unwrap(), "{copy} existed");
        let definition = Template::data().unwrap().table().unwrap();
        let projected = definition.attributes.into_iter().map(|(name, _)| name).collect();
        let reader = StreamReader::open(stream::client(endpoint), table, None).await.unwrap();
        let reader = reader.expect("the table has a stream");
        let state = Mutex::new(State { reader, pending: VecDeque::new(), behind: 0, late: None });
        Self(Arc::new(Inner { client, table: table.to_owned(), copy, projected, state }))
    }

    /// From now on the indexes get nothing.
    pub async fn hold(&self) {
        let mut state = self.0.state.lock().await;
        self.0.propagate(&mut state).await;
        state.behind = usize::MAX;
    }

    /// From now on the indexes get nothing, until the queue has been asked that often.
    pub async fn hold_for(&self, queries: usize) {
        self.hold().await;
        self.0.state.lock().await.late = Some(queries);
    }

    /// From now on the last `changes` of the table are not in its indexes.
    pub async fn stay_behind(&self, changes: usize) {
        self.0.state.lock().await.behind = changes;
    }

    /// From now on the indexes are up to date.
    pub async fn catch_up(&self) {
        self.stay_behind(0).await;
    }

    /// Sends a query of an index to where it is answered with what the indexes have by now.
    pub(crate) async fn redirect(&self, mut request: HttpRequest) -> HttpRequest {
        let mut body = said(&request);
        let mut state = self.0.state.lock().await;
        if body["IndexName"].as_str().is_some_and(|index| index.starts_with("queue")) {
            match state.late {
                Some(0) => (state.behind, state.late) = (0, None),
                Some(left) => state.late = Some(left - 1),
                None => {}
            }
        }
        self.0.propagate(&mut state).await;
        drop(state);
        body["TableName"] = self.0.copy.clone().into();
        let body = body.to_string();
        request.headers_mut().insert("content-length", body.len().to_string());
        *request.body_mut() = SdkBody::from(body);
        request
    }

    /// Whether a request asks an index of this table.
    pub(crate) fn concerns(&self, request: &HttpRequest) -> bool {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        if !target.ends_with(".Query") {
            return false;
        }
        let body = said(request);
        body["TableName"] == self.0.table.as_str() && body["IndexName"].is_string()
    }
}

fn said(request: &HttpRequest) -> Value {
    serde_json::from_slice(request.body().bytes().unwrap()).unwrap()
}

impl Inner {
    /// Reads what was written, and brings it to the indexes, except for what stays pending.
    async fn propagate(&self, state: &mut State) {
        let read = std::sync::Mutex::new(Vec::new());
        loop {
            let batch = state.reader.read(|batch| {
                read.lock().unwrap().extend(batch.records);
                async { Vec::new() }
            });
            if batch.await.unwrap() == 0 {
                break;
            }
        }
        for record in read.into_inner().unwrap() {
            let change = serde_json::to_value(record.change).unwrap();
            let image = change["NewImage"].as_object().filter(|image| !image.is_empty());
            let projected = image.map(|_| self.projection(&change["NewImage"]));
            state.pending.push_back(Change { keys: self.projection(&change["Keys"]), projected });
        }
        while state.pending.len() > state.behind {
            let change = state.pending.pop_front().unwrap();
            if let Some(item) = change.projected {
                let put = self.client.put_item().table_name(&self.copy).set_item(Some(item));
                put.send().await.unwrap();
            } else {
                let delete = self.client.delete_item().table_name(&self.copy);
                delete.set_key(Some(change.keys)).send().await.unwrap();
            }
        }
    }

    /// The keys among these attributes: texts and numbers.
    fn projection(&self, attributes: &Value) -> Item {
        let key = |(name, value): (&String, &Value)| {
            let text = value["S"].as_str().map(|text| AttributeValue::S(text.to_owned()));
            let number = || value["N"].as_str().map(|number| AttributeValue::N(number.to_owned()));
            self.projected.contains(name).then(|| Some((name.clone(), text.or_else(number)?)))?
        };
        attributes.as_object().unwrap().iter().filter_map(key).collect()
    }
}
