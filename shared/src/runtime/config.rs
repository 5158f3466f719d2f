//! A function's settings, read from its environment once, at start-up.

use crate::bucket::{Bucket, BucketSettings, Sources};
use crate::egress::{Egress, PrivateReceivers, PrivateReceiversError};
use crate::metrics;
use crate::review::OrganizationId;
use crate::store::{EndpointKind, Roots, Store, dynamodb_at, sdk};
use aws_sdk_dynamodb::config::{Credentials, Region};
use aws_types::SdkConfig;
use std::env;

/// A function's settings.
#[derive(Debug)]
pub struct Config {
    /// The table's name (`HOLDPOINT_TABLE`).
    pub table: String,
    /// The table's region (`AWS_REGION`, set by Lambda).
    pub region: String,
    /// Endpoint of a DynamoDB other than AWS's (`AWS_ENDPOINT_URL_DYNAMODB`).
    pub endpoint: Option<String>,
    /// The event bus (`HOLDPOINT_EVENT_BUS`), by name or ARN; none if it is not set.
    pub event_bus: Option<String>,
    /// Endpoint of an EventBridge other than AWS's (`AWS_ENDPOINT_URL_EVENTBRIDGE`).
    pub event_bus_endpoint: Option<String>,
    /// Endpoint of Step Functions other than AWS's (`AWS_ENDPOINT_URL_SFN`).
    pub step_functions_endpoint: Option<String>,
    /// Which of AWS's own endpoints are called (`AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT`), of each service without
    /// another endpoint above.
    pub endpoint_kind: EndpointKind,
    /// Private receivers that may be called (`HOLDPOINT_PRIVATE_RECEIVERS`); none if it is not set.
    pub egress: Egress,
    /// Which metrics are written (`HOLDPOINT_METRICS`); all if it is not set.
    pub metrics: metrics::Level,
    /// Whose people sign in where nobody says for which organization (`HOLDPOINT_ORGANIZATION`).
    pub organization: Option<OrganizationId>,
    /// The address of the deployment's pages (`HOLDPOINT_URL`), such as `https://reviews.example.com`; none if it is not set.
    pub base_url: Option<String>,
    /// Whether the deployment names root certificates (`SSL_CERT_FILE`, `SSL_CERT_DIR`).
    roots_are_named: bool,
    credentials: Credentials,
}

/// A setting is missing or wrong.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A variable is not set, or is empty or not Unicode.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// A variable that switches something on or off says neither.
    #[error("{0} must be true or false")]
    NoSwitch(&'static str),
    /// The list of private receivers is not valid.
    #[error("HOLDPOINT_PRIVATE_RECEIVERS: {0}")]
    PrivateReceivers(#[from] PrivateReceiversError),
    /// The list of objects that may be read is not valid.
    #[error(
        "HOLDPOINT_SOURCE_OBJECTS is not a list of ARNs such as arn:aws:s3:::BUCKET/PREFIX*, with commas between them"
    )]
    SourceObjects,
    /// The organization is no identifier.
    #[error("HOLDPOINT_ORGANIZATION is not the id of an organization")]
    Organization,
    /// The address of the pages is none.
    #[error("HOLDPOINT_URL is not an address such as https://reviews.example.com")]
    BaseUrl,
    /// The level of metrics is none.
    #[error("HOLDPOINT_METRICS is neither full nor minimal")]
    Metrics,
}

