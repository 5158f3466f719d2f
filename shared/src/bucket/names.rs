//! Names of buckets, where they are, and which objects of others may be read.

use crate::review::is_bucket_name;
use crate::store::EndpointKind;

/// The name of S3's endpoint in a region, as the rules of the SDKs have it.
pub(super) fn host(region: &str, kind: EndpointKind) -> String {
    let service = match (kind.is_fips, kind.is_dual_stack) {
        (false, false) => "s3",
        (true, false) => "s3-fips",
        (false, true) => "s3.dualstack",
        (true, true) => "s3-fips.dualstack",
    };
    format!("{service}.{region}.{}", domain(region))
}

/// The domain of S3's endpoints in a region. Regions of other partitions need an endpoint in the settings.
fn domain(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "amazonaws.com.cn"
    } else if region.starts_with("eusc-") {
        "amazonaws.eu"
    } else {
        "amazonaws.com"
    }
}

/// Objects in buckets of others that this deployment may read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources(Vec<Source>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Source {
    bucket: String,
    /// What the keys begin with.
    prefix: String,
}

impl Sources {
    /// Parses a comma-separated list of ARNs as a policy has them: `arn:aws:s3:::BUCKET/*`, `arn:aws:s3:::BUCKET/PREFIX*`.
    /// `None`: one of them is of another form.
    pub fn parse(list: &str) -> Option<Self> {
        let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(Source::parse).collect::<Option<_>>().map(Self)
    }

    /// All objects of these buckets. `None`: one of the names is none.
    pub fn whole(buckets: &[String]) -> Option<Self> {
        let whole = |name: &String| Source::of(name, "");
        buckets.iter().map(whole).collect::<Option<_>>().map(Self)
    }

    /// Whether an object may be read. A key with a part `.` or `..` may not: whatever stands between us and S3 might resolve it.
    pub fn allow(&self, bucket: &str, key: &str) -> bool {
        let is_plain = !key.split('/').any(|part| matches!(part, "." | ".."));
        let is_listed = |source: &Source| source.bucket == bucket && key.starts_with(&source.prefix);
        is_plain && self.0.iter().any(is_listed)
    }
}

impl Source {
    fn parse(arn: &str) -> Option<Self> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", _, "s3", "", "", object] = parts.as_slice() else { return None };
        let (bucket, keys) = object.split_once('/')?;
        Self::of(bucket, keys.strip_suffix('*')?)
    }

    fn of(bucket: &str, prefix: &str) -> Option<Self> {
        let is_one =
            (3..=63).contains(&bucket.len()) && is_bucket_name(bucket) && !prefix.contains(['*', '?', '$']);
        is_one.then(|| Self { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read_as_a_policy_reads_them() {
        let list = "arn:aws:s3:::scans/*, arn:aws-cn:s3:::in.voices/acme/in/*,";
        let sources = Sources::parse(list).unwrap();
        for (bucket, key, allowed) in [
            ("scans", "a", true),
            ("scans", "a/b.pdf", true),
            ("in.voices", "acme/in/7.pdf", true),
            ("in.voices", "acme/out/7.pdf", false),
            ("in.voices", "acme/in/../out/7.pdf", false),
            ("scans", "../holdpoint/documents/other/1/original", false),
            ("scan", "a", false),
            ("scansa", "a", false),
        ] {
            assert_eq!(sources.allow(bucket, key), allowed, "{bucket} {key}");
        }
        assert!(!Sources::parse("").unwrap().allow("scans", "a"));
        for bad in [
            "scans",
            "s3://scans/*",
            "arn:aws:s3:::scans",
            "arn:aws:s3:::scans/a",
            "arn:aws:s3:::*/*",
            "arn:aws:s3:::scans/*/in/*",
            "arn:aws:s3:::scans/${aws:username}/*",
            "arn:aws:dynamodb:::scans/*",
        ] {
            assert_eq!(Sources::parse(bad), None, "{bad}");
        }
    }
}
