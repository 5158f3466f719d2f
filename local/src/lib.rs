//! The whole product on one machine: the same handlers behind one local HTTP server, DynamoDB and S3 emulated in-process.
//!
//! - [`emulator`]: the embedded DynamoDB; [`table`]: the table, as `data.yaml` defines it.
//! - [`files`]: the embedded S3.
//! - [`gateway`]: what API Gateway does on AWS: routes, path parameters, CORS.
//! - [`triggers`]: what triggers functions on AWS: schedules, TTL, the table's [`stream`].
//! - [`server`]: the HTTP server; [`demo`]: demo data; [`links`]: links that sign in; [`api_keys`]: `holdpoint keys`.

pub mod api_keys;
mod background;
pub mod demo;
mod dynamodb_api;
pub mod emulator;
pub mod files;
pub mod gateway;
mod hosts;
pub mod links;
pub mod server;
pub mod stream;
pub mod table;
pub mod template;
pub mod triggers;

use std::path::PathBuf;

/// Why the local product cannot start or continue: one sentence for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process listens there.
    #[error("port {0} is already in use: stop what listens there, or choose another with --port")]
    PortInUse(u16),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        /// Host and port.
        address: String,
        /// Why.
        cause: std::io::Error,
    },
    /// The data folder cannot be used.
    #[error("the data folder {} cannot be used: {cause}; move it away, or start with --ephemeral", .folder.display())]
    DataFolder {
        /// Which.
        folder: PathBuf,
        /// Why.
        cause: String,
    },
    /// Another holdpoint has the data folder open.
    #[error("another holdpoint is using the data folder {}: stop it, or choose another with --data-dir", .0.display())]
    Locked(PathBuf),
    /// The other DynamoDB does not answer.
    #[error("DynamoDB at {endpoint} cannot be used: {cause}")]
    Endpoint {
        /// Which.
        endpoint: String,
        /// Why.
        cause: String,
    },
    /// The table does not exist, and is not ours to create.
    #[error("there is no table {0}: deploy the stack first (see docs/operate.md, Deploy)")]
    NoTable(String),
    /// The embedded DynamoDB does not start.
    #[error("the embedded DynamoDB does not start: {0}")]
    Emulator(String),
    /// The embedded S3 does not start.
    #[error("the embedded S3 does not start: {0}")]
    Files(String),
    /// `template.yaml` or `data.yaml` lacks something.
    #[error("the template: {0}")]
    Template(String),
    /// The environment lacks something.
    #[error("{0}")]
    Config(#[from] shared::runtime::config::ConfigError),
    /// The store failed.
    #[error("{0}")]
    Store(#[from] shared::store::StoreError),
    /// The demo data could not be made.
    #[error("the demo data could not be made: {0}")]
    Demo(String),
    /// What was given on the command line is not valid.
    #[error("{0}")]
    Usage(String),
}
