//! Files: a small client for S3, signed by `aws-sigv4`, over the HTTP client that the SDK brings along.
//!
//! `aws-sdk-s3` would add 1.57 MB to each function that uses it; this adds the requests that we make. A function that never calls a
//! [`Bucket`] does not link it. Signatures bear the system's time, like the SDK's: S3 refuses others, whatever a test's clock says.
//!
//! - `calls`: get, put, copy, head, delete, list; `listing`: the XML of lists. `sign`: signatures, and URLs that carry one.
//! - `disposition`: how a download is named. `keys`: what lies where. `names`: names of buckets.
//! - `erase`: deleting a document for good.

mod calls;
mod disposition;
mod erase;
mod error;
mod keys;
mod listing;
mod names;
mod sign;
#[cfg(test)]
mod tests;

pub use calls::{Listed, ObjectVersion, Stat};
pub use disposition::{attachment, download_type};
pub use erase::Erased;
pub use error::BucketError;
pub use keys::{DocumentPlace, Original, UPLOAD_LIMIT};
pub use names::Sources;
pub use sign::{GetOf, Presigned, PutOf};

use crate::store::{EndpointKind, Roots, tls_context};
use aws_sdk_dynamodb::config::Credentials;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use std::sync::{Arc, OnceLock};

/// One bucket, and the buckets of others that may be read.
#[derive(Clone, Debug)]
pub struct Bucket {
    name: String,
    place: Arc<Place>,
}

/// What the handles of several buckets share.
#[derive(Debug)]
struct Place {
    region: String,
    endpoint: Option<String>,
    endpoint_kind: EndpointKind,
    credentials: Credentials,
    roots: Roots,
    sources: Sources,
    /// Made at the first call: a cold start should not pay for it.
    connector: OnceLock<Connector>,
}

/// Where a bucket is, and who reads it.
#[derive(Clone, Debug)]
pub struct BucketSettings {
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: String,
    /// An S3 other than AWS's, such as `http://127.0.0.1:9000`; buckets are then part of the path.
    pub endpoint: Option<String>,
    /// Which of AWS's endpoints is called, if there is no other.
    pub endpoint_kind: EndpointKind,
    /// Who calls.
    pub credentials: Credentials,
    /// Which certificates are believed.
    pub roots: Roots,
    /// What may be read in buckets of others, in the same region.
    pub sources: Sources,
}

impl Bucket {
    /// Does no I/O.
    pub fn new(settings: BucketSettings) -> Self {
        let BucketSettings { name, region, endpoint, endpoint_kind, credentials, roots, sources } = settings;
        let endpoint = endpoint.map(|url| url.trim_end_matches('/').to_owned());
        let connector = OnceLock::new();
        let place = Place { region, endpoint, endpoint_kind, credentials, roots, sources, connector };
        Self { name, place: Arc::new(place) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Another bucket, if this deployment may read that object in it.
    pub fn source(&self, name: &str, key: &str) -> Option<Self> {
        let allowed = self.place.sources.allow(name, key);
        allowed.then(|| Self { name: name.to_owned(), place: self.place.clone() })
    }

    fn connector(&self) -> &Connector {
        self.place.connector.get_or_init(|| {
            let builder = Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring));
            match tls_context(self.place.roots) {
                Some(context) => builder.tls_context(context).build(),
                None => builder.build(),
            }
        })
    }

    /// The URL of an object, or of the bucket where the key is empty.
    fn url(&self, key: &str) -> String {
        let Place { region, endpoint, endpoint_kind, .. } = &*self.place;
        let key = sign::encode_path(key);
        let host = || names::host(region, *endpoint_kind);
        match endpoint {
            Some(endpoint) => format!("{endpoint}/{}/{key}", self.name),
            // A name with dots is no name that AWS's certificates are for.
            None if self.name.contains('.') => {
                format!("https://{}/{}/{key}", host(), self.name)
            }
            None => format!("https://{}.{}/{key}", self.name, host()),
        }
    }
}