impl Config {
    /// Reads the environment. Credentials come straight from the variables that Lambda sets: no provider chain, no
    /// call at start-up. Lambda replaces the sandbox before they end.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::for_table(required("HOLDPOINT_TABLE")?)
    }

    /// As [`Config::from_env`], with another table.
    pub fn for_table(table: String) -> Result<Self, ConfigError> {
        Ok(Self {
            table,
            region: required("AWS_REGION")?,
            endpoint: optional("AWS_ENDPOINT_URL_DYNAMODB"),
            event_bus: optional("HOLDPOINT_EVENT_BUS"),
            event_bus_endpoint: optional("AWS_ENDPOINT_URL_EVENTBRIDGE"),
            step_functions_endpoint: optional("AWS_ENDPOINT_URL_SFN"),
            endpoint_kind: EndpointKind {
                is_fips: switch("AWS_USE_FIPS_ENDPOINT", optional)?,
                is_dual_stack: switch("AWS_USE_DUALSTACK_ENDPOINT", optional)?,
            },
            egress: egress(optional("HOLDPOINT_PRIVATE_RECEIVERS"))?,
            metrics: level(optional("HOLDPOINT_METRICS"))?,
            organization: organization(optional("HOLDPOINT_ORGANIZATION"))?,
            base_url: base_url(optional("HOLDPOINT_URL"))?,
            roots_are_named: ["SSL_CERT_FILE", "SSL_CERT_DIR"].iter().any(|name| optional(name).is_some()),
            credentials: Credentials::new(
                required("AWS_ACCESS_KEY_ID")?,
                required("AWS_SECRET_ACCESS_KEY")?,
                optional("AWS_SESSION_TOKEN"),
                None,
                "environment",
            ),
        })
    }

    /// Settings of the clients of services other than DynamoDB.
    pub fn sdk(&self) -> SdkConfig {
        self.sdk_with(Roots::System)
    }

    fn sdk_with(&self, roots: Roots) -> SdkConfig {
        let sdk = sdk(Region::new(self.region.clone()), self.credentials.clone(), roots);
        self.endpoint_kind.of_all(&sdk)
    }

    /// Amazon's roots for AWS's own DynamoDB and S3: they are few, so a cold start is shorter. The system's for another https endpoint,
    /// outside AWS's public partition (China, `GovCloud`, isolated and sovereign regions), and if the deployment names its own.
    fn roots(&self, endpoint: Option<&String>) -> Roots {
        const OTHER_PARTITIONS: [&str; 5] = ["cn-", "us-gov-", "us-iso", "eu-iso", "eusc-"];
        let elsewhere = OTHER_PARTITIONS.iter().any(|prefix| self.region.starts_with(prefix));
        let own = endpoint.is_some_and(|url| !url.starts_with("http:"));
        if own || elsewhere || self.roots_are_named { Roots::System } else { Roots::Amazon }
    }

    /// The store with these settings. Does not open a connection yet.
    pub fn store(self) -> Store {
        let config = dynamodb_at(&self.sdk_with(self.roots(self.endpoint.as_ref())), self.endpoint);
        Store::new(aws_sdk_dynamodb::Client::from_conf(config.build()), self.table)
    }

    /// The bucket of documents (`HOLDPOINT_BUCKET`), if it is set; of an S3 other than AWS's, if `AWS_ENDPOINT_URL_S3` is. It may read
    /// what `HOLDPOINT_SOURCE_OBJECTS` lists (ARNs, with commas between them) in buckets of others. Does no I/O.
    pub fn bucket(&self) -> Result<Option<Bucket>, ConfigError> {
        let Some(name) = optional("HOLDPOINT_BUCKET") else { return Ok(None) };
        Ok(Some(self.bucket_of(name, source_objects(optional("HOLDPOINT_SOURCE_OBJECTS"))?)))
    }

    /// The bucket of the stream's records that could not be published (`HOLDPOINT_FAILED_RECORDS_BUCKET`), if it is set. Does no I/O.
    pub fn failed_records(&self) -> Option<Bucket> {
        let name = optional("HOLDPOINT_FAILED_RECORDS_BUCKET")?;
        Some(self.bucket_of(name, Sources::default()))
    }

    fn bucket_of(&self, name: String, sources: Sources) -> Bucket {
        let endpoint = optional("AWS_ENDPOINT_URL_S3");
        Bucket::new(BucketSettings {
            name,
            region: self.region.clone(),
            credentials: self.credentials.clone(),
            roots: self.roots(endpoint.as_ref()),
            endpoint,
            endpoint_kind: self.endpoint_kind,
            sources,
        })
    }
}

fn level(word: Option<String>) -> Result<metrics::Level, ConfigError> {
    word.map_or(Ok(metrics::Level::Full), |word| metrics::Level::parse(&word).ok_or(ConfigError::Metrics))
}

