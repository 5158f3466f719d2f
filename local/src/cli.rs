//! The command line of `holdpoint`.

use clap::{Args, Parser, Subcommand};
use local::demo;
use shared::review::Timestamp;
use std::path::PathBuf;
use std::str::FromStr;

/// The human review gate for automated workflows, on this machine.
#[derive(Parser)]
#[command(name = "holdpoint", version, about, args_conflicts_with_subcommands = false)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Listen on this port; 0 chooses a free one.
    #[arg(long, default_value_t = 8787)]
    pub(crate) port: u16,
    /// Listen on this address. Other machines can reach any address but loopback; they need an API key.
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) host: String,
    /// Also accept requests for this host name, such as `desk.example.com` or `localhost:9000`. Repeatable.
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_host: Vec<String>,
    /// Allow pages of this origin to call the API from a browser, such as `http://localhost:5173`. Default: none. Repeatable.
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) cors_origin: Vec<String>,
    /// Start without demo data.
    #[arg(long)]
    pub(crate) no_demo: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// How long a key lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lifetime {
    days: Option<u32>,
}

impl Lifetime {
    /// When a key ends that begins now; `None` if it never does.
    pub(crate) fn end(self, now: Timestamp) -> Option<Timestamp> {
        self.days.map(|days| now.plus_millis(i64::from(days) * 86_400_000))
    }
}

impl FromStr for Lifetime {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "never" {
            return Ok(Self { days: None });
        }
        let days = text.parse().ok().filter(|days| (1..=3650).contains(days));
        days.map(|days| Self { days: Some(days) }).ok_or("must be 1 to 3650 days, or never")
    }
}

/// Where the data is.
#[derive(Args)]
pub(crate) struct Data {
    /// Store the data of the embedded DynamoDB and S3 in this folder.
    #[arg(long = "data-dir", global = true, default_value = ".holdpoint", value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
    /// Keep nothing: data is in memory, documents are in a temporary folder.
    #[arg(long, global = true, conflicts_with_all = ["dynamodb_endpoint", "aws"])]
    pub(crate) ephemeral: bool,
    /// Use another DynamoDB that does not check credentials, e.g. DynamoDB Local.
    #[arg(long, global = true, value_name = "URL", conflicts_with = "aws")]
    pub(crate) dynamodb_endpoint: Option<String>,
    /// Use a deployed table on AWS: region and credentials from the environment (`AWS_REGION`, `AWS_ACCESS_KEY_ID`, …).
    #[arg(long, global = true)]
    pub(crate) aws: bool,
    /// The table's name.
    #[arg(long, global = true, default_value = "holdpoint")]
    pub(crate) table: String,
    /// Use the bucket `--s3-bucket` of another S3, in the region `us-east-1`. Default: an embedded one, in the data folder.
    #[arg(long, value_name = "http://ACCESS_KEY:SECRET_KEY@HOST:PORT", conflicts_with = "aws")]
    pub(crate) s3_endpoint: Option<String>,
    /// The bucket of that S3.
    #[arg(long, default_value = local::files::BUCKET, value_name = "NAME")]
    pub(crate) s3_bucket: String,
    /// A review may name documents in this bucket. Repeatable.
    #[arg(long, value_name = "NAME")]
    pub(crate) source_bucket: Vec<String>,
    /// Send callbacks of Step Functions tasks to this endpoint. Default: none are sent.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) step_functions_endpoint: Option<String>,
    /// Put events on the bus `default` of EventBridge at this endpoint. Default: none are put.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) event_bus_endpoint: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Administer API keys.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Administer the policies of workflows: when outputs are held, who reviews them, by when, and how many must approve.
    Policy {
        #[command(subcommand)]
        command: PolicyCommand,
    },
    /// Administer where an organization's people sign in (OpenID Connect).
    Sso {
        #[command(subcommand)]
        command: SsoCommand,
    },
    /// Administer an organization's people.
    Members {
        #[command(subcommand)]
        command: MembersCommand,
    },
}

#[derive(Subcommand)]
pub(crate) enum PolicyCommand {
    /// Print a workflow's policy: the rules by block on standard output, its rev on standard error.
    Get(PolicyOf),
    /// Create or replace a workflow's policy.
    Put {
        #[command(flatten)]
        of: PolicyOf,
        /// The rules by block, as JSON; `-` is standard input.
        #[arg(long)]
        file: PathBuf,
        /// The rev that it replaces, 0 where there is none. Default: whatever is there.
        #[arg(long)]
        version_stamp: Option<u64>,
    },
    /// Delete a workflow's policy; its changes are kept.
    Delete {
        #[command(flatten)]
        of: PolicyOf,
        /// The rev that is deleted. Default: whatever is there.
        #[arg(long)]
        version_stamp: Option<u64>,
    },
    /// Check rules without storing them.
    Check {
        #[command(flatten)]
        of: PolicyOf,
        /// The rules by block, as JSON; `-` is standard input.
        #[arg(long)]
        file: PathBuf,
        /// Also evaluate their predicates on so many of the workflow's newest reviews: of those, how many would have been held.
        #[arg(long, value_name = "REVIEWS", num_args = 0..=1, default_missing_value = "200", value_parser = clap::value_parser!(u16).range(1..=200))]
        against: Option<u16>,
    },
}

