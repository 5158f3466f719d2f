//! Signatures against AWS's published example; names of downloads; the XML of lists.

use super::disposition::{attachment, download_type};
use super::error::BucketError;
use super::listing;
use super::*;
use crate::review::{DocumentSource, OrganizationId, UploadId};
use std::time::{Duration, SystemTime};

fn bucket(name: &str, endpoint: Option<&str>) -> Bucket {
    Bucket::new(settings(name, endpoint))
}

fn settings(name: &str, endpoint: Option<&str>) -> BucketSettings {
    BucketSettings {
        name: name.into(),
        region: "us-east-1".into(),
        endpoint: endpoint.map(str::to_owned),
        // AWS's documentation of Signature Version 4 uses these everywhere.
        credentials: Credentials::new(
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            None,
            None,
            "test",
        ),
        roots: Roots::Amazon,
        endpoint_kind: EndpointKind::default(),
        sources: Sources::parse("arn:aws:s3:::scans/in/*").unwrap(),
    }
}

/// 2013-05-24T00:00:00Z.
fn then() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_hours(380_376)
}

#[test]
fn a_presigned_url_is_the_one_of_awss_example() {
    let url = "https://examplebucket.s3.amazonaws.com/test.txt";
    let day = Duration::from_hours(24);
    let presigned = bucket("examplebucket", None).presign("GET", url, Vec::new(), day, then()).unwrap();
    assert_eq!(
        presigned.url,
        "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=\
         AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&\
         X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    );
    assert_eq!(presigned.expires_at.to_string(), "2013-05-25T00:00:00.000Z");
}

#[test]
fn a_roles_token_is_part_of_the_url() {
    let credentials = Credentials::new("id", "secret", Some("token+/=".into()), None, "test");
    let bucket = Bucket::new(BucketSettings { credentials, ..settings("ours", None) });
    let presigned =
        bucket.presign("GET", &bucket.url("k"), Vec::new(), Duration::from_mins(5), then()).unwrap();
    assert!(presigned.url.contains("&X-Amz-Security-Token=token%2B%2F%3D"), "{}", presigned.url);
}

#[test]
fn an_uploads_length_type_and_checksum_are_signed() {
    let put = PutOf {
        key: "uploads/org/1",
        size: 5,
        content_type: "application/pdf",
        sha256_base64: "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
        disposition: "attachment",
    };
    let presigned = bucket("ours", None).presign_put(&put, Duration::from_mins(1)).unwrap();
    let signed = "X-Amz-SignedHeaders=content-disposition%3Bcontent-length%3Bcontent-type%3Bhost%3Bx-amz-checksum-sha256&";
    assert!(presigned.url.contains(signed), "{}", presigned.url);
    let names: Vec<_> = presigned.headers.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["content-disposition", "content-length", "content-type", "x-amz-checksum-sha256"]);
}

#[test]
fn a_key_stays_in_its_bucket_whatever_it_holds() {
    let url = |name: &str, endpoint: Option<&str>, key: &str| bucket(name, endpoint).url(key);
    assert_eq!(
        url("ours", None, "documents/a&b=c:@,+;!/x y?#%/é"),
        "https://ours.s3.us-east-1.amazonaws.com/documents/a%26b%3Dc%3A%40%2C%2B%3B%21/x%20y%3F%23%25/%C3%A9"
    );
    assert_eq!(url("our.files", None, "k"), "https://s3.us-east-1.amazonaws.com/our.files/k");
    assert_eq!(url("ours", Some("http://127.0.0.1:9000/"), "k"), "http://127.0.0.1:9000/ours/k");
}

#[test]
fn a_bucket_is_at_the_endpoint_of_the_kind_asked_for() {
    let url = |name: &str, endpoint: Option<&str>, (is_fips, is_dual_stack)| {
        let endpoint_kind = EndpointKind { is_fips, is_dual_stack };
        Bucket::new(BucketSettings { endpoint_kind, ..settings(name, endpoint) }).url("k")
    };
    for (kind, host) in [
        ((false, false), "s3.us-east-1.amazonaws.com"),
        ((true, false), "s3-fips.us-east-1.amazonaws.com"),
        ((false, true), "s3.dualstack.us-east-1.amazonaws.com"),
        ((true, true), "s3-fips.dualstack.us-east-1.amazonaws.com"),
    ] {
        assert_eq!(url("ours", None, kind), format!("https://ours.{host}/k"));
        assert_eq!(url("our.files", None, kind), format!("https://{host}/our.files/k"));
        assert_eq!(url("ours", Some("http://127.0.0.1:9000"), kind), "http://127.0.0.1:9000/ours/k");
    }
}

