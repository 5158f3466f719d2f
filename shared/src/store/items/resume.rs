//! RESUME: a callback's target.

use crate::review::{ResumeTarget, ReviewId};
use crate::store::error::StoreError;
use crate::store::table::{codec, keys};
use serde::{Deserialize, Serialize};

/// RESUME: who waits.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct ResumeItem {
    pk: String,
    sk: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    task_token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signing_secret: Option<String>,
    /// The run polls.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    poll: bool,
}

impl ResumeItem {
    pub(in crate::store) fn new(id: &ReviewId, target: &ResumeTarget) -> Self {
        let empty = Self {
            pk: keys::resume(id),
            sk: keys::RESUME.into(),
            task_token: None,
            url: None,
            origin: None,
            signing_secret: None,
            poll: false,
        };
        match target.clone() {
            ResumeTarget::Poll => Self { poll: true, ..empty },
            ResumeTarget::StepFunctions { task_token } => Self { task_token: Some(task_token), ..empty },
            ResumeTarget::Webhook { url, origin, signing_secret } => {
                Self { url: Some(url), origin: Some(origin), signing_secret, ..empty }
            }
        }
    }

    pub(in crate::store) fn decode(self) -> Result<ResumeTarget, StoreError> {
        match (self.task_token, self.url, self.origin) {
            (None, None, None) if self.poll => Ok(ResumeTarget::Poll),
            (Some(task_token), None, None) => Ok(ResumeTarget::StepFunctions { task_token }),
            (None, Some(url), Some(origin)) => {
                Ok(ResumeTarget::Webhook { url, origin, signing_secret: self.signing_secret })
            }
            _ => Err(codec::corrupt("a RESUME item")()),
        }
    }
}
