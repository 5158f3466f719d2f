//! `holdpoint`: the whole product with one command, and the administration of API keys.

use clap::{Args, Parser, Subcommand};
use local::api_keys::{self, NewKey};
use local::demo::{self, DemoKeys};
use local::emulator::{self, Emulator};
use local::server::Reach;
use local::stream::{self, StreamReader};
use local::table::Stream;
use local::triggers::Triggers;
use local::{Error, server, table};
use publish::{Bus, Outbound, Publisher};
use shared::api::{self, App};
use shared::egress::Egress;
use shared::review::{OrganizationId, Timestamp};
use shared::runtime::config::Config;
use shared::store::{ApiKey, KeyRecord, Scope, Store};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

/// The human review gate for automated workflows, on this machine.
#[derive(Parser)]
#[command(name = "holdpoint", version, about, args_conflicts_with_subcommands = false)]
struct Cli {
    #[command(flatten)]
    data: Data,
    /// Listen on this port; 0 chooses a free one.
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// Listen on this address. Other machines can reach any address but loopback; they need an API key.
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Also accept requests for this host name, such as `desk.example.com` or `localhost:9000`. Repeatable.
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
    /// Allow pages of this origin to call the API from a browser, such as `http://localhost:5173`. Default: none. Repeatable.
    #[arg(long, value_name = "ORIGIN")]
    cors_origin: Vec<String>,
    /// Start without demo data.
    #[arg(long)]
    no_demo: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Where the data is.
#[derive(Args)]
struct Data {
    /// Store the data of the embedded DynamoDB in this folder.
    #[arg(long = "data-dir", global = true, default_value = ".holdpoint", value_name = "FOLDER")]
    folder: PathBuf,
    /// Keep data in memory only.
    #[arg(long, global = true, conflicts_with_all = ["dynamodb_endpoint", "aws"])]
    ephemeral: bool,
    /// Use another DynamoDB that does not check credentials, e.g. DynamoDB Local.
    #[arg(long, global = true, value_name = "URL", conflicts_with = "aws")]
    dynamodb_endpoint: Option<String>,
    /// Use a deployed table on AWS: region and credentials from the environment (`AWS_REGION`, `AWS_ACCESS_KEY_ID`, …).
    #[arg(long, global = true)]
    aws: bool,
    /// The table's name.
    #[arg(long, global = true, default_value = "holdpoint")]
    table: String,
    /// Send callbacks of Step Functions tasks to this endpoint. Default: none are sent.
    #[arg(long, global = true, value_name = "URL")]
    step_functions_endpoint: Option<String>,
    /// Put events on the bus `default` of EventBridge at this endpoint. Default: none are put.
    #[arg(long, global = true, value_name = "URL")]
    event_bus_endpoint: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Administer API keys.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
}

#[derive(Subcommand)]
enum KeysCommand {
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
struct CreateKey {
    #[arg(long, default_value = demo::ORGANIZATION)]
    organization: String,
    /// The kind of actor: human, agent or model.
    #[arg(long, default_value = "human")]
    kind: String,
    /// The actor's id, stable within the organization.
    #[arg(long)]
    id: String,
    /// The actor's name, for people to read.
    #[arg(long)]
    name: String,
    /// What the key may do: read, review, runtime, admin.
    #[arg(long, value_delimiter = ',', default_value = "read,review")]
    scopes: Vec<String>,
    /// After how many days it expires. Default: never.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3650))]
    expires_in_days: Option<u32>,
    /// Print one JSON object: `key`, `key_id`, `kind`, `id`, `name`, `scopes`, `expires_at`.
    #[arg(long)]
    json: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Some(Command::Keys { command }) => keys(&cli.data, command).await,
        None => run(cli).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("holdpoint: {error}");
            ExitCode::FAILURE
        }
    }
}

fn now() -> Timestamp {
    chrono::Utc::now().into()
}