#[test]
fn a_document_is_in_its_organizations_part_or_in_a_bucket_that_may_be_read() {
    let ours = bucket("ours", None);
    let organization = OrganizationId::parse("org_a").unwrap();
    let upload = DocumentSource::Upload { document_id: UploadId::parse("doc_1").unwrap() };
    let original = ours.original(&organization, &upload).unwrap();
    assert_eq!((original.bucket.name(), original.key.as_str()), ("ours", "documents/org_a/doc_1/original"));
    assert_eq!(original.place.made("info.json"), "documents/org_a/doc_1/info.json");
    let external = |key: &str, version: Option<&str>| {
        let (bucket, key) = ("scans".into(), key.into());
        let source = DocumentSource::S3 { bucket, key, version_id: version.map(str::to_owned) };
        ours.original(&organization, &source)
    };
    let first = external("in/1.pdf", None).unwrap();
    assert_eq!((first.bucket.name(), first.key.as_str()), ("scans", "in/1.pdf"));
    assert!(first.place.prefix().starts_with("documents/org_a/ext-"));
    assert_ne!(first.place, external("in/1.pdf", Some("v1")).unwrap().place);
    assert!(external("out/1.pdf", None).is_none());
}

#[test]
fn a_downloads_name_breaks_out_of_nothing() {
    let plain = "attachment; filename=\"invoice 7.pdf\"; filename*=UTF-8''invoice%207.pdf";
    assert_eq!(attachment("invoice 7.pdf"), plain);
    let umlaut = "attachment; filename=\"Rechnung M_rz.pdf\"; filename*=UTF-8''Rechnung%20M%C3%A4rz.pdf";
    assert_eq!(attachment("Rechnung März.pdf"), umlaut);
    for (hostile, name) in [
        ("a\"; filename=\"b.exe", "a_; filename=_b.exe"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\x.pdf", "x.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x=1.pdf"),
        ("fdp\u{202e}exe.pdf", "fdpexe.pdf"),
        ("\u{0}..", "document"),
        ("", "document"),
        ("a/", "document"),
        ("100%25.pdf", "100_25.pdf"),
    ] {
        let header = attachment(hostile);
        let plain = header.split("filename=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(plain, name, "{hostile:?}");
        assert!(header.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{header:?}");
        assert_eq!(header.matches('"').count(), 2, "{header}");
    }
    let long = attachment(&format!("{}.pdf", "é".repeat(300)));
    assert!(long.contains("%C3%A9.pdf") && long.len() < 1000, "{} {long}", long.len());
}

#[test]
fn nothing_is_served_that_a_browser_runs() {
    assert_eq!(download_type("application/pdf"), "application/pdf");
    assert_eq!(download_type("TEXT/CSV; charset=utf-8"), "text/csv");
    for active in ["text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "", "a\r\nb"] {
        assert_eq!(download_type(active), "application/octet-stream", "{active:?}");
    }
}

#[test]
fn a_list_is_read_whole_or_not_at_all() {
    let xml = br#"<?xml version="1.0" encoding="UTF-8"?><ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
        <Name>b</Name><Prefix>documents%2Fa</Prefix><IsTruncated>true</IsTruncated>
        <Version><Key>documents/a/1%2B2</Key><VersionId>v&amp;1</VersionId><Owner><ID>x</ID></Owner></Version>
        <DeleteMarker><Key>documents/a/2</Key><VersionId>v2</VersionId></DeleteMarker>
        <CommonPrefixes><Prefix>p</Prefix></CommonPrefixes></ListVersionsResult>"#;
    let page = listing::read(xml).unwrap();
    let entries: Vec<_> = page.entries.iter().map(|it| (it.key.as_str(), it.version_id.as_str())).collect();
    assert_eq!(entries, [("documents/a/1+2", "v&1"), ("documents/a/2", "v2")]);
    assert!(page.more);
    for end in [0, 10, 100, 300, xml.len() - 1] {
        assert_eq!(listing::read(&xml[..end]), None, "{end}");
    }
    for broken in ["", "x", "</a>", "<a>&nbsp;</a>", "<a><Contents></Contents></a>"] {
        assert_eq!(listing::read(broken.as_bytes()), None, "{broken}");
    }
}

#[test]
fn what_s3_answers_is_told_apart_and_repeats_no_key() {
    let answer = |status: u16, code: &str| {
        let body = format!("<Error><Code>{code}</Code><Key>documents/secret</Key></Error>");
        BucketError::from_answer(status, body.as_bytes())
    };
    assert_eq!(answer(404, "NoSuchKey"), BucketError::NotFound);
    // Who may not list a bucket is not told what it lacks.
    assert_eq!(answer(403, "AccessDenied"), BucketError::NotFound);
    assert_eq!(
        answer(403, "SignatureDoesNotMatch"),
        BucketError::Refused("403 SignatureDoesNotMatch".into())
    );
    assert_eq!(answer(404, "NoSuchBucket"), BucketError::Refused("NoSuchBucket".into()));
    assert!(answer(503, "SlowDown").is_transient() && answer(400, "ExpiredToken").is_transient());
    assert!(!format!("{:?}", answer(400, "InvalidArgument")).contains("secret"));
}
