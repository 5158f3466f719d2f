//! Names of buckets, and where they are.

use std::collections::BTreeSet;

/// The domain of S3's endpoints in a region. Regions of other partitions need an endpoint in the settings.
pub(super) fn domain(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "amazonaws.com.cn"
    } else if region.starts_with("eusc-") {
        "amazonaws.eu"
    } else {
        "amazonaws.com"
    }
}

/// A comma-separated list of buckets. `None`: one of them is no name of a bucket.
pub fn bucket_names(list: &str) -> Option<BTreeSet<String>> {
    let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
    names.map(|name| is_bucket_name(name).then(|| name.to_owned())).collect()
}

/// As S3 has it: 3 to 63 lower-case letters, digits, hyphens and dots, with a letter or digit at both ends.
pub(super) fn is_bucket_name(name: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    (3..=63).contains(&name.len())
        && name.bytes().all(is_inner)
        && !name.contains("..")
        && !name.starts_with(['-', '.'])
        && !name.ends_with(['-', '.'])
}
