//! Signatures (AWS Signature Version 4), in headers or in a URL.
//!
//! S3's own rules: the path is encoded once and not normalized; `x-amz-content-sha256` is signed. A URL is signed with
//! `UNSIGNED-PAYLOAD`: what its holder will send is not known, but the headers that are signed with it bind it all the same. S3
//! refuses a body of another length (`content-length`) or content (`x-amz-checksum-sha256`).

use super::{Bucket, BucketError};
use crate::review::Timestamp;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningInstructions, SigningParams, SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::time::{Duration, SystemTime};

/// All but the unreserved characters of RFC 3986.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PATH: &AsciiSet = &VALUE.remove(b'/');

/// A key, as part of a URL.
pub(super) fn encode_path(key: &str) -> String {
    utf8_percent_encode(key, PATH).to_string()
}

/// A value of a query.
pub(super) fn encode_value(value: &str) -> String {
    utf8_percent_encode(value, VALUE).to_string()
}

/// `a=b&c=d`.
pub(super) fn query(pairs: &[(&str, &str)]) -> String {
    let encoded = |(name, value): &(&str, &str)| format!("{}={}", encode_value(name), encode_value(value));
    pairs.iter().map(encoded).collect::<Vec<_>>().join("&")
}

/// A request that whoever holds it may make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presigned {
    /// Where it goes. It holds the signature: it is a secret, and is not logged.
    pub url: String,
    /// The headers that must come with it, as they are.
    pub headers: Vec<(&'static str, String)>,
    /// When it ends to be valid.
    pub expires_at: Timestamp,
}

impl Bucket {
    /// A PUT of just this content: its length, type and SHA-256 are signed. `disposition` is kept with the object.
    pub fn presign_put(&self, put: &PutOf<'_>, valid_for: Duration) -> Result<Presigned, BucketError> {
        let headers = vec![
            ("content-disposition", put.disposition.to_owned()),
            ("content-length", put.size.to_string()),
            ("content-type", put.content_type.to_owned()),
            ("x-amz-checksum-sha256", put.sha256_base64.to_owned()),
        ];
        self.presign("PUT", &self.url(put.key), headers, valid_for, SystemTime::now())
    }

    /// A GET that is answered as a download of that name and type, whatever the object says.
    pub fn presign_get(&self, get: &GetOf<'_>, valid_for: Duration) -> Result<Presigned, BucketError> {
        let mut pairs = vec![
            ("response-cache-control", "private, no-store"),
            ("response-content-disposition", get.disposition),
            ("response-content-type", get.content_type),
        ];
        pairs.extend(get.version_id.map(|version| ("versionId", version)));
        let url = format!("{}?{}", self.url(get.key), query(&pairs));
        self.presign("GET", &url, Vec::new(), valid_for, SystemTime::now())
    }

    pub(super) fn presign(
        &self,
        method: &str,
        url: &str,
        headers: Vec<(&'static str, String)>,
        valid_for: Duration,
        now: SystemTime,
    ) -> Result<Presigned, BucketError> {
        let mut settings = settings(SignatureLocation::QueryParams);
        settings.expires_in = Some(valid_for);
        let signed = self.signature(method, url, &headers, SignableBody::UnsignedPayload, settings, now)?;
        let (_, pairs) = signed.into_parts();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_ref())).collect();
        let separator = if url.contains('?') { '&' } else { '?' };
        let expires_at = chrono::DateTime::<chrono::Utc>::from(now + valid_for).into();
        Ok(Presigned { url: format!("{url}{separator}{}", query(&pairs)), headers, expires_at })
    }

    /// The headers that sign a request of ours.
    pub(super) fn signed_headers(
        &self,
        method: &str,
        url: &str,
        headers: &[(&'static str, String)],
        body: &[u8],
    ) -> Result<Vec<(String, String)>, BucketError> {
        let settings = settings(SignatureLocation::Headers);
        let body = SignableBody::Bytes(body);
        let signed = self.signature(method, url, headers, body, settings, SystemTime::now())?;
        Ok(signed.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    fn signature(
        &self,
        method: &str,
        url: &str,
        headers: &[(&'static str, String)],
        body: SignableBody<'_>,
        settings: SigningSettings,
        now: SystemTime,
    ) -> Result<SigningInstructions, BucketError> {
        let unsigned = |error: &dyn std::fmt::Display| BucketError::Refused(format!("not signed: {error}"));
        let identity = self.place.credentials.clone().into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.place.region)
            .name("s3")
            .time(now)
            .settings(settings)
            .build()
            .map_err(|error| unsigned(&error))?;
        let headers = headers.iter().map(|(name, value)| (*name, value.as_str()));
        let request = SignableRequest::new(method, url, headers, body).map_err(|error| unsigned(&error))?;
        let signed = sign(request, &SigningParams::V4(params)).map_err(|error| unsigned(&error))?;
        Ok(signed.into_parts().0)
    }
}

/// What a presigned PUT stores.
#[derive(Clone, Copy, Debug)]
pub struct PutOf<'a> {
    /// Where.
    pub key: &'a str,
    /// How many bytes.
    pub size: u64,
    /// Their type.
    pub content_type: &'a str,
    /// Their SHA-256, in base64.
    pub sha256_base64: &'a str,
    /// `Content-Disposition`, kept with the object.
    pub disposition: &'a str,
}

/// What a presigned GET reads, and as what.
#[derive(Clone, Copy, Debug)]
pub struct GetOf<'a> {
    /// Which object.
    pub key: &'a str,
    /// Which version of it; the newest, if there is none.
    pub version_id: Option<&'a str>,
    /// `Content-Disposition` of the answer: see [`attachment`](super::attachment).
    pub disposition: &'a str,
    /// `Content-Type` of the answer: see [`download_type`](super::download_type).
    pub content_type: &'a str,
}

fn settings(location: SignatureLocation) -> SigningSettings {
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    settings.signature_location = location;
    settings
}
