//! Deleting a document for good: each version of the upload, and of all that was kept and made of it.

use super::calls::ObjectVersion;
use super::{Bucket, BucketError, DocumentPlace};
use crate::review::{OrganizationId, UploadId};
use futures_util::stream::{self, StreamExt, TryStreamExt};

/// How many versions are deleted at a time.
const AT_ONCE: usize = 16;

/// What [`Bucket::erase`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erased {
    /// How many versions were deleted.
    pub objects: usize,
    /// Whether there are more.
    pub more: bool,
}

impl Bucket {
    /// Deletes all versions of an uploaded document, wherever it is kept, and of what was made of it; at most `limit` of them. Repeat
    /// it until there are no more.
    pub async fn erase(
        &self,
        organization: &OrganizationId,
        upload: &UploadId,
        limit: usize,
    ) -> Result<Erased, BucketError> {
        let key = DocumentPlace::upload(organization, upload);
        let place = DocumentPlace::uploaded(organization, upload);
        let uploads = self.list_versions(&key).await?;
        let kept = self.list_versions(place.prefix()).await?;
        let listed = uploads.items.len();
        // Another upload's name may begin with this one's. This one's versions come first.
        let of_upload: Vec<ObjectVersion> = uploads.items.into_iter().filter(|it| it.key == key).collect();
        let more_of_upload = uploads.more && of_upload.len() == listed;
        let mut versions = [of_upload, kept.items].concat();
        let more = more_of_upload || kept.more || versions.len() > limit;
        versions.truncate(limit);
        let objects = versions.len();
        stream::iter(versions)
            .map(|version| async move { self.delete_version(&version.key, Some(&version.version_id)).await })
            .buffer_unordered(AT_ONCE)
            .try_collect::<Vec<()>>()
            .await?;
        Ok(Erased { objects, more })
    }
}
