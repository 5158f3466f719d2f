//! `holdpoint`: the whole product with one command, and the administration of API keys and people.

mod cli;
mod keys;
mod open;
mod people;
mod policy;

use clap::Parser;
use cli::{Cli, Command};
use keys::keys;
use local::demo::{self, DemoKeys};
use local::emulator;
use local::files::FileServer;
use local::links::Links;
use local::server::Reach;
use local::stream::{self, StreamReader};
use local::triggers::Triggers;
use local::{Error, server, table};
use open::Opened;
use publish::{Bus, Outbound, Publisher};
use shared::api::{self, App};
use shared::bucket::Bucket;
use shared::egress::Egress;
use shared::review::{OrganizationId, Timestamp};
use shared::store::ApiKey;
use std::process::ExitCode;
use std::sync::Arc;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

fn main() -> ExitCode {
    // The child that renders a page is this executable, too, and is nothing else then.
    #[cfg(feature = "pages")]
    if let Some(ended) = page::child::serve() {
        return ended;
    }
    begin()
}

#[tokio::main]
async fn begin() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        Some(Command::Keys { command }) => keys(&cli.data, command).await,
        Some(Command::Sso { command }) => people::sso(&cli.data, command).await,
        Some(Command::Members { command }) => people::members(&cli.data, command).await,
        Some(Command::Policy { command }) => policy::policy(&cli.data, command).await,
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

async fn run(cli: Cli) -> Result<(), Error> {
    // The port first: if it is taken, which is the most common mistake, nothing must be left behind.
    let listener = server::listen(&cli.host, cli.port).await?;
    let opened = cli.data.open().await?;
    // Only now: the data folder is ours.
    let files = cli.data.open_bucket()?;
    let keys = demo_keys(&cli, &opened, files.bucket.as_ref()).await?;
    let address =
        listener.local_addr().map_err(|cause| Error::Listen { address: cli.host.clone(), cause })?;
    log_for_terminal();
    let links = Arc::new(Links::default());
    banner(&cli, &format!("http://{address}"), keys.as_ref(), &links)?;
    let failed_records = files.server.as_ref().map(FileServer::failed_records);
    let triggers = triggers(&cli, &opened, failed_records, format!("http://{address}")).await?;
    let mut app = App::new(opened.store);
    app.bucket = files.bucket;
    app.egress = Egress::PublicAndLoopback;
    // Here it is plain http, over which browsers would not send a cookie that is meant for https.
    app.https = false;
    app.organization = OrganizationId::parse(demo::ORGANIZATION).ok();
    let mut reach = Reach { names: cli.allow_host, origins: cli.cors_origin, links };
    // The name given with --host is a name it is reached by.
    reach.names.push(format!("{}:{}", cli.host, address.port()));
    server::serve(listener, Arc::new(app), &reach, stop_signal()).await?;
    if let Some(triggers) = triggers {
        triggers.stop().await;
    }
    drop(files.server);
    drop(opened.emulator);
    println!("\nholdpoint stopped.");
    Ok(())
}

/// The triggered functions, unless the table is on AWS, where it has its own.
async fn triggers(
    cli: &Cli,
    opened: &Opened,
    failed_records: Option<Bucket>,
    pages: String,
) -> Result<Option<Triggers>, Error> {
    let Some(endpoint) = &opened.endpoint else { return Ok(None) };
    let sdk = emulator::sdk();
    let bus = cli.data.event_bus_endpoint.clone();
    let bus = bus.map(|endpoint| Bus::new(publish::event_bus_at(&sdk, Some(endpoint)), "default"));
    let step_functions = cli.data.step_functions_endpoint.clone();
    let step_functions = step_functions.map(|endpoint| publish::step_functions_at(&sdk, Some(endpoint)));
    let outbound = Outbound::new(Egress::PublicAndLoopback);
    let clock = Arc::new(api::system_time);
    let publisher = Publisher::new(opened.store.clone(), clock, bus, step_functions, outbound);
    let publisher = publisher.keeping_in(failed_records).with_pages_at(Some(pages));

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
async fn demo_keys(cli: &Cli, opened: &Opened, bucket: Option<&Bucket>) -> Result<Option<DemoKeys>, Error> {
    let kept = !cli.data.ephemeral && opened.emulator.is_some();
    let file = kept.then(|| cli.data.folder.join("demo-keys.json"));
    if let Some(keys) = file.as_deref().and_then(DemoKeys::load) {
        return Ok(Some(keys));
    }
    if cli.no_demo || (opened.emulator.is_none() && !opened.created) {
        return Ok(None);
    }
    // Saved last: if the start is interrupted here, the next one seeds again, on what is there already.
    let keys = demo::seed(&opened.store, bucket, now()).await?;
    if let Some(file) = file {
        keys.save(&file)?;
    }
    Ok(Some(keys))
}

fn banner(cli: &Cli, url: &str, keys: Option<&DemoKeys>, links: &Links) -> Result<(), Error> {
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
        return Ok(());
    };
    println!("Demo keys, of {}, with what each may do, and their groups:", demo::ORGANIZATION);
    for (person, key) in demo::PEOPLE.iter().zip([&keys.dana, &keys.ben, &keys.agent]) {
        let words: Vec<&str> = person.scopes.iter().map(|scope| scope.as_str()).collect();
        println!("  {:<13} {:<22} {:<22} {key}", person.name, words.join(", "), person.groups.join(", "));
    }
    println!();
    println!("Review in a browser: each link signs in once, within five minutes, on this machine only:");
    for (demo::Person { name, .. }, key) in demo::PEOPLE.iter().zip([&keys.dana, &keys.ben]) {
        if let Some(key) = ApiKey::parse(key) {
            println!("  {name:<13} {url}{}", links.make(key.digest(), now())?);
        }
    }
    println!("Later, sign in at {url}/inbox with a key.\n");
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
    Ok(())
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
    // The embedded S3 calls each object that is not there an error.
    let ours =
        Targets::new().with_target("holdpoint", LevelFilter::INFO).with_target("s3s", LevelFilter::OFF);
    let ours = ours.with_default(LevelFilter::ERROR);
    let layer = tracing_subscriber::fmt::layer().compact().with_ansi(false).with_target(false);
    tracing_subscriber::registry().with(layer.with_writer(std::io::stderr).with_filter(ours)).init();
}
