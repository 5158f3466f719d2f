//! The calls of a bucket. Each has a time-out, and is tried again when S3 says that it is unavailable: all of them may be repeated.

use super::listing::{self, Page};
use super::sign::{encode_path, query};
use super::{Bucket, BucketError};
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;
use std::time::Duration;

/// How long one try may take.
const ATTEMPT: Duration = Duration::from_secs(8);
/// How long all tries may take together: a function has 29 s.
const ALL_ATTEMPTS: Duration = Duration::from_secs(20);
/// How long is waited before the second and the third try.
const WAITS: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];
/// The longest answer that is no object: an error, or a list of at most 1,000 keys.
const ANSWER_LIMIT: u64 = 4 * 1024 * 1024;

/// What is known of an object without reading it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stat {
    /// Its size, in bytes.
    pub size: u64,
    /// Its type, as it was stored.
    pub content_type: Option<String>,
    /// A tag of its content.
    pub etag: Option<String>,
    /// Which version it is, in a bucket that keeps versions.
    pub version_id: Option<String>,
}

/// One version of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectVersion {
    /// Its key.
    pub key: String,
    /// Which version; `null` in a bucket without versions.
    pub version_id: String,
}

/// A part of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed<T> {
    /// What there is.
    pub items: Vec<T>,
    /// Whether there is more.
    pub more: bool,
}

struct Answered {
    status: u16,
    size: Option<u64>,
    content_type: Option<String>,
    etag: Option<String>,
    version_id: Option<String>,
    body: Vec<u8>,
}

/// One request, so that it can be sent again.
struct Sent<'a> {
    method: &'static str,
    url: String,
    headers: Vec<(&'static str, String)>,
    body: &'a [u8],
    /// How much of the answer to a success is read.
    limit: u64,
}

impl Bucket {
    /// Reads an object, if it has at most so many bytes.
    pub async fn get(&self, key: &str, max_bytes: u64) -> Result<Vec<u8>, BucketError> {
        self.get_version(key, None, max_bytes).await
    }

    /// As [`Bucket::get`], of one version.
    pub async fn get_version(
        &self,
        key: &str,
        version_id: Option<&str>,
        max_bytes: u64,
    ) -> Result<Vec<u8>, BucketError> {
        let url = self.versioned_url(key, version_id);
        let answer = self.call(Sent { limit: max_bytes, ..Sent::new("GET", url) }).await?;
        Ok(answer.body)
    }

    /// Writes an object.
    pub async fn put(&self, key: &str, content_type: &str, content: &[u8]) -> Result<(), BucketError> {
        let headers = vec![("content-type", content_type.to_owned())];
        let sent = Sent { headers, body: content, ..Sent::new("PUT", self.url(key)) };
        self.call(sent).await.map(drop)
    }

    /// Copies an object of this bucket within it.
    pub async fn copy(&self, from: &str, to: &str) -> Result<(), BucketError> {
        let source = format!("/{}/{}", self.name, encode_path(from));
        let headers = vec![("x-amz-copy-source", source)];
        let answer = self.call(Sent { headers, ..Sent::new("PUT", self.url(to)) }).await?;
        // A copy can fail after S3 has answered 200.
        if contains(&answer.body, b"<CopyObjectResult") {
            return Ok(());
        }
        Err(BucketError::Unavailable("the copy broke off".into()))
    }

    /// What is known of an object.
    pub async fn head(&self, key: &str, version_id: Option<&str>) -> Result<Stat, BucketError> {
        let answer = self.call(Sent::new("HEAD", self.versioned_url(key, version_id))).await?;
        let Answered { size, content_type, etag, version_id, .. } = answer;
        Ok(Stat { size: size.unwrap_or_default(), content_type, etag, version_id })
    }

    /// Deletes an object; in a bucket with versions, the newest is hidden and kept. One that is not there is deleted already.
    pub async fn delete(&self, key: &str) -> Result<(), BucketError> {
        self.delete_version(key, None).await
    }

