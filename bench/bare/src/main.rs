//! The four calls that a claim makes to DynamoDB, in a bare `lambda_http` function: the SDK's part of a cold start. It parses
//! nothing, checks nothing, and answers nothing that it has read.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_dynamodb::types::AttributeValue::{N, S};
use aws_sdk_dynamodb::types::ReturnValue;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use lambda_http::{Body, Error, Request, RequestExt, Response, run, service_fn};
use sha2::{Digest, Sha256};
use std::env::var;

fn client() -> Result<Client, Error> {
    let (id, secret) = (var("AWS_ACCESS_KEY_ID")?, var("AWS_SECRET_ACCESS_KEY")?);
    // No root certificates: the endpoint is plain HTTP.
    let tls = TlsContext::builder().with_trust_store(TrustStore::empty()).build()?;
    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring));
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(var("AWS_REGION")?))
        .credentials_provider(Credentials::new(id, secret, None, None, "environment"))
        .endpoint_url(var("AWS_ENDPOINT_URL_DYNAMODB")?)
        .http_client(http.tls_context(tls).build_https());
    Ok(Client::from_conf(config.build()))
}

async fn claim(dynamodb: &Client, table: &str, request: Request) -> Result<Response<Body>, Error> {
    let key = request.headers().get("api-key").map_or(&[][..], |key| key.as_bytes());
    let parameters = request.path_parameters();
    let run = parameters.first("run_id").unwrap_or_default();
    let block = parameters.first("block_id").unwrap_or_default();
    let get = dynamodb.get_item().table_name(table).consistent_read(true);
    let key =
        get.key("pk", S(format!("KEY#{:x}", Sha256::digest(key)))).key("sk", S("KEY".into())).send().await?;
    let organization =
        key.item().and_then(|key| key.get("organization")?.as_s().ok()).map_or("", String::as_str);
    let review = format!("REVIEW#{organization}#{run}#{block}");
    let write = dynamodb
        .update_item()
        .table_name(table)
        .key("pk", S(review.clone()))
        .key("sk", S("#META".into()))
        .update_expression("SET rev = rev + :one")
        .condition_expression("rev = :zero")
        .expression_attribute_values(":one", N("1".into()))
        .expression_attribute_values(":zero", N("0".into()))
        .return_values(ReturnValue::AllOld);
    let read = dynamodb
        .query()
        .table_name(table)
        .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
        .expression_attribute_values(":pk", S(review))
        .expression_attribute_values(":from", S("AUDIT#".into()))
        .expression_attribute_values(":to", S("VERSION$".into()))
        .consistent_read(true);
    let lease = dynamodb
        .put_item()
        .table_name(table)
        .item("pk", S(format!("HOLDER#{organization}#human#bare")))
        .item("sk", S(format!("LEASE#{run}#{block}")));
    tokio::try_join!(
        async { write.send().await.map_err(Error::from) },
        async { read.send().await.map_err(Error::from) },
        async { lease.send().await.map_err(Error::from) },
    )?;
    Ok(Response::new(Body::Text("{}".into())))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (dynamodb, table) = (&client()?, &*var("HOLDPOINT_TABLE")?);
    run(service_fn(async |request| claim(dynamodb, table, request).await)).await
}