/// The store that the options name, what keeps it alive, and whether its table was just created.
struct Opened {
    store: Store,
    /// Where the table is, unless it is on AWS.
    endpoint: Option<String>,
    emulator: Option<Emulator>,
    created: bool,
}

impl Data {
    async fn open(&self) -> Result<Opened, Error> {
        if self.aws {
            let store = Config::for_table(self.table.clone())?.store();
            let there = table::exists(store.client(), &self.table).await?;
            return if there {
                Ok(Opened { store, endpoint: None, emulator: None, created: false })
            } else {
                Err(Error::NoTable(self.table.clone()))
            };
        }
        if let Some(endpoint) = &self.dynamodb_endpoint {
            return self.open_endpoint(endpoint).await;
        }
        let emulator =
            if self.ephemeral { Emulator::ephemeral()? } else { Emulator::in_folder(&self.folder)? };
        let client = emulator.client();
        let created = table::create(&client, &self.table, Stream::On).await?;
        if !created && !table::has_indexes(&client, &self.table).await? {
            let cause = "it was made by an earlier version".to_owned();
            return Err(Error::DataFolder { folder: self.folder.clone(), cause });
        }
        let endpoint = Some(emulator.endpoint().to_owned());
        Ok(Opened { store: Store::new(client, &self.table), endpoint, emulator: Some(emulator), created })
    }

    async fn open_endpoint(&self, endpoint: &str) -> Result<Opened, Error> {
        let (url, _) = emulator::url_and_access_key(endpoint);
        let unusable = |cause: String| Error::Endpoint { endpoint: url.clone(), cause };
        let well_formed = url.parse::<lambda_http::http::Uri>().is_ok_and(|uri| uri.scheme().is_some());
        if !well_formed {
            return Err(unusable("it is not a URL such as http://127.0.0.1:8000".into()));
        }
        let client = emulator::client(endpoint);
        let there = table::exists(&client, &self.table).await.map_err(|error| unusable(error.to_string()))?;
        let created = !there && table::create(&client, &self.table, Stream::On).await?;
        let endpoint = Some(endpoint.to_owned());
        Ok(Opened { store: Store::new(client, &self.table), endpoint, emulator: None, created })
    }
}

async fn run(cli: Cli) -> Result<(), Error> {
    // The port first: if it is taken, which is the most common mistake, nothing must be left behind.
    let listener = server::listen(&cli.host, cli.port).await?;
    let opened = cli.data.open().await?;
    let keys = demo_keys(&cli, &opened).await?;
    let address =
        listener.local_addr().map_err(|cause| Error::Listen { address: cli.host.clone(), cause })?;
    log_for_terminal();
    banner(&cli, &format!("http://{address}"), keys.as_ref());
    let triggers = triggers(&cli, &opened).await?;
    let mut app = App::new(opened.store);
    app.egress = Egress::PublicAndLoopback;
    // Here it is plain http, over which browsers would not send a cookie that is meant for https.
    app.https = false;
    let mut reach = Reach { names: cli.allow_host, origins: cli.cors_origin };
    // The name given with --host is a name it is reached by.
    reach.names.push(format!("{}:{}", cli.host, address.port()));
    server::serve(listener, Arc::new(app), &reach, stop_signal()).await?;
    if let Some(triggers) = triggers {
        triggers.stop().await;
    }
    drop(opened.emulator);
    println!("\nholdpoint stopped.");
    Ok(())
}

