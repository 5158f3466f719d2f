//! Opening the store that the command line names.

use crate::cli::Data;
use local::Error;
use local::emulator::{self, Emulator};
use local::files::{self, FileServer};
use local::table::{self, Stream};
use shared::bucket::{Bucket, Sources};
use shared::runtime::config::Config;
use shared::store::Store;

/// The bucket that the options name, and what keeps it alive.
pub(crate) struct OpenedBucket {
    pub(crate) bucket: Option<Bucket>,
    pub(crate) server: Option<FileServer>,
}

/// The store that the options name, what keeps it alive, and whether its table was just created.
pub(crate) struct Opened {
    pub(crate) store: Store,
    /// Where the table is, unless it is on AWS.
    pub(crate) endpoint: Option<String>,
    pub(crate) emulator: Option<Emulator>,
    pub(crate) created: bool,
}

impl Data {
    pub(crate) async fn open(&self) -> Result<Opened, Error> {
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

    /// With `--aws` the bucket that the environment names, if it names one.
    pub(crate) fn open_bucket(&self) -> Result<OpenedBucket, Error> {
        if self.aws {
            let bucket = Config::for_table(self.table.clone())?.bucket()?;
            return Ok(OpenedBucket { bucket, server: None });
        }
        let names = Sources::whole(&self.source_bucket);
        let sources =
            names.ok_or_else(|| Error::Usage("--source-bucket: not the name of a bucket".into()))?;
        if let Some(endpoint) = &self.s3_endpoint {
            let parts = files::endpoint_and_keys(endpoint).ok_or_else(|| {
                Error::Usage("--s3-endpoint: not of the form http://ACCESS_KEY:SECRET_KEY@HOST:PORT".into())
            })?;
            let (url, access_key, secret_key) = parts;
            let bucket = files::bucket(&url, access_key, secret_key, &self.s3_bucket, sources);
            return Ok(OpenedBucket { bucket: Some(bucket), server: None });
        }
        let folder = self.folder.join("files");
        let server = if self.ephemeral { FileServer::ephemeral() } else { FileServer::in_folder(&folder) }?;
        Ok(OpenedBucket { bucket: Some(server.bucket_with(sources)), server: Some(server) })
    }

    pub(crate) async fn open_endpoint(&self, endpoint: &str) -> Result<Opened, Error> {
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