/// Whose policy it is.
#[derive(Args)]
pub(crate) struct PolicyOf {
    /// The workflow.
    pub(crate) workflow: String,
    #[arg(long, default_value = demo::ORGANIZATION)]
    pub(crate) organization: String,
}

#[derive(Subcommand)]
pub(crate) enum SsoCommand {
    /// Add an issuer, or change the one with this id. See docs/sign-in.md for which values go where.
    Add(AddIssuer),
    /// List an organization's issuers.
    List {
        #[arg(long, default_value = demo::ORGANIZATION)]
        organization: String,
    },
    /// Remove an issuer. Sessions that it has begun go on until they end.
    Remove {
        /// As `list` shows it.
        id: String,
        #[arg(long, default_value = demo::ORGANIZATION)]
        organization: String,
    },
    /// Say whether API keys sign in at the inbox; for programs they always work.
    KeySignIn {
        /// `on` or `off`.
        #[arg(value_parser = ["on", "off"])]
        state: String,
        #[arg(long, default_value = demo::ORGANIZATION)]
        organization: String,
    },
}

#[derive(Args)]
pub(crate) struct AddIssuer {
    #[arg(long, default_value = demo::ORGANIZATION)]
    pub(crate) organization: String,
    /// What addresses call it: lower-case letters, digits and hyphens.
    #[arg(long)]
    pub(crate) id: String,
    /// What people call it: "Continue with NAME".
    #[arg(long)]
    pub(crate) name: String,
    /// The issuer's URL, exactly as its metadata says it.
    #[arg(long, value_name = "URL")]
    pub(crate) issuer: String,
    #[arg(long)]
    pub(crate) client_id: String,
    /// Read the client secret from standard input: an argument would be in the shell's history.
    #[arg(long)]
    pub(crate) client_secret_stdin: bool,
    /// The domains of e-mail addresses that `--lets-in` means.
    #[arg(long, value_delimiter = ',')]
    pub(crate) email_domains: Vec<String>,
    /// Whoever signs in with a verified address of these domains becomes a reviewer.
    #[arg(long, requires = "email_domains")]
    pub(crate) lets_in: bool,
    /// The claim that lists somebody's groups.
    #[arg(long)]
    pub(crate) groups_claim: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum MembersCommand {
    /// Print a link that makes whoever signs in with it a member, once, within seven days.
    Invite {
        #[arg(long, default_value = demo::ORGANIZATION)]
        organization: String,
        /// reviewer, lead, admin.
        #[arg(long, value_delimiter = ',', default_value = "reviewer")]
        roles: Vec<String>,
        #[arg(long, value_delimiter = ',')]
        groups: Vec<String>,
        /// Only who has this address, verified by the issuer, can use it.
        #[arg(long)]
        email: Option<String>,
        /// Where the inbox is.
        #[arg(long, default_value = "http://127.0.0.1:8787")]
        url: String,
    },
    /// List an organization's members.
    List {
        #[arg(long, default_value = demo::ORGANIZATION)]
        organization: String,
    },
    /// Disable a member: their sessions end, and nobody signs in as them.
    Disable {
        /// As `list` shows it: user_…
        id: String,
        #[arg(long, default_value = demo::ORGANIZATION)]
        organization: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum KeysCommand {
    /// Create a key and print it, once: the key alone on standard output, the details on standard error.
    Create(CreateKey),
    /// Replace a key by a new one with the same actor and scopes; the old one stays valid for a while.
    Rotate {
        /// The old key, as `list` shows it: key_…
        key_id: String,
        #[arg(long, default_value = demo::ORGANIZATION)]
        organization: String,
        /// For how many hours the old key stays valid; 0 revokes it at once.
        #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(0..=8760))]
        keep_old_for_hours: u32,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// List an organization's keys.
    List {
        #[arg(long, default_value = demo::ORGANIZATION)]
        organization: String,
    },
    /// Revoke a key by its id; it stops working within a minute.
    Revoke {
        /// As `list` shows it: key_…
        key_id: String,
        #[arg(long, default_value = demo::ORGANIZATION)]
        organization: String,
    },
}

#[derive(Args)]
pub(crate) struct CreateKey {
    #[arg(long, default_value = demo::ORGANIZATION)]
    pub(crate) organization: String,
    /// The kind of actor: human, agent or model.
    #[arg(long, default_value = "human")]
    pub(crate) kind: String,
    /// The actor's id, stable within the organization.
    #[arg(long)]
    pub(crate) id: String,
    /// The actor's name, for people to read.
    #[arg(long)]
    pub(crate) name: String,
    /// What the key may do: read, review, runtime, admin.
    #[arg(long, value_delimiter = ',', default_value = "read,review")]
    pub(crate) scopes: Vec<String>,
    /// The groups that the actor belongs to, as policies name them; at most 50.
    #[arg(long, value_delimiter = ',', value_name = "GROUPS")]
    pub(crate) groups: Vec<String>,
    /// After how many days it expires: 1 to 3650, or `never`.
    #[arg(long, default_value = "365", value_name = "DAYS")]
    pub(crate) expires_in_days: Lifetime,
    /// Print one JSON object: `key`, `key_id`, `kind`, `id`, `name`, `scopes`, `expires_at`.
    #[arg(long)]
    pub(crate) json: bool,
}
