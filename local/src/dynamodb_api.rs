//! The embedded database as a DynamoDB API over HTTP, protected by an access key.
//!
//! `dynoxide` has a server of its own, which accepts any credentials: every user of the machine could read the table, and write
//! an API key into it. The access key travels in each request's `Authorization` header, over loopback alone.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use dynoxide::{Database, DynoxideError};
use lambda_http::http::header::{AUTHORIZATION, CONTENT_TYPE};
use lambda_http::http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use tokio::net::TcpListener;

/// What DynamoDB takes at most, in bytes.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// What each request is answered with.
type Answer = (StatusCode, [(lambda_http::http::HeaderName, &'static str); 1], String);

#[derive(Clone)]
struct Served {
    database: Database,
    /// The credential in the `Authorization` header: `Credential=…/`.
    credential: Arc<str>,
}

/// Answers until `stop` is done.
pub(crate) async fn serve(
    listener: TcpListener,
    database: Database,
    access_key: &str,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let served = Served { database, credential: format!("Credential={access_key}/").into() };
    let router = Router::new().fallback(answer).layer(DefaultBodyLimit::max(BODY_LIMIT)).with_state(served);
    axum::serve(listener, router).with_graceful_shutdown(stop).await
}

async fn answer(State(served): State<Served>, headers: HeaderMap, body: Bytes) -> Answer {
    let reply = |status: u16, body: String| {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [(CONTENT_TYPE, "application/x-amz-json-1.0")], body)
    };
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !is_credential(text(AUTHORIZATION.as_str()), &served.credential) {
        let refused = r#"{"__type":"com.amazon.coral.service#UnrecognizedClientException","message":"The access key is not the one of this database."}"#;
        return reply(400, refused.into());
    }
    // `DynamoDB_20120810.PutItem`, `DynamoDBStreams_20120810.GetRecords`.
    let operation = text("x-amz-target").rsplit('.').next().unwrap_or_default();
    match call(&served.database, operation, &body) {
        Ok(answer) => reply(200, answer),
        Err(error) => reply(error.status_code(), error.to_json()),
    }
}

/// Whether the header holds the credential. The comparison takes the same time wherever they differ.
fn is_credential(authorization: &str, expected: &str) -> bool {
    let given =
        authorization.split([' ', ',']).find(|part| part.starts_with("Credential=")).unwrap_or_default();
    let Some(given) = given.get(..expected.len()) else { return false };
    given.bytes().zip(expected.bytes()).fold(0, |differing, (a, b)| differing | (a ^ b)) == 0
}

/// What the SDKs of the product and of its tests ask for.
fn call(database: &Database, operation: &str, body: &[u8]) -> Result<String, DynoxideError> {
    macro_rules! operations {
        ($($name:literal => $method:ident),* $(,)?) => {
            match operation {
                $($name => run(body, |request| database.$method(request)),)*
                _ => Err(DynoxideError::SerializationException("UnknownOperationException".into())),
            }
        };
    }
    operations! {
        "CreateTable" => create_table,
        "DeleteTable" => delete_table,
        "DescribeTable" => describe_table,
        "ListTables" => list_tables,
        "UpdateTable" => update_table,
        "UpdateTimeToLive" => update_time_to_live,
        "DescribeTimeToLive" => describe_time_to_live,
        "PutItem" => put_item,
        "GetItem" => get_item,
        "UpdateItem" => update_item,
        "DeleteItem" => delete_item,
        "Query" => query,
        "Scan" => scan,
        "BatchGetItem" => batch_get_item,
        "BatchWriteItem" => batch_write_item,
        "TransactGetItems" => transact_get_items,
        "TransactWriteItems" => transact_write_items,
        "ListStreams" => list_streams,
        "DescribeStream" => describe_stream,
        "GetShardIterator" => get_shard_iterator,
        "GetRecords" => get_records,
    }
}

fn run<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    operation: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<String, DynoxideError> {
    let unreadable = |error: serde_json::Error| DynoxideError::SerializationException(error.to_string());
    let answer = operation(serde_json::from_slice(body).map_err(unreadable)?)?;
    serde_json::to_string(&answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_access_key_is_the_credential() {
        let header = |key: &str| {
            format!(
                "AWS4-HMAC-SHA256 Credential={key}/20260513/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
            )
        };
        let expected = "Credential=0123abcd/";
        assert!(is_credential(&header("0123abcd"), expected));
        for key in ["", "local", "0123abc", "0123abcd0", "0123abce", "é123abcd", "X Credential=0123abcd"] {
            assert!(!is_credential(&header(key), expected), "{key}");
        }
        for header in ["", "Credential=", "Bearer 0123abcd", "0123abcd/"] {
            assert!(!is_credential(header, expected), "{header}");
        }
    }
}