fn organization(text: Option<String>) -> Result<Option<OrganizationId>, ConfigError> {
    text.map(|text| OrganizationId::parse(&text)).transpose().map_err(|_| ConfigError::Organization)
}

/// The address of a site: `http` or `https`, a host, nothing else.
fn base_url(text: Option<String>) -> Result<Option<String>, ConfigError> {
    let Some(text) = text else { return Ok(None) };
    let url = url::Url::parse(&text).map_err(|_| ConfigError::BaseUrl)?;
    let origin = url.origin().ascii_serialization();
    let is_site = matches!(url.scheme(), "http" | "https") && format!("{origin}/") == url.as_str();
    if is_site { Ok(Some(origin)) } else { Err(ConfigError::BaseUrl) }
}

fn source_objects(list: Option<String>) -> Result<Sources, ConfigError> {
    Sources::parse(&list.unwrap_or_default()).ok_or(ConfigError::SourceObjects)
}

/// The rules for outgoing calls, with this list of private receivers. It is kept as long as the process runs.
fn egress(list: Option<String>) -> Result<Egress, ConfigError> {
    let Some(list) = list else { return Ok(Egress::Public) };
    Ok(Egress::PublicAnd(Box::leak(Box::new(PrivateReceivers::parse(&list)?))))
}

/// Whether a variable says `true` or, as when it is not set, `false`, in letters of any case.
fn switch(name: &'static str, read: impl Fn(&str) -> Option<String>) -> Result<bool, ConfigError> {
    match read(name) {
        None => Ok(false),
        Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        Some(_) => Err(ConfigError::NoSwitch(name)),
    }
}