    /// Deletes one version for good.
    pub async fn delete_version(&self, key: &str, version_id: Option<&str>) -> Result<(), BucketError> {
        match self.call(Sent::new("DELETE", self.versioned_url(key, version_id))).await {
            Ok(_) | Err(BucketError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The first keys with that prefix, at most 1,000.
    pub async fn list(&self, prefix: &str) -> Result<Listed<String>, BucketError> {
        self.list_after(prefix, "").await
    }

    /// As [`Bucket::list`], of the keys that come after one, in the order of their bytes.
    pub async fn list_after(&self, prefix: &str, after: &str) -> Result<Listed<String>, BucketError> {
        let mut pairs = vec![("list-type", "2"), ("encoding-type", "url"), ("prefix", prefix)];
        if !after.is_empty() {
            pairs.push(("start-after", after));
        }
        let Page { entries, more } = self.page(&pairs).await?;
        Ok(Listed { items: entries.into_iter().map(|entry| entry.key).collect(), more })
    }

    /// The first versions of the objects with that prefix, at most 1,000; what marks a deletion is one, too.
    pub async fn list_versions(&self, prefix: &str) -> Result<Listed<ObjectVersion>, BucketError> {
        let pairs = [("versions", ""), ("encoding-type", "url"), ("prefix", prefix)];
        let Page { entries, more } = self.page(&pairs).await?;
        Ok(Listed { items: entries, more })
    }

    async fn page(&self, pairs: &[(&str, &str)]) -> Result<Page, BucketError> {
        let url = format!("{}?{}", self.url(""), query(pairs));
        let answer = self.call(Sent { limit: ANSWER_LIMIT, ..Sent::new("GET", url) }).await;
        let answer = answer.map_err(|error| match error {
            BucketError::NotFound => BucketError::Refused("the bucket may not be listed".into()),
            other => other,
        })?;
        listing::read(&answer.body)
            .ok_or_else(|| BucketError::Unavailable("a list that cannot be read".into()))
    }

    fn versioned_url(&self, key: &str, version_id: Option<&str>) -> String {
        let query = version_id.map(|version| format!("?{}", query(&[("versionId", version)])));
        format!("{}{}", self.url(key), query.unwrap_or_default())
    }

    /// Until it is answered, or refused, or the time is over.
    async fn call(&self, sent: Sent<'_>) -> Result<Answered, BucketError> {
        let tries = async {
            for wait in WAITS {
                match self.attempt(&sent).await {
                    Err(error) if error.is_transient() => tokio::time::sleep(wait).await,
                    done => return done,
                }
            }
            self.attempt(&sent).await
        };
        let late = |_| BucketError::Unavailable("timed out".into());
        tokio::time::timeout(ALL_ATTEMPTS, tries).await.map_err(late)?
    }

    async fn attempt(&self, sent: &Sent<'_>) -> Result<Answered, BucketError> {
        let late = |_| BucketError::Unavailable("timed out".into());
        tokio::time::timeout(ATTEMPT, self.exchange(sent)).await.map_err(late)?
    }

    async fn exchange(&self, sent: &Sent<'_>) -> Result<Answered, BucketError> {
        let malformed = |_| BucketError::Refused("the request could not be built".into());
        let mut request = HttpRequest::new(SdkBody::from(sent.body.to_vec()));
        request.set_method(sent.method).map_err(malformed)?;
        request.set_uri(sent.url.as_str()).map_err(malformed)?;
        let signed = self.signed_headers(sent.method, &sent.url, &sent.headers, sent.body)?;
        let headers = sent.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        for (name, value) in headers.chain(signed) {
            request.headers_mut().try_insert(name, value).map_err(malformed)?;
        }
        let unreachable = |error: aws_smithy_runtime_api::client::result::ConnectorError| {
            BucketError::Unavailable(if error.is_timeout() { "timed out" } else { "no connection" }.into())
        };
        let response = self.connector().call(request).await.map_err(unreachable)?;
        let status = response.status().as_u16();
        let size = response.headers().get("content-length").and_then(|length| length.parse().ok());
        let header = |name| response.headers().get(name).map(str::to_owned);
        let (content_type, etag) = (header("content-type"), header("etag"));
        // An object from before the bucket kept versions has the version `null`, which another one may take over.
        let version_id = header("x-amz-version-id").filter(|version| version != "null");
        let is_success = (200..300).contains(&status);
        if sent.method == "HEAD" {
            let answered = Answered { status, size, content_type, etag, version_id, body: Vec::new() };
            return if is_success { Ok(answered) } else { Err(answered.error()) };
        }
        let limit = if is_success { sent.limit } else { ANSWER_LIMIT };
        let body = read(response.into_body(), size, limit).await?;
        let answered = Answered { status, size, content_type, etag, version_id, body };
        match (is_success, status, sent.method) {
            (true, ..) => Ok(answered),
            // Who may not delete has deleted nothing.
            (false, 403, "DELETE") => Err(BucketError::Refused("it may not be deleted".into())),
            (false, ..) => Err(answered.error()),
        }
    }
}

impl Sent<'_> {
    const fn new(method: &'static str, url: String) -> Self {
        Self { method, url, headers: Vec::new(), body: &[], limit: ANSWER_LIMIT }
    }
}

impl Answered {
    fn error(&self) -> BucketError {
        BucketError::from_answer(self.status, &self.body)
    }
}

/// A body of at most so many bytes. What it says of its own length is believed only if it is too large.
async fn read(mut body: SdkBody, said: Option<u64>, limit: u64) -> Result<Vec<u8>, BucketError> {
    let too_large = |size: u64| BucketError::TooLarge { limit, size };
    if let Some(size) = said.filter(|size| *size > limit) {
        return Err(too_large(size));
    }
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| BucketError::Unavailable("the answer broke off".into()))?;
        let Ok(data) = frame.into_data() else { continue };
        let size = (bytes.len() + data.len()) as u64;
        if size > limit {
            return Err(too_large(size));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
