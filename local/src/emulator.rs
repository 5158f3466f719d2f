//! The embedded DynamoDB: `dynoxide` behind a loopback port, on a thread and a runtime of its own.
//!
//! Its endpoint is written `http://ACCESS_KEY@127.…:PORT`: who does not know the access key is refused (`dynamodb_api`).
//!
//! Its handlers call SQLite while they hold one mutex; on our runtime they would hold up our requests.

use crate::background::Background;
use crate::{Error, dynamodb_api};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Credentials, Region};
use dynoxide::Database;
use dynoxide::storage_backend::Clock;
use std::fs::{File, TryLockError};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

/// A running emulator. Dropping it stops it; requests under way are finished first.
pub struct Emulator {
    endpoint: String,
    database: Database,
    server: Background,
    folder: Option<DataFolder>,
}

/// The data folder, ours alone while this lives.
struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl Emulator {
    /// The database's file in a data folder.
    const DATABASE: &'static str = "holdpoint.db";
    const LOCK: &'static str = "lock";
    /// Where a running product says on which port its emulator listens, for `holdpoint keys`.
    const ENDPOINT: &'static str = "dynamodb-endpoint";
    /// The access key of the emulator of this folder.
    const ACCESS_KEY: &'static str = "dynamodb-access-key";

    /// Starts with nothing in it; nothing is kept.
    pub fn ephemeral() -> Result<Self, Error> {
        let database = Database::memory().map_err(|error| Error::Emulator(error.to_string()))?;
        Self::serve(database, &new_access_key()?, None)
    }

    /// As [`Emulator::ephemeral`], with another clock, in milliseconds since 1970: for tests of what comes with time.
    pub fn ephemeral_at(now_millis: impl Fn() -> i64 + Send + Sync + 'static) -> Result<Self, Error> {
        let clock = std::sync::Arc::new(GivenClock(now_millis));
        let database =
            Database::memory_with_clock(clock).map_err(|error| Error::Emulator(error.to_string()))?;
        Self::serve(database, &new_access_key()?, None)
    }

    /// Starts with what the folder holds, and keeps everything there.
    pub fn in_folder(folder: &Path) -> Result<Self, Error> {
        let unusable = |cause: String| Error::DataFolder { folder: folder.to_owned(), cause };
        let locked = DataFolder::lock(folder)?;
        let file = folder.join(Self::DATABASE);
        // SQLite would make it readable for all; its journals get the permissions that it has.
        private_file(&file, false).map_err(|error| unusable(error.to_string()))?;
        let open = || Database::new(&file.to_string_lossy()).map_err(|error| unusable(error.to_string()));
        drop(open()?);
        keep_stream_short(&file).map_err(|error| unusable(error.to_string()))?;
        let database = open()?;
        // The first question a broken file cannot answer.
        database.table_count().map_err(|error| unusable(error.to_string()))?;
        let emulator = Self::serve(database, &access_key(folder)?, Some(locked))?;
        write_private(&folder.join(Self::ENDPOINT), emulator.endpoint.as_bytes())
            .map_err(|error| unusable(error.to_string()))?;
        Ok(emulator)
    }

    /// The endpoint of the product that runs on this folder, if one does.
    pub fn running_in(folder: &Path) -> Option<String> {
        matches!(DataFolder::lock(folder), Err(Error::Locked(_)))
            .then(|| std::fs::read_to_string(folder.join(Self::ENDPOINT)).ok())?
    }

    fn serve(database: Database, access_key: &str, folder: Option<DataFolder>) -> Result<Self, Error> {
        let failed = |error: std::io::Error| Error::Emulator(error.to_string());
        let listener = hidden_listener().map_err(failed)?;
        let endpoint = format!("http://{access_key}@{}", listener.local_addr().map_err(failed)?);
        let (tables, access_key) = (database.clone(), access_key.to_owned());
        let server = Background::start("dynamodb", 2, listener, async move |listener, stopped| {
            dynamodb_api::serve(listener, tables, &access_key, stopped.wait()).await
        });
        Ok(Self { endpoint, database, server: server.map_err(failed)?, folder })
    }

    /// Where it is, and with which access key; for [`client`].
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// What DynamoDB's TTL does on AWS by itself: deletes what is past its time. Holds the database while it works.
    pub fn delete_expired(&self) -> Result<usize, Error> {
        delete_expired(&self.database)
    }

    /// The same, for another thread.
    pub fn time_to_live(&self) -> impl Fn() -> Result<usize, Error> + Send + Sync + 'static + use<> {
        let database = self.database.clone();
        move || delete_expired(&database)
    }

    /// A client for it.
    pub fn client(&self) -> Client {
        client(&self.endpoint)
    }
}

/// A clock of the caller's.
struct GivenClock<F>(F);

impl<F: Fn() -> i64 + Send + Sync> Clock for GivenClock<F> {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from((self.0)().div_euclid(1000)).unwrap_or_default()
    }

    #[allow(clippy::cast_precision_loss)] // milliseconds are far below 2^53
    fn now_unix_secs_f64(&self) -> f64 {
        (self.0)() as f64 / 1000.0
    }
}