fn optional(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn required(name: &'static str) -> Result<String, ConfigError> {
    optional(name).ok_or(ConfigError::Missing(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
    use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
    use aws_sdk_dynamodb::error::BoxError;
    use std::sync::{Arc, Mutex};

    #[test]
    fn a_level_of_metrics_that_is_none_stops_the_start() {
        assert_eq!(level(None).unwrap(), metrics::Level::Full);
        assert_eq!(level(Some("minimal".into())).unwrap(), metrics::Level::Minimal);
        assert!(level(Some("none".into())).unwrap_err().to_string().contains("HOLDPOINT_METRICS"));
    }

    #[test]
    fn an_organization_that_is_no_identifier_stops_the_start() {
        assert_eq!(organization(None).unwrap(), None);
        assert_eq!(organization(Some("org_1".into())).unwrap().unwrap().as_str(), "org_1");
        assert!(matches!(organization(Some("a#b".into())), Err(ConfigError::Organization)));
    }

    #[test]
    fn an_address_of_pages_that_is_none_stops_the_start() {
        assert_eq!(base_url(None).unwrap(), None);
        for (text, origin) in [
            ("https://reviews.example.com", "https://reviews.example.com"),
            ("https://Reviews.example.com/", "https://reviews.example.com"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ] {
            assert_eq!(base_url(Some(text.into())).unwrap().as_deref(), Some(origin));
        }
        for text in [
            "reviews.example.com",
            "https://",
            "https://a@b.example",
            "https://a.example/x",
            "ftp://a.example",
            "https://a.example?x",
        ] {
            let error = base_url(Some(text.into())).unwrap_err().to_string();
            assert!(error.starts_with("HOLDPOINT_URL"), "{text}: {error}");
        }
    }

    #[test]
    fn a_list_of_private_receivers_that_cannot_be_read_stops_the_start() {
        assert_eq!(egress(None).unwrap(), Egress::Public);
        assert!(matches!(egress(Some("10.0.0.0/8".into())).unwrap(), Egress::PublicAnd(_)));
        let error = egress(Some("127.0.0.0/8".into())).unwrap_err().to_string();
        assert!(error.starts_with("HOLDPOINT_PRIVATE_RECEIVERS: `127.0.0.0/8`"), "{error}");
    }

    #[test]
    fn a_list_of_objects_that_cannot_be_read_stops_the_start() {
        assert_eq!(source_objects(None).unwrap(), Sources::default());
        assert!(source_objects(Some("arn:aws:s3:::scans/*".into())).unwrap().allow("scans", "a"));
        assert!(matches!(source_objects(Some("scans".into())), Err(ConfigError::SourceObjects)));
    }

    fn config(region: &str) -> Config {
        Config {
            organization: None,
            base_url: None,
            table: "table".into(),
            region: region.into(),
            endpoint: None,
            event_bus: None,
            event_bus_endpoint: None,
            step_functions_endpoint: None,
            endpoint_kind: EndpointKind::default(),
            egress: Egress::Public,
            metrics: metrics::Level::Full,
            roots_are_named: false,
            credentials: Credentials::new("id", "secret", None, None, "test"),
        }
    }

    #[test]
    fn a_switch_is_true_or_false_and_anything_else_stops_the_start() {
        let said = |text: &str| switch("AWS_USE_FIPS_ENDPOINT", |_| Some(text.to_owned()));
        assert!(!switch("AWS_USE_FIPS_ENDPOINT", |_| None).unwrap());
        for (text, value) in [("true", true), ("TRUE", true), ("false", false), ("False", false)] {
            assert_eq!(said(text).unwrap(), value, "{text}");
        }
        for text in ["1", "yes", "true ", "on"] {
            assert_eq!(said(text).unwrap_err().to_string(), "AWS_USE_FIPS_ENDPOINT must be true or false");
        }
    }

    /// Sees where a request would go, and stops it there.
    #[derive(Clone, Debug, Default)]
    struct Destination(Arc<Mutex<String>>);

    impl Intercept for Destination {
        fn name(&self) -> &'static str {
            "destination"
        }

        fn read_before_transmit(
            &self,
            context: &BeforeTransmitInterceptorContextRef<'_>,
            _: &RuntimeComponents,
            _: &mut ConfigBag,
        ) -> Result<(), BoxError> {
            context.request().uri().clone_into(&mut self.0.lock().unwrap());
            Err("not sent".into())
        }
    }

    #[tokio::test]
    async fn tables_are_called_at_the_endpoint_of_the_kind_asked_for() {
        for (is_fips, is_dual_stack, own, url) in [
            (false, false, None, "https://dynamodb.us-west-2.amazonaws.com/"),
            (true, false, None, "https://dynamodb-fips.us-west-2.amazonaws.com/"),
            (false, true, None, "https://dynamodb.us-west-2.api.aws/"),
            (true, true, None, "https://dynamodb-fips.us-west-2.api.aws/"),
            (true, true, Some("http://127.0.0.1:8000"), "http://127.0.0.1:8000/"),
        ] {
            let endpoint_kind = EndpointKind { is_fips, is_dual_stack };
            let config = Config { endpoint_kind, endpoint: own.map(str::to_owned), ..config("us-west-2") };
            let seen = Destination::default();
            let request = config.store().client().list_tables().customize().interceptor(seen.clone());
            request.send().await.unwrap_err();
            assert_eq!(*seen.0.lock().unwrap(), url);
        }
    }

    #[test]
    fn the_other_clients_call_endpoints_of_the_same_kind() {
        let endpoint_kind = EndpointKind { is_fips: true, is_dual_stack: true };
        let sdk = Config { endpoint_kind, ..config("us-west-2") }.sdk();
        assert_eq!((sdk.use_fips(), sdk.use_dual_stack()), (Some(true), Some(true)));
    }

    #[test]
    fn only_awss_public_regions_are_believed_by_amazons_roots() {
        let roots =
            |region: &str, endpoint: Option<&str>| config(region).roots(endpoint.map(str::to_owned).as_ref());
        for region in ["eu-west-1", "us-east-1", "il-central-1", "mx-central-1"] {
            assert_eq!(roots(region, None), Roots::Amazon, "{region}");
            assert_eq!(roots(region, Some("https://own.example")), Roots::System);
        }
        assert_eq!(roots("eu-west-1", Some("http://127.0.0.1:8000")), Roots::Amazon, "nobody to believe");
        for region in [
            "cn-north-1",
            "us-gov-west-1",
            "us-iso-east-1",
            "us-isob-east-1",
            "eu-isoe-west-1",
            "eusc-de-east-1",
        ] {
            assert_eq!(roots(region, None), Roots::System, "{region}");
        }
    }
}