/// The triggered functions, unless the table is on AWS, where it has its own.
async fn triggers(cli: &Cli, opened: &Opened) -> Result<Option<Triggers>, Error> {
    let Some(endpoint) = &opened.endpoint else { return Ok(None) };
    let sdk = emulator::sdk();
    let bus = cli.data.event_bus_endpoint.clone();
    let bus = bus.map(|endpoint| Bus::new(publish::event_bus_at(&sdk, Some(endpoint)), "default"));
    let step_functions = cli.data.step_functions_endpoint.clone();
    let step_functions = step_functions.map(|endpoint| publish::step_functions_at(&sdk, Some(endpoint)));
    let outbound = Outbound::new(Egress::PublicAndLoopback);
    let clock = Arc::new(api::system_time);
    let publisher = Publisher::new(opened.store.clone(), clock, bus, step_functions, outbound);

    let kept = opened.emulator.is_some() && !cli.data.ephemeral;
    let file = kept.then(|| cli.data.folder.join("stream-position.json"));
    let streams = stream::client(endpoint);
    let mut reader = StreamReader::open(streams.clone(), &cli.data.table, file.clone()).await?;
    if reader.is_none() && opened.emulator.is_some() {
        table::enable_stream(opened.store.client(), &cli.data.table).await?;
        reader = StreamReader::open(streams, &cli.data.table, file).await?;
    }
    if let Some(reader) = reader.as_mut().filter(|_| opened.created || !kept) {
        // The demo's past is not delivered; nor is what was written before, if it is unknown how much of it was delivered.
        reader.skip().await?;
    }
    let emulator = opened.emulator.as_ref();
    Ok(Some(Triggers::start(opened.store.clone(), Arc::new(publisher), reader, emulator)))
}

/// The demo's keys: those of the data folder, or new ones with new data. Another DynamoDB's table gets demo data only if it was
/// created just now: else it may hold real data.
async fn demo_keys(cli: &Cli, opened: &Opened) -> Result<Option<DemoKeys>, Error> {
    let kept = !cli.data.ephemeral && opened.emulator.is_some();
    let file = kept.then(|| cli.data.folder.join("demo-keys.json"));
    if let Some(keys) = file.as_deref().and_then(DemoKeys::load) {
        return Ok(Some(keys));
    }
    if cli.no_demo || (opened.emulator.is_none() && !opened.created) {
        return Ok(None);
    }
    // Saved last: if the start is interrupted here, the next one seeds again, on what is there already.
    let keys = demo::seed(&opened.store, now()).await?;
    if let Some(file) = file {
        keys.save(&file)?;
    }
    Ok(Some(keys))
}

fn banner(cli: &Cli, url: &str, keys: Option<&DemoKeys>) {
    let place = match (&cli.data.dynamodb_endpoint, cli.data.aws, cli.data.ephemeral) {
        (Some(endpoint), ..) => {
            format!("table {} at {}", cli.data.table, emulator::url_and_access_key(endpoint).0)
        }
        (None, true, _) => format!("table {} on AWS", cli.data.table),
        (None, false, true) => "in memory, lost when this stops".into(),
        (None, false, false) => format!("in {}", cli.data.folder.display()),
    };
    println!("Holdpoint is at {url}/v1 (data {place}).\n");
    let Some(keys) = keys else {
        println!("API keys: holdpoint keys list, holdpoint keys create --help.  Ctrl-C stops.\n");
        return;
    };
    println!("Demo keys, of {}, with what each may do:", demo::ORGANIZATION);
    for ((_, _, name, scopes), key) in demo::PEOPLE.iter().zip([&keys.dana, &keys.ben, &keys.agent]) {
        let words: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        println!("  {name:<13} {:<22} {key}", words.join(", "));
    }
    println!();
    println!("Review in a browser, with Dana's key:");
    println!("  {url}/inbox\n");
    println!("Try the queue:");
    println!("  curl -s -H 'Api-Key: {}' {url}/v1/workflows/reviews\n", keys.dana);
    println!("Or claim a review from Python (pip install retab==0.0.142):");
    println!(
        "  python3 -c 'from retab import Retab; r = Retab(api_key=\"{}\", base_url=\"{url}/v1\").workflows.reviews; \
         o = r.get(\"run_abc123\", \"block_extract\"); o = r.claim(\"run_abc123\", \"block_extract\", \
         version_stamp=o.version_stamp); print(\"claimed by:\", o.claim.holder.display_name)'\n",
        keys.dana
    );
    println!("Ctrl-C stops. Requests and events appear below.\n");
}