fn delete_expired(database: &Database) -> Result<usize, Error> {
    database.sweep_ttl().map_err(|error| Error::Emulator(error.to_string()))
}

/// Gives the emulator's stream what AWS's has: an end after 24 hours. And an index, without which each write takes as long
/// as the stream is. Both rest on a private table of the pinned `dynoxide-rs`; `the_emulators_stream_is_found_by_an_index`
/// holds them to it.
fn keep_stream_short(file: &Path) -> rusqlite::Result<()> {
    rusqlite::Connection::open(file)?.execute_batch(
        "CREATE INDEX IF NOT EXISTS holdpoint_stream ON _stream_records (table_name, CAST(sequence_number AS INTEGER));
         DELETE FROM _stream_records WHERE created_at < unixepoch() - 86400;",
    )
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.server.stop();
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_file(folder.path.join(Self::ENDPOINT));
        }
    }
}

impl DataFolder {
    fn lock(folder: &Path) -> Result<Self, Error> {
        let unusable =
            |error: std::io::Error| Error::DataFolder { folder: folder.to_owned(), cause: error.to_string() };
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        // It holds customers' documents: readable by its owner only.
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(unusable)?;
        #[cfg(unix)]
        make_private(folder).map_err(unusable)?;
        let lock = private_file(&folder.join(Emulator::LOCK), true).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: folder.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Error::Locked(folder.to_owned())),
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }
}

/// An access key that cannot be guessed: 128 random bits.
fn new_access_key() -> Result<String, Error> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| Error::Emulator(format!("no randomness: {error}")))?;
    Ok(random.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}")))
}

/// The access key of a data folder: made once, so that an endpoint stays valid after a restart.
fn access_key(folder: &Path) -> Result<String, Error> {
    let file = folder.join(Emulator::ACCESS_KEY);
    if let Ok(kept) = std::fs::read_to_string(&file)
        && kept.len() == 32
        && kept.bytes().all(|byte| byte.is_ascii_hexdigit())
    {
        return Ok(kept);
    }
    let key = new_access_key()?;
    let unusable =
        |error: std::io::Error| Error::DataFolder { folder: folder.to_owned(), cause: error.to_string() };
    write_private(&file, key.as_bytes()).map_err(unusable)?;
    Ok(key)
}

/// Listens at a random address of the loopback net, where the system has more than one (Linux), on any port: what does not know
/// the access key should not even find where to try.
fn hidden_listener() -> std::io::Result<std::net::TcpListener> {
    let mut random = [0; 3];
    let hidden =
        getrandom::fill(&mut random).is_ok().then(|| Ipv4Addr::new(127, random[0], random[1], random[2]));
    let listener = hidden.and_then(|address| std::net::TcpListener::bind((address, 0)).ok());
    listener.map_or_else(|| std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)), Ok)
}

/// A client for an emulator, or for another DynamoDB that checks no credentials.
pub fn client(endpoint: &str) -> Client {
    Client::from_conf(config(endpoint).build())
}

/// The configuration of such a client.
pub fn config(endpoint: &str) -> aws_sdk_dynamodb::config::Builder {
    let (url, access_key) = url_and_access_key(endpoint);
    shared::store::dynamodb(&sdk_with(access_key)).endpoint_url(url)
}

/// An endpoint's URL, and the access key that was written into it; `local` where there is none.
pub fn url_and_access_key(endpoint: &str) -> (String, &str) {
    let parts = endpoint.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.split_once('@')?)));
    match parts {
        Some((scheme, (access_key, rest))) => (format!("{scheme}://{rest}"), access_key),
        None => (endpoint.to_owned(), "local"),
    }
}

/// What clients of services have in common that check no credentials.
pub fn sdk() -> aws_types::SdkConfig {
    sdk_with("local")
}

/// As [`sdk`], with this access key. The secret does not matter: signatures are not checked. The region must be one of AWS's: other
/// servers, such as moto, look it up.
pub(crate) fn sdk_with(access_key: &str) -> aws_types::SdkConfig {
    let credentials = Credentials::new(access_key, "local", None, None, "local");
    shared::store::sdk(Region::new("us-east-1"), credentials, shared::store::Roots::System)
}

/// Makes a folder that was there already its owner's alone, and what is in it, too. Links in it are refused: they would be
/// followed to files elsewhere. Once the folder is private, nobody else can create one.
#[cfg(unix)]
fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let permit =
        |path: &Path, mode: u32| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode));
    if std::fs::metadata(folder)?.permissions().mode() & 0o777 != 0o700 {
        permit(folder, 0o700)?;
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?; // of a link itself, not of what it leads to
        if metadata.is_symlink() {
            let name = entry.file_name().to_string_lossy().into_owned();
            return Err(std::io::Error::other(format!("{name} in it is a symbolic link")));
        }
        if metadata.is_file() && metadata.permissions().mode() & 0o077 != 0 {
            permit(&entry.path(), 0o600)?;
        }
    }
    Ok(())
}

/// Writes a file that only its owner can read.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    private_file(path, true)?.write_all(content)
}

/// Opens a file to be written, which, if it is new, only its owner can read. `empty`: whatever it held is dropped.
fn private_file(path: &Path, empty: bool) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(empty);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
