//! How the SDK's client is set up: timeouts, retries, one connection pool.

use aws_sdk_dynamodb::config::interceptors::InterceptorContext;
use aws_sdk_dynamodb::config::retry::{ClassifyRetry, RetryAction, RetryConfig};
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Builder, Credentials, Region, SharedCredentialsProvider};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_types::SdkConfig;
use std::time::Duration;

/// Root certificates that the TLS client trusts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roots {
    /// The system's. Reading them costs time on a cold start.
    System,
    /// Amazon's own five, which sign for DynamoDB in all of AWS's public regions (DynamoDB Developer Guide, `ats-certs`); AWS
    /// names no others for the FIPS and dual-stack endpoints there.
    Amazon,
}

impl Roots {
    /// Mozilla's copies; a test holds them to the crate `webpki-root-certs`.
    const AMAZON: &'static [u8] = include_bytes!("amazon-roots.pem");

    fn trust_store(self) -> TrustStore {
        match self {
            Self::System => TrustStore::default(),
            Self::Amazon => TrustStore::empty().with_pem_certificate(Self::AMAZON),
        }
    }
}

/// Which of a service's endpoints is called, where the settings name none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EndpointKind {
    /// The one whose cryptography is validated by FIPS 140 (`AWS_USE_FIPS_ENDPOINT`). Not every region has one.
    pub is_fips: bool,
    /// The one that has addresses of IPv4 and of IPv6 (`AWS_USE_DUALSTACK_ENDPOINT`).
    pub is_dual_stack: bool,
}

impl EndpointKind {
    /// The settings of clients that call endpoints of this kind.
    pub fn of_all(self, sdk: &SdkConfig) -> SdkConfig {
        sdk.to_builder().use_fips(self.is_fips).use_dual_stack(self.is_dual_stack).build()
    }
}

/// What a TLS client believes. A context is refused only with another TLS library; then the system's certificates apply.
pub fn tls_context(roots: Roots) -> Option<TlsContext> {
    TlsContext::builder().with_trust_store(roots.trust_store()).build().ok()
}

/// What the clients of all services share: time-outs, retries, one HTTP client.
///
/// An attempt may take 2 s and a call, with its retries, 5 s. Five sequential calls fit into a function's 29 s
/// (`template.yaml`) and the gateway's 30 s.
pub fn sdk(region: Region, credentials: Credentials, roots: Roots) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(2))
        .operation_timeout(Duration::from_secs(5))
        .build();
    let retries = RetryConfig::standard()
        .with_max_attempts(4)
        .with_initial_backoff(Duration::from_millis(50))
        .with_max_backoff(Duration::from_secs(1));
    let http = aws_smithy_http_client::Builder::new().tls_provider(tls::Provider::Rustls(CryptoMode::Ring));
    let http = match tls_context(roots) {
        Some(context) => http.tls_context(context).build_https(),
        None => http.build_https(),
    };
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(region)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .timeout_config(timeouts)
        .retry_config(retries)
        .http_client(http)
        .build()
}

/// The client for DynamoDB has, in addition, our retries.
pub fn dynamodb(sdk: &SdkConfig) -> Builder {
    Builder::from(sdk).retry_classifier(RetryTransactionConflicts)
}

/// The client for DynamoDB at an endpoint that the settings name, which is then called whatever its kind: the SDK would refuse to
/// look for the FIPS variant of it.
pub fn dynamodb_at(sdk: &SdkConfig, endpoint: Option<String>) -> Builder {
    let mut builder = dynamodb(sdk);
    if endpoint.is_some() {
        builder.set_use_fips(Some(false)).set_use_dual_stack(Some(false));
    }
    builder.set_endpoint_url(endpoint);
    builder
}

/// Makes the SDK retry, with its back-off and jitter, a write that failed only because another transaction was at the item
/// or because a transaction was throttled. A failed condition (a stale stamp) is never retried.
#[derive(Debug)]
pub struct RetryTransactionConflicts;

const CONFLICT_EXCEPTION: &str = "TransactionConflictException";

/// Reasons for cancelling a transaction that may succeed a moment later.
pub(in crate::store) const TRY_AGAIN: [&str; 3] =
    ["TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"];

impl ClassifyRetry for RetryTransactionConflicts {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = context.output_or_error() else { return RetryAction::NoActionIndicated };
        let Some(error) = error.as_operation_error() else { return RetryAction::NoActionIndicated };
        let conflict = if let Some(error) = error.downcast_ref::<TransactWriteItemsError>() {
            is_transient(error)
        } else if let Some(error) = error.downcast_ref::<UpdateItemError>() {
            error.code() == Some(CONFLICT_EXCEPTION)
        } else if let Some(error) = error.downcast_ref::<PutItemError>() {
            error.code() == Some(CONFLICT_EXCEPTION)
        } else if let Some(error) = error.downcast_ref::<DeleteItemError>() {
            error.code() == Some(CONFLICT_EXCEPTION)
        } else {
            false
        };
        if conflict { RetryAction::transient_error() } else { RetryAction::NoActionIndicated }
    }

    fn name(&self) -> &'static str {
        "retry transaction conflicts"
    }
}

/// Whether a transaction was cancelled only for reasons that pass.
fn is_transient(error: &TransactWriteItemsError) -> bool {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { return false };
    let codes = || cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code());
    codes().any(|code| TRY_AGAIN.contains(&code))
        && codes().all(|code| code == "None" || TRY_AGAIN.contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls_pki_types::CertificateDer;
    use rustls_pki_types::pem::PemObject;

    #[test]
    fn amazons_roots_are_those_that_mozilla_trusts() {
        let ours: Vec<CertificateDer<'_>> =
            CertificateDer::pem_slice_iter(Roots::AMAZON).map(Result::unwrap).collect();
        let of_amazon = |certificate: &&CertificateDer<'_>| {
            let text = String::from_utf8_lossy(certificate);
            text.contains("Amazon Root CA")
                || text.contains("Starfield Services Root Certificate Authority - G2")
        };
        let theirs: Vec<_> = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter(of_amazon).collect();
        assert_eq!(ours.len(), 5);
        assert!(theirs.len() == 5 && theirs.iter().all(|certificate| ours.contains(certificate)));
    }
    #[test]
    fn a_transaction_whose_condition_failed_is_not_tried_again() {
        use aws_sdk_dynamodb::types::CancellationReason;
        use aws_sdk_dynamodb::types::error::TransactionCanceledException;

        let cancelled = |codes: &[&str]| {
            let reasons = codes.iter().map(|code| CancellationReason::builder().code(*code).build());
            let cancelled = TransactionCanceledException::builder();
            let cancelled = cancelled.set_cancellation_reasons(Some(reasons.collect())).build();
            TransactWriteItemsError::TransactionCanceledException(cancelled)
        };
        for passing in TRY_AGAIN {
            assert!(is_transient(&cancelled(&["None", passing])), "{passing}");
            assert!(!is_transient(&cancelled(&["ConditionalCheckFailed", passing])), "{passing}");
        }
        assert!(!is_transient(&cancelled(&["None", "ConditionalCheckFailed"])));
        assert!(!is_transient(&cancelled(&["None"])));
    }
}
