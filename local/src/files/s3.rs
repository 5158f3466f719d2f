//! What of S3 the product uses, by `s3s-fs`, which lacks some of it: it keeps a file whose checksum was wrong, and a deleted one's
//! name and type; it knows no versions. Everything else is refused.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, DeleteObjectInput, DeleteObjectOutput, GetObjectInput,
    GetObjectOutput, HeadObjectInput, HeadObjectOutput, ListObjectVersionsInput, ListObjectVersionsOutput,
    ListObjectsV2Input, ListObjectsV2Output, ObjectVersion, PutObjectInput, PutObjectOutput,
};
use s3s::{S3, S3Request, S3Response, S3Result};
use s3s_fs::FileSystem;
use std::path::{Path, PathBuf};

/// Files in a folder.
#[derive(Debug)]
pub(super) struct Files {
    inner: FileSystem,
    folder: PathBuf,
}

impl Files {
    pub(super) fn new(folder: &Path) -> Result<Self, String> {
        let inner = FileSystem::new(folder).map_err(|error| format!("{error:?}"))?;
        Ok(Self { inner, folder: folder.to_owned() })
    }

    /// What the pinned `s3s-fs` keeps beside a file. `nothing_of_a_deleted_file_stays` holds this to it.
    fn forget(&self, bucket: &str, key: &str) {
        let (bucket, key) = (URL_SAFE_NO_PAD.encode(bucket), URL_SAFE_NO_PAD.encode(key));
        for ending in ["metadata.json", "internal.json"] {
            let _ = std::fs::remove_file(self.folder.join(format!(".bucket-{bucket}.object-{key}.{ending}")));
        }
    }
}

#[async_trait::async_trait]
impl S3 for Files {
    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        self.inner.get_object(request).await
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        self.inner.head_object(request).await
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        let put = self.inner.put_object(request).await;
        if put.is_err() {
            // It may have written the file before it found the checksum to be wrong.
            self.delete_at(&bucket, &key).await;
        }
        put
    }

    async fn copy_object(
        &self,
        request: S3Request<CopyObjectInput>,
    ) -> S3Result<S3Response<CopyObjectOutput>> {
        self.inner.copy_object(request).await
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        self.delete_at(&request.input.bucket, &request.input.key).await;
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        self.inner.list_objects_v2(request).await
    }

    async fn list_object_versions(
        &self,
        request: S3Request<ListObjectVersionsInput>,
    ) -> S3Result<S3Response<ListObjectVersionsOutput>> {
        let input = &request.input;
        let (name, prefix) = (input.bucket.clone(), input.prefix.clone());
        let list = ListObjectsV2Input { bucket: name.clone(), prefix: prefix.clone(), ..Default::default() };
        let listed = self.inner.list_objects_v2(request.map_input(|_| list)).await?.output;
        let versions = listed.contents.unwrap_or_default().into_iter().map(|object| ObjectVersion {
            key: object.key,
            version_id: Some("null".into()),
            is_latest: Some(true),
            size: object.size,
            ..Default::default()
        });
        let output = ListObjectVersionsOutput {
            name: Some(name),
            prefix,
            versions: Some(versions.collect()),
            is_truncated: listed.is_truncated,
            ..Default::default()
        };
        Ok(S3Response::new(output))
    }
}

impl Files {
    /// Deletes a file; one that is not there is deleted already.
    async fn delete_at(&self, bucket: &str, key: &str) {
        let inside = |part: &str| !part.is_empty() && part != "." && part != "..";
        if bucket.split('/').chain(key.split('/')).all(inside) {
            let _ = tokio::fs::remove_file(self.folder.join(bucket).join(key)).await;
            self.forget(bucket, key);
        }
    }
}
