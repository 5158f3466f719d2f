//! The handle of the table. Each file of the store adds its own methods to it.

use crate::store::queue_memory::QueueMemory;
use std::sync::Arc;

/// The table behind a DynamoDB API.
#[derive(Clone, Debug)]
pub struct Store {
    pub(in crate::store) client: aws_sdk_dynamodb::Client,
    pub(in crate::store) table: String,
    pub(in crate::store) queues: Arc<QueueMemory>,
}

impl Store {
    /// The table of that name behind `client`. Does no I/O.
    pub fn new(client: aws_sdk_dynamodb::Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into(), queues: Arc::new(QueueMemory::new()) }
    }

    /// The client it uses.
    pub fn client(&self) -> &aws_sdk_dynamodb::Client {
        &self.client
    }

    /// The table's name.
    pub fn table(&self) -> &str {
        &self.table
    }
}