async fn stop_signal() {
    #[cfg(unix)]
    let terminated = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => drop(terminated.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending();
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}

/// One line a request on standard error, for a person to read.
fn log_for_terminal() {
    let ours = Targets::new().with_target("holdpoint", LevelFilter::INFO).with_default(LevelFilter::ERROR);
    let layer = tracing_subscriber::fmt::layer().compact().with_ansi(false).with_target(false);
    tracing_subscriber::registry().with(layer.with_writer(std::io::stderr).with_filter(ours)).init();
}

async fn keys(data: &Data, command: KeysCommand) -> Result<(), Error> {
    if data.ephemeral {
        return Err(Error::Usage("--ephemeral keeps no keys: leave it out".into()));
    }
    let elsewhere = data.aws || data.dynamodb_endpoint.is_some();
    if !elsewhere && !matches!(command, KeysCommand::Create(_)) && !data.folder.exists() {
        return Err(Error::Usage(format!("there is no data in {} yet", data.folder.display())));
    }
    let opened = match Emulator::running_in(&data.folder).filter(|_| !elsewhere) {
        Some(endpoint) => data.open_endpoint(&endpoint).await?,
        None => data.open().await?,
    };
    let organization = |text: &str| {
        OrganizationId::parse(text).map_err(|fault| Error::Usage(format!("the organization {fault}")))
    };
    match command {
        KeysCommand::Create(new) => create_key(&opened.store, organization(&new.organization)?, new).await,
        KeysCommand::Rotate { key_id, organization: text, keep_old_for_hours, json } => {
            rotate_key(&opened.store, &organization(&text)?, &key_id, keep_old_for_hours, json).await
        }
        KeysCommand::List { organization: text } => {
            let records = opened.store.list_keys(&organization(&text)?).await?;
            println!("{}", api_keys::table(&records, now()));
            Ok(())
        }
        KeysCommand::Revoke { key_id, organization: text } => {
            if opened.store.revoke_key(&organization(&text)?, &key_id, now()).await? {
                println!("{key_id} is revoked; it stops working within a minute.");
                Ok(())
            } else {
                Err(Error::Usage(format!("{text} has no key {key_id}")))
            }
        }
    }
}

async fn create_key(store: &Store, organization: OrganizationId, new: CreateKey) -> Result<(), Error> {
    let scopes: Result<Vec<Scope>, Error> = new.scopes.iter().map(|word| api_keys::scope(word)).collect();
    let json = new.json;
    let new = NewKey {
        organization,
        actor: api_keys::actor(&new.kind, &new.id, &new.name)?,
        scopes: scopes?,
        expires_at: new.expires_in_days.map(|days| now().plus_millis(i64::from(days) * 86_400_000)),
    };
    let (key, record) = api_keys::create(store, new, now()).await?;
    print_key(&key, &record, json);
    Ok(())
}

async fn rotate_key(
    store: &Store,
    organization: &OrganizationId,
    key_id: &str,
    keep_old_for_hours: u32,
    json: bool,
) -> Result<(), Error> {
    let end = now().plus_millis(i64::from(keep_old_for_hours) * 3_600_000);
    let (key, record) = api_keys::rotate(store, organization, key_id, end, now()).await?;
    print_key(&key, &record, json);
    eprintln!("{key_id} stays valid until {end}.");
    Ok(())
}

/// The key on standard output, for a program to take; the rest on standard error, for a person.
fn print_key(key: &ApiKey, record: &KeyRecord, json: bool) {
    if json {
        println!("{}", api_keys::json(key, record));
    } else {
        println!("{}", key.reveal());
    }
    eprintln!("{}", api_keys::summary(record));
}
