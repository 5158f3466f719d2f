//! The client against the embedded S3.

use super::*;
use shared::bucket::{BucketError, GetOf, PutOf, attachment};

const HELLO: &[u8] = b"hello";
/// The SHA-256 of `hello`, in base64.
const HELLO_SHA256: &str = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
const MINUTE: Duration = Duration::from_mins(1);

fn put_of(key: &str) -> PutOf<'_> {
    let (size, content_type) = (5, "application/pdf");
    PutOf { key, size, content_type, sha256_base64: HELLO_SHA256, disposition: "attachment" }
}

/// Sends a body with these headers; the status of the answer.
fn send(url: &str, headers: &[(&'static str, String)], body: &[u8]) -> u16 {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut request = agent.put(url);
    for (name, value) in headers.iter().filter(|(name, _)| *name != "content-length") {
        request = request.header(*name, value);
    }
    request.send(body).unwrap().status().as_u16()
}

#[tokio::test]
async fn an_object_lives_until_all_its_versions_are_deleted() {
    let server = FileServer::ephemeral().unwrap();
    let bucket = server.bucket();
    bucket.put("documents/org+a&b/1/original", "text/plain", HELLO).await.unwrap();
    bucket.copy("documents/org+a&b/1/original", "documents/org+a&b/1/pages/1.webp").await.unwrap();
    assert_eq!(bucket.get("documents/org+a&b/1/pages/1.webp", 5).await.unwrap(), HELLO);
    let too_large = BucketError::TooLarge { limit: 4, size: 5 };
    assert_eq!(bucket.get("documents/org+a&b/1/original", 4).await, Err(too_large));
    let stat = bucket.head("documents/org+a&b/1/original", None).await.unwrap();
    assert_eq!((stat.size, stat.content_type.as_deref()), (5, Some("text/plain")));
    assert_eq!(bucket.get("documents/org+a&b/2/original", 5).await, Err(BucketError::NotFound));
    assert_eq!(bucket.head("documents/org+a&b/2/original", None).await, Err(BucketError::NotFound));
    assert_eq!(bucket.copy("uploads/none", "documents/x").await, Err(BucketError::NotFound));

    let listed = bucket.list("documents/org+a&b/1/").await.unwrap();
    assert_eq!(listed.items, ["documents/org+a&b/1/original", "documents/org+a&b/1/pages/1.webp"]);
    let after = bucket.list_after("documents/org+a&b/1/", "documents/org+a&b/1/original").await.unwrap();
    assert_eq!(after.items, ["documents/org+a&b/1/pages/1.webp"]);
    let versions = bucket.list_versions("documents/org+a&b/1/").await.unwrap();
    assert!(versions.items.len() == 2 && !versions.more);
    for version in versions.items {
        bucket.delete_version(&version.key, Some(&version.version_id)).await.unwrap();
    }
    assert_eq!(bucket.list("").await.unwrap().items, [""; 0]);
    bucket.delete("documents/org+a&b/1/original").await.unwrap();
}

#[tokio::test]
async fn nothing_of_a_deleted_file_stays() {
    let server = FileServer::ephemeral().unwrap();
    let bucket = server.bucket();
    bucket.put("documents/org/1/original", "application/x-secret", HELLO).await.unwrap();
    let folder = server.temporary.clone().unwrap();
    let files = || std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(files(), 4, "two buckets, and what s3s-fs keeps beside the file");
    bucket.delete("documents/org/1/original").await.unwrap();
    assert_eq!(files(), 2);
    drop(server);
    assert!(!folder.exists());
}

#[tokio::test]
async fn an_upload_is_what_was_signed_or_is_refused() {
    let server = FileServer::ephemeral().unwrap();
    let bucket = server.bucket();
    let presigned = bucket.presign_put(&put_of("uploads/org/1"), MINUTE).unwrap();
    assert_eq!(send(&presigned.url, &presigned.headers, b"hellO"), 400, "other content");
    assert_eq!(send(&presigned.url, &presigned.headers, b"hello!"), 403, "another length");
    let other = |name: &str, value: &str| {
        let replaced = |(own, old): &(&'static str, String)| {
            (*own, if *own == name { value.to_owned() } else { old.clone() })
        };
        presigned.headers.iter().map(replaced).collect::<Vec<_>>()
    };
    assert_eq!(send(&presigned.url, &other("content-type", "text/html"), HELLO), 403);
    assert_eq!(send(&presigned.url, &other("x-amz-checksum-sha256", "LPJN"), HELLO), 403);
    assert_eq!(
        send(&presigned.url.replace("uploads/org/1", "uploads/org/2"), &presigned.headers, HELLO),
        403
    );
    assert_eq!(send(&presigned.url, &presigned.headers[..3], HELLO), 403, "without its checksum");
    assert_eq!(bucket.get("uploads/org/1", 10).await, Err(BucketError::NotFound), "nothing was kept");
    assert_eq!(send(&presigned.url, &presigned.headers, HELLO), 200);
    assert_eq!(bucket.get("uploads/org/1", 10).await.unwrap(), HELLO);
}

#[tokio::test]
async fn a_download_is_named_and_typed_by_the_url_alone() {
    let server = FileServer::ephemeral().unwrap();
    let bucket = server.bucket();
    bucket.put("documents/org/1/original", "text/html", b"<script>1</script>").await.unwrap();
    let disposition = attachment("a\"\r\nX: y; Ü.html");
    let get = GetOf {
        key: "documents/org/1/original",
        version_id: None,
        disposition: &disposition,
        content_type: "application/octet-stream",
    };
    let presigned = bucket.presign_get(&get, MINUTE).unwrap();
    let answer = ureq::get(&presigned.url).call().unwrap();
    let header = |name: &str| answer.headers().get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(header("content-disposition"), disposition);
    assert_eq!(header("content-type"), "application/octet-stream");
    assert_eq!(header("cache-control"), "private, no-store");
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let status = |url: &str| agent.get(url).call().unwrap().status().as_u16();
    let bare = presigned.url.split('?').next().unwrap();
    assert_eq!(status(bare), 403, "without a signature");
    assert_eq!(status(&presigned.url.replace("octet-stream", "pdf")), 403);
    assert_eq!(status(&presigned.url.replace("documents/org/1", "documents/org/2")), 403);
}

#[test]
fn another_s3_is_named_with_its_keys() {
    assert_eq!(
        endpoint_and_keys("http://minio:pass@word@127.0.0.1:9000"),
        Some(("http://127.0.0.1:9000".into(), "minio", "pass@word"))
    );
    for bad in ["127.0.0.1:9000", "http://127.0.0.1", "http://a@b", "http://:b@c", "http://a:b@"] {
        assert_eq!(endpoint_and_keys(bad), None, "{bad}");
    }
}

#[test]
fn uploads_that_nobody_named_are_deleted_and_fresh_ones_kept() {
    let folder = std::env::temp_dir().join(format!("holdpoint-test-{}", secret().unwrap()));
    make_folder(&folder.join("org")).unwrap();
    std::fs::write(folder.join("org/one"), b"x").unwrap();
    delete_old_uploads(&folder, Duration::from_hours(1));
    assert!(folder.join("org/one").exists());
    let old = SystemTime::now() - Duration::from_hours(2);
    let file = std::fs::File::options().write(true).open(folder.join("org/one")).unwrap();
    file.set_modified(old).unwrap();
    delete_old_uploads(&folder, Duration::from_hours(1));
    assert!(!folder.join("org/one").exists());
    std::fs::remove_dir_all(folder).unwrap();
}
