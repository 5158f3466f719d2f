//! Why the store could not answer.

use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};

/// Why the store could not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// DynamoDB throttled past our retries.
    #[error("DynamoDB throttled: {0}")]
    Throttled(String),
    /// DynamoDB could not be reached, did not answer in time or failed.
    #[error("DynamoDB is unavailable: {0}")]
    Unavailable(String),
    /// DynamoDB refuses us, whatever we ask: permissions, credentials, the encryption key or the table are not as they should be.
    #[error("DynamoDB denied access: {0}")]
    Denied(String),
    /// DynamoDB refused this request, which should not have been refused.
    #[error("DynamoDB refused the request: {0}")]
    Rejected(String),
    /// An item does not read as what its key says it is.
    #[error("the item is not readable: {0}")]
    Corrupt(String),
    /// An item was written by a newer build, whose schema this one does not know.
    #[error("the item is not readable: {0}")]
    Newer(String),
}

impl StoreError {
    /// Whether a retry cannot help: a person has to do something.
    pub const fn is_permanent(&self) -> bool {
        match self {
            Self::Throttled(_) | Self::Unavailable(_) => false,
            Self::Denied(_) | Self::Rejected(_) | Self::Corrupt(_) | Self::Newer(_) => true,
        }
    }

    /// Classifies an SDK error by what a caller can do about it.
    ///
    /// Only the error's code and message are kept: its debug form contains items, and items contain documents.
    pub fn from_sdk<E, R>(error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata,
    {
        const THROTTLES: [&str; 5] = [
            "ProvisionedThroughputExceededException",
            "RequestLimitExceeded",
            "ThrottlingException",
            "TransactionConflictException",
            "TransactionInProgressException",
        ];
        const DENIALS: [&str; 7] = [
            "AccessDeniedException",
            "ExpiredTokenException",
            "IncompleteSignatureException",
            "InvalidSignatureException",
            "MissingAuthenticationTokenException",
            "ResourceNotFoundException",
            "UnrecognizedClientException",
        ];
        match error {
            SdkError::ServiceError(service) => {
                let code = service.err().code().unwrap_or("unknown");
                let text = format!("{code}: {}", service.err().message().unwrap_or("no message"));
                match code {
                    code if THROTTLES.contains(&code) => Self::Throttled(text),
                    "InternalServerError" | "ServiceUnavailable" | "unknown" => Self::Unavailable(text),
                    // Of the key that the table is encrypted with: KMSAccessDeniedException, KMSDisabledException, …
                    code if DENIALS.contains(&code) || code.starts_with("KMS") => Self::Denied(text),
                    _ => Self::Rejected(text),
                }
            }
            SdkError::TimeoutError(_) => Self::Unavailable("timed out".into()),
            SdkError::DispatchFailure(failure) => {
                let cause = failure.as_connector_error().map(|error| chain(error));
                Self::Unavailable(cause.unwrap_or_else(|| "dispatch failed".into()))
            }
            SdkError::ResponseError(_) => Self::Unavailable("the answer was cut off or unreadable".into()),
            _ => Self::Rejected("the request could not be built".into()),
        }
    }
}

/// A snapshot does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge {
    /// What does not fit.
    pub what: &'static str,
    /// What it may be at most, stored, in bytes.
    pub limit: usize,
    /// What it is, stored, in bytes.
    pub size: usize,
}

/// A request of ours lacks a part that DynamoDB requires.
impl From<BuildError> for StoreError {
    fn from(error: BuildError) -> Self {
        Self::Rejected(error.to_string())
    }
}

/// An error and its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// The `?` of SDK calls.
pub(in crate::store) trait SdkResult<T> {
    fn or_store_error(self) -> Result<T, StoreError>;
}

impl<T, E: ProvideErrorMetadata, R> SdkResult<T> for Result<T, SdkError<E, R>> {
    fn or_store_error(self) -> Result<T, StoreError> {
        self.map_err(|error| StoreError::from_sdk(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::error::ErrorMetadata;
    use aws_sdk_dynamodb::operation::get_item::GetItemError;

    #[test]
    fn what_is_denied_to_us_is_told_from_a_request_that_is_refused() {
        let of = |code: &str| {
            let error = GetItemError::generic(ErrorMetadata::builder().code(code).build());
            StoreError::from_sdk(&SdkError::service_error(error, ()))
        };
        for code in ["AccessDeniedException", "KMSDisabledException", "ResourceNotFoundException"] {
            assert!(matches!(of(code), StoreError::Denied(_)), "{code}");
        }
        assert!(matches!(of("ValidationException"), StoreError::Rejected(_)));
        assert!(matches!(of("ThrottlingException"), StoreError::Throttled(_)));
        assert!(matches!(of("InternalServerError"), StoreError::Unavailable(_)));
    }

    #[test]
    fn what_got_no_whole_answer_may_be_asked_again() {
        type Failed = SdkError<GetItemError, ()>;
        for error in [Failed::timeout_error("late"), Failed::response_error("cut off", ())] {
            let error = StoreError::from_sdk(&error);
            assert!(matches!(error, StoreError::Unavailable(_)) && !error.is_permanent(), "{error}");
        }
        assert!(StoreError::from_sdk(&Failed::construction_failure("no region")).is_permanent());
    }
}
