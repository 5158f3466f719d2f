//! The embedded S3: `s3s-fs` behind a loopback port, on a thread and a runtime of its own.
//!
//! Its credentials are made anew at each start: who has none, or a URL that was signed with older ones, is refused. It answers no page
//! of another origin: no CORS header is sent, and downloads need none.

mod s3;
#[cfg(test)]
mod tests;

use crate::Error;
use crate::background::Background;
use axum::Router;
use axum::error_handling::HandleError;
use axum::http::{Response, StatusCode};
use s3::Files;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s::{Body, HttpError};
use shared::bucket::{Bucket, BucketSettings, Sources};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The bucket's name.
pub const BUCKET: &str = "holdpoint";
/// The name of the bucket of the stream's records that could not be published.
pub const FAILED_RECORDS: &str = "holdpoint-failed-records";

/// A running S3. Dropping it stops it; requests under way are finished first.
pub struct FileServer {
    endpoint: String,
    access_key: String,
    secret_key: String,
    /// Deleted at the end.
    temporary: Option<PathBuf>,
    server: Background,
}

impl FileServer {
    /// Starts with nothing in it; nothing is kept.
    pub fn ephemeral() -> Result<Self, Error> {
        let folder = std::env::temp_dir().join(format!("holdpoint-{}", secret()?));
        let mut server = Self::serve(&folder)?;
        server.temporary = Some(folder);
        Ok(server)
    }

    /// Starts with what the folder holds, and keeps everything there. Uploads that no review named for a day are deleted first, as
    /// the bucket's lifecycle does it on AWS.
    pub fn in_folder(folder: &Path) -> Result<Self, Error> {
        delete_old_uploads(&folder.join(BUCKET).join("uploads"), Duration::from_hours(24));
        Self::serve(folder)
    }

    fn serve(folder: &Path) -> Result<Self, Error> {
        [folder, &folder.join(BUCKET), &folder.join(FAILED_RECORDS)]
            .into_iter()
            .try_for_each(make_folder)
            .map_err(|error| Error::DataFolder { folder: folder.to_owned(), cause: error.to_string() })?;
        let failed = |error: std::io::Error| Error::Files(error.to_string());
        let (access_key, secret_key) = (secret()?, secret()?);
        let files = Files::new(folder).map_err(Error::Files)?;
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(access_key.clone(), secret_key.clone()));
        let service = HandleError::new(service.build(), broken);
        let router = Router::new().fallback_service(service);
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        let endpoint = format!("http://{}", listener.local_addr().map_err(failed)?);
        let server = Background::start("s3", 1, listener, async move |listener, stopped| {
            axum::serve(listener, router).with_graceful_shutdown(stopped.wait()).await
        });
        Ok(Self { endpoint, access_key, secret_key, temporary: None, server: server.map_err(failed)? })
    }

    /// Where it is.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The bucket in it.
    pub fn bucket(&self) -> Bucket {
        self.bucket_with(Sources::default())
    }

    /// The bucket of failed records in it.
    pub fn failed_records(&self) -> Bucket {
        self.bucket_named(FAILED_RECORDS)
    }

    /// Any bucket in it.
    pub fn bucket_named(&self, name: &str) -> Bucket {
        bucket(&self.endpoint, &self.access_key, &self.secret_key, name, Sources::default())
    }

    /// As [`FileServer::bucket`]; these other buckets may be read.
    pub fn bucket_with(&self, sources: Sources) -> Bucket {
        bucket(&self.endpoint, &self.access_key, &self.secret_key, BUCKET, sources)
    }
}

impl Drop for FileServer {
    fn drop(&mut self) {
        self.server.stop();
        if let Some(folder) = &self.temporary {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// The bucket in an S3 that is not AWS's.
pub fn bucket(endpoint: &str, access_key: &str, secret_key: &str, name: &str, sources: Sources) -> Bucket {
    use aws_sdk_dynamodb::config::Credentials;
    Bucket::new(BucketSettings {
        name: name.to_owned(),
        // What other servers take for any.
        region: "us-east-1".into(),
        endpoint: Some(endpoint.to_owned()),
        credentials: Credentials::new(access_key, secret_key, None, None, "local"),
        roots: shared::store::Roots::System,
        endpoint_kind: shared::store::EndpointKind::default(),
        sources,
    })
}

/// The parts of `http://ACCESS_KEY:SECRET_KEY@HOST:PORT`.
pub fn endpoint_and_keys(endpoint: &str) -> Option<(String, &str, &str)> {
    let (scheme, rest) = endpoint.split_once("://")?;
    let (keys, host) = rest.rsplit_once('@')?;
    let (access_key, secret_key) = keys.split_once(':')?;
    let is_given = !access_key.is_empty() && !secret_key.is_empty() && !host.is_empty();
    is_given.then(|| (format!("{scheme}://{host}"), access_key, secret_key))
}

async fn broken(_: HttpError) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// 128 random bits.
fn secret() -> Result<String, Error> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| Error::Files(format!("no randomness: {error}")))?;
    Ok(shared::hex::hex(&random))
}

/// A folder that only its owner can read, also one that was there: it holds customers' documents. Links are refused: they lead elsewhere.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    if std::fs::symlink_metadata(folder)?.is_symlink() {
        return Err(std::io::Error::other("it is a symbolic link"));
    }
    #[cfg(unix)]
    std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}

/// Best effort: what stays is deleted by the next start.
fn delete_old_uploads(folder: &Path, age: Duration) {
    let Some(limit) = SystemTime::now().checked_sub(age) else { return };
    let entries = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
    for file in entries(folder).flat_map(|organization| entries(&organization.path())) {
        let written = file.metadata().and_then(|metadata| metadata.modified());
        if written.is_ok_and(|written| written < limit) {
            let _ = std::fs::remove_file(file.path());
        }
    }
}
