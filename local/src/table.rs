//! The table in a DynamoDB that is not AWS's own: created as `data.yaml` defines it.

use crate::Error;
use crate::template::{IndexDefinition, TableDefinition, Template};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType, TableDescription,
    TimeToLiveSpecification,
};
use shared::store::StoreError;

/// Whether a table is made with its stream. In the emulator a stream makes each write cost as much as it is long, so
/// tables whose stream is not read are made without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// As `data.yaml` has it.
    On,
    /// None.
    Off,
}

/// Creates the table if it does not exist; returns whether it did.
///
/// Without point-in-time recovery, which emulators do not have.
pub async fn create(client: &Client, name: &str, stream: Stream) -> Result<bool, Error> {
    let definition = Template::data()?.table()?;
    let mut request = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    for (attribute, kind) in &definition.attributes {
        let attribute = AttributeDefinition::builder()
            .attribute_name(attribute)
            .attribute_type(ScalarAttributeType::from(kind.as_str()))
            .build();
        request =
            request.attribute_definitions(attribute.map_err(|error| Error::Template(error.to_string()))?);
    }
    request = request.set_key_schema(Some(key_schema(&definition.keys)?));
    request = request.set_global_secondary_indexes(Some(indexes(&definition)?));
    if stream == Stream::On {
        request = request.stream_specification(stream_specification(&definition)?);
    }
    if let Err(error) = request.send().await {
        let there = error.as_service_error().is_some_and(
            aws_sdk_dynamodb::operation::create_table::CreateTableError::is_resource_in_use_exception,
        );
        return if there { Ok(false) } else { Err(StoreError::from_sdk(&error).into()) };
    }
    let ttl =
        TimeToLiveSpecification::builder().attribute_name(&definition.ttl_attribute).enabled(true).build();
    let ttl = ttl.map_err(|error| Error::Template(error.to_string()))?;
    let set = client.update_time_to_live().table_name(name).time_to_live_specification(ttl).send().await;
    set.map_err(|error| StoreError::from_sdk(&error))?;
    Ok(true)
}

/// Adds the stream to a table that an earlier version made without one.
pub async fn enable_stream(client: &Client, name: &str) -> Result<(), Error> {
    let definition = Template::data()?.table()?;
    let request = client.update_table().table_name(name);
    let sent = request.stream_specification(stream_specification(&definition)?).send().await;
    sent.map_err(|error| StoreError::from_sdk(&error))?;
    Ok(())
}

fn stream_specification(definition: &TableDefinition) -> Result<StreamSpecification, Error> {
    let specification = StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(StreamViewType::from(definition.stream_view.as_str()));
    specification.build().map_err(|error| Error::Template(error.to_string()))
}

/// Whether the table is there, asked of a DynamoDB that is not embedded.
pub async fn exists(client: &Client, name: &str) -> Result<bool, StoreError> {
    match client.describe_table().table_name(name).send().await {
        Ok(_) => Ok(true),
        Err(error) => {
            let missing = error.as_service_error().is_some_and(
                aws_sdk_dynamodb::operation::describe_table::DescribeTableError::is_resource_not_found_exception,
            );
            if missing { Ok(false) } else { Err(StoreError::from_sdk(&error)) }
        }
    }
}

/// Whether the table has the indexes that it should have.
pub async fn has_indexes(client: &Client, name: &str) -> Result<bool, Error> {
    let described = client.describe_table().table_name(name).send().await;
    let described = described.map_err(|error| StoreError::from_sdk(&error))?;
    let there = described.table().map(TableDescription::global_secondary_indexes).unwrap_or_default();
    let is_there =
        |wanted: &IndexDefinition| there.iter().any(|index| index.index_name() == Some(wanted.name.as_str()));
    Ok(Template::data()?.table()?.indexes.iter().all(is_there))
}

fn key_schema(keys: &[(String, String)]) -> Result<Vec<KeySchemaElement>, Error> {
    keys.iter()
        .map(|(name, role)| {
            let element =
                KeySchemaElement::builder().attribute_name(name).key_type(KeyType::from(role.as_str()));
            element.build().map_err(|error| Error::Template(error.to_string()))
        })
        .collect()
}

fn indexes(definition: &TableDefinition) -> Result<Vec<GlobalSecondaryIndex>, Error> {
    definition
        .indexes
        .iter()
        .map(|index| {
            let projection = Projection::builder()
                .projection_type(ProjectionType::from(index.projection.as_str()))
                .build();
            GlobalSecondaryIndex::builder()
                .index_name(&index.name)
                .set_key_schema(Some(key_schema(&index.keys)?))
                .projection(projection)
                .build()
                .map_err(|error| Error::Template(error.to_string()))
        })
        .collect()
}
