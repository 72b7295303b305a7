//! Structures of requests and responses as the service's own JSON, as the convention requires. Keys of items
//! are the user's data and left out.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, Capacity, ConsumedCapacity, GlobalSecondaryIndex,
    GlobalSecondaryIndexUpdate, ItemCollectionMetrics, KeySchemaElement, LocalSecondaryIndex,
    Projection, ProvisionedThroughput,
};
use serde_json::{Map, Value, json};

use super::table;

pub(super) fn definition(definition: &AttributeDefinition) -> Value {
    json!({
        "AttributeName": definition.attribute_name(),
        "AttributeType": definition.attribute_type().as_str(),
    })
}

pub(super) fn global_index(index: &GlobalSecondaryIndex) -> Value {
    object([
        ("IndexName", Some(index.index_name().into())),
        ("KeySchema", Some(keys(index.key_schema()))),
        ("Projection", index.projection().map(projection)),
        (
            "ProvisionedThroughput",
            index.provisioned_throughput().map(throughput),
        ),
    ])
}

pub(super) fn local_index(index: &LocalSecondaryIndex) -> Value {
    object([
        ("IndexName", Some(index.index_name().into())),
        ("KeySchema", Some(keys(index.key_schema()))),
        ("Projection", index.projection().map(projection)),
    ])
}

pub(super) fn index_update(update: &GlobalSecondaryIndexUpdate) -> Value {
    let create = update.create().map(|create| {
        object([
            ("IndexName", Some(create.index_name().into())),
            ("KeySchema", Some(keys(create.key_schema()))),
            ("Projection", create.projection().map(projection)),
            (
                "ProvisionedThroughput",
                create.provisioned_throughput().map(throughput),
            ),
        ])
    });
    let changed = update.update().map(|changed| {
        object([
            ("IndexName", Some(changed.index_name().into())),
            (
                "ProvisionedThroughput",
                changed.provisioned_throughput().map(throughput),
            ),
        ])
    });
    let deleted = update.delete();
    object([
        ("Create", create),
        ("Update", changed),
        (
            "Delete",
            deleted.map(|deleted| json!({"IndexName": deleted.index_name()})),
        ),
    ])
}

pub(super) fn consumed(consumed: &ConsumedCapacity) -> Value {
    let indexes = |of: Option<&HashMap<String, Capacity>>| {
        let indexes = of?.iter();
        let indexes = indexes.map(|(name, used)| (name.clone(), capacity(used)));
        Some(Value::Object(indexes.collect()))
    };
    object([
        (
            "TableName",
            consumed.table_name().map(table::name).map(Value::from),
        ),
        ("CapacityUnits", consumed.capacity_units().map(Value::from)),
        (
            "ReadCapacityUnits",
            consumed.read_capacity_units().map(Value::from),
        ),
        (
            "WriteCapacityUnits",
            consumed.write_capacity_units().map(Value::from),
        ),
        ("Table", consumed.table().map(capacity)),
        (
            "LocalSecondaryIndexes",
            indexes(consumed.local_secondary_indexes()),
        ),
        (
            "GlobalSecondaryIndexes",
            indexes(consumed.global_secondary_indexes()),
        ),
    ])
}

fn capacity(used: &Capacity) -> Value {
    object([
        ("CapacityUnits", used.capacity_units().map(Value::from)),
        (
            "ReadCapacityUnits",
            used.read_capacity_units().map(Value::from),
        ),
        (
            "WriteCapacityUnits",
            used.write_capacity_units().map(Value::from),
        ),
    ])
}

pub(super) fn collection(metrics: &ItemCollectionMetrics) -> Value {
    json!({"SizeEstimateRangeGB": metrics.size_estimate_range_gb()})
}

fn keys(schema: &[KeySchemaElement]) -> Value {
    let keys = schema.iter().map(
        |key| json!({"AttributeName": key.attribute_name(), "KeyType": key.key_type().as_str()}),
    );
    keys.collect()
}

fn projection(projection: &Projection) -> Value {
    let names = projection.non_key_attributes();
    object([
        (
            "ProjectionType",
            projection
                .projection_type()
                .map(|kind| kind.as_str().into()),
        ),
        (
            "NonKeyAttributes",
            (!names.is_empty()).then(|| names.into()),
        ),
    ])
}

fn throughput(throughput: &ProvisionedThroughput) -> Value {
    json!({
        "ReadCapacityUnits": throughput.read_capacity_units(),
        "WriteCapacityUnits": throughput.write_capacity_units(),
    })
}

/// Returns an object of the members that have a value.
fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let present = members.into_iter();
    let present = present.filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(present.collect::<Map<_, _>>())
}
