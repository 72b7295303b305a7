//! DynamoDB: the convention's attributes, and nothing of the items.

use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, AttributeValue, CreateGlobalSecondaryIndexAction,
        DeleteGlobalSecondaryIndexAction, DeleteRequest, GlobalSecondaryIndex,
        GlobalSecondaryIndexUpdate, KeySchemaElement, KeyType, KeysAndAttributes,
        LocalSecondaryIndex, Projection, ProjectionType, ProvisionedThroughput,
        ReturnConsumedCapacity, ReturnItemCollectionMetrics, ScalarAttributeType, WriteRequest,
    },
};
use aws_smithy_http_client::test_util::StaticReplayClient;
use opentelemetry::trace::{SpanKind, Status};
use opentelemetry_sdk::trace::SpanData;
use serde_json::{Value, json};

use crate::common::*;

fn client(spans: &Spans, http: &StaticReplayClient) -> Client {
    let config = aws_sdk_dynamodb::config::Builder::from(&config(http.clone()));
    Client::from_conf(config.interceptor(spans.lamplight()).build())
}

#[tokio::test]
async fn tables_and_counts() {
    let spans = Spans::new();
    let http = replay([reply(
        200,
        r#"{"Count":2,"ScannedCount":3,"Items":[{"id":{"S":"secret"}}],
            "ConsumedCapacity":{"TableName":"orders","CapacityUnits":0.5}}"#,
    )]);
    client(&spans, &http)
        .query()
        .table_name("orders")
        .index_name("by-customer")
        .consistent_read(true)
        .limit(10)
        .scan_index_forward(false)
        .projection_expression("id")
        .key_condition_expression("id = :id")
        .expression_attribute_values(":id", AttributeValue::S("secret".into()))
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await
        .unwrap();
    let mut span = spans.one();
    assert_eq!(
        json(&span, "aws.dynamodb.consumed_capacity"),
        json!([{"TableName": "orders", "CapacityUnits": 0.5}])
    );
    let others = |kv: &opentelemetry::KeyValue| kv.key.as_str() != "aws.dynamodb.consumed_capacity";
    span.attributes.retain(others);
    assert_eq!(span.name, "DynamoDB.Query");
    assert_eq!(span.span_kind, SpanKind::Client);
    expect(
        &span,
        &[
            ("aws.dynamodb.consistent_read", "true"),
            ("aws.dynamodb.count", "2"),
            ("aws.dynamodb.index_name", "by-customer"),
            ("aws.dynamodb.limit", "10"),
            ("aws.dynamodb.projection", "id"),
            ("aws.dynamodb.scan_forward", "false"),
            ("aws.dynamodb.scanned_count", "3"),
            ("aws.dynamodb.table_names", r#"["orders"]"#),
            ("cloud.region", "eu-west-1"),
            ("db.collection.name", "orders"),
            ("db.operation.name", "Query"),
            ("db.system.name", "aws.dynamodb"),
            ("http.response.status_code", "200"),
            ("lamplight.aws.attempts", "1"),
            ("rpc.method", "Query"),
            ("rpc.service", "DynamoDB"),
            ("rpc.system", "aws-api"),
            ("rpc.system.name", "aws-api"),
            ("server.address", "dynamodb.eu-west-1.amazonaws.com"),
            ("server.port", "443"),
        ],
    );
    assert!(!format!("{span:?}").contains("secret"));
}

/// "The JSON-serialized value of each item in the `ConsumedCapacity` response field": all of it
/// (dynamodb.md, `aws.dynamodb.consumed_capacity`).
#[tokio::test]
async fn capacity_is_told_by_table_and_index() {
    let spans = Spans::new();
    let used = json!({
        "TableName": "orders", "CapacityUnits": 3.0, "ReadCapacityUnits": 2.0, "WriteCapacityUnits": 1.0,
        "Table": {"CapacityUnits": 1.0, "ReadCapacityUnits": 0.5, "WriteCapacityUnits": 0.5},
        "LocalSecondaryIndexes": {"by_date": {"CapacityUnits": 1.0}},
        "GlobalSecondaryIndexes": {"by_customer": {"CapacityUnits": 1.0, "ReadCapacityUnits": 1.0}},
    });
    let http = replay([reply(200, &json!({"ConsumedCapacity": used}).to_string())]);
    let get = client(&spans, &http).get_item().table_name("orders");
    let get = get.return_consumed_capacity(ReturnConsumedCapacity::Indexes);
    let get = get.key("id", AttributeValue::S("1".into()));
    get.send().await.unwrap();
    let told = json(&spans.one(), "aws.dynamodb.consumed_capacity");
    assert_eq!(told, json!([used]));
}

#[tokio::test]
async fn batches_name_every_table_once() {
    let spans = Spans::new();
    let http = replay([reply(200, r#"{"Responses":{}}"#)]);
    let config = aws_sdk_dynamodb::config::Builder::from(&config(http.clone()));
    let keys = || {
        let key = [("id".to_owned(), AttributeValue::S("secret".into()))].into();
        KeysAndAttributes::builder().keys(key).build().unwrap()
    };
    aws_sdk_dynamodb::Client::from_conf(config.interceptor(spans.lamplight()).build())
        .batch_get_item()
        .request_items("b", keys())
        .request_items("a", keys())
        .send()
        .await
        .unwrap();
    let span = spans.one();
    assert_eq!(
        attributes(&span)["aws.dynamodb.table_names"],
        r#"["a","b"]"#
    );
    assert!(!format!("{span:?}").contains("secret"));
}

/// An attribute of JSON texts. In what order members are does not matter.
fn json(span: &SpanData, key: &str) -> Value {
    let attribute = span.attributes.iter().find(|kv| kv.key.as_str() == key);
    let texts = match &attribute.unwrap().value {
        opentelemetry::Value::Array(opentelemetry::Array::String(texts)) => texts.clone(),
        other => panic!("no texts: {other:?}"),
    };
    let texts = texts
        .iter()
        .map(|text| serde_json::from_str::<Value>(text.as_str()).unwrap());
    texts.collect()
}

fn key(name: &str, kind: KeyType) -> KeySchemaElement {
    let key = KeySchemaElement::builder().attribute_name(name);
    key.key_type(kind).build().unwrap()
}

fn definition(name: &str) -> AttributeDefinition {
    let definition = AttributeDefinition::builder().attribute_name(name);
    definition
        .attribute_type(ScalarAttributeType::S)
        .build()
        .unwrap()
}

fn units(read: i64, write: i64) -> ProvisionedThroughput {
    let units = ProvisionedThroughput::builder().read_capacity_units(read);
    units.write_capacity_units(write).build().unwrap()
}

fn projection() -> Projection {
    let projection = Projection::builder().projection_type(ProjectionType::Include);
    projection.non_key_attributes("to\"tal").build()
}

#[tokio::test]
async fn a_new_table_tells_its_indexes() {
    let spans = Spans::new();
    let http = replay([reply(200, "{}")]);
    let global = GlobalSecondaryIndex::builder()
        .index_name("by_customer")
        .key_schema(key("customer", KeyType::Hash))
        .projection(projection())
        .provisioned_throughput(units(1, 2));
    let local = LocalSecondaryIndex::builder()
        .index_name("by_date")
        .key_schema(key("id", KeyType::Hash))
        .key_schema(key("date", KeyType::Range))
        .projection(projection());
    client(&spans, &http)
        .create_table()
        .table_name("orders")
        .attribute_definitions(definition("id"))
        .key_schema(key("id", KeyType::Hash))
        .provisioned_throughput(units(3, 4))
        .global_secondary_indexes(global.build().unwrap())
        .local_secondary_indexes(local.build().unwrap())
        .send()
        .await
        .unwrap();
    let span = spans.one();
    assert_eq!(
        attributes(&span)["aws.dynamodb.provisioned_read_capacity"],
        "3"
    );
    let projection = json!({"ProjectionType": "INCLUDE", "NonKeyAttributes": ["to\"tal"]});
    assert_eq!(
        json(&span, "aws.dynamodb.global_secondary_indexes"),
        json!([{
            "IndexName": "by_customer",
            "KeySchema": [{"AttributeName": "customer", "KeyType": "HASH"}],
            "Projection": projection,
            "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 2},
        }])
    );
    assert_eq!(
        json(&span, "aws.dynamodb.local_secondary_indexes"),
        json!([{
            "IndexName": "by_date",
            "KeySchema": [
                {"AttributeName": "id", "KeyType": "HASH"},
                {"AttributeName": "date", "KeyType": "RANGE"},
            ],
            "Projection": projection,
        }])
    );
}

#[tokio::test]
async fn a_changed_table_tells_its_definitions_and_changes() {
    let spans = Spans::new();
    let http = replay([reply(200, "{}")]);
    let create = CreateGlobalSecondaryIndexAction::builder()
        .index_name("by_date")
        .key_schema(key("date", KeyType::Hash))
        .projection(projection());
    let delete = DeleteGlobalSecondaryIndexAction::builder().index_name("by_customer");
    let update = GlobalSecondaryIndexUpdate::builder;
    client(&spans, &http)
        .update_table()
        .table_name("orders")
        .attribute_definitions(definition("date"))
        .global_secondary_index_updates(update().create(create.build().unwrap()).build())
        .global_secondary_index_updates(update().delete(delete.build().unwrap()).build())
        .send()
        .await
        .unwrap();
    let span = spans.one();
    assert_eq!(
        json(&span, "aws.dynamodb.attribute_definitions"),
        json!([{"AttributeName": "date", "AttributeType": "S"}])
    );
    assert_eq!(
        json(&span, "aws.dynamodb.global_secondary_index_updates"),
        json!([
            {"Create": {
                "IndexName": "by_date",
                "KeySchema": [{"AttributeName": "date", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["to\"tal"]},
            }},
            {"Delete": {"IndexName": "by_customer"}},
        ])
    );
}

#[tokio::test]
async fn the_size_of_a_collection_is_told_and_not_its_key() {
    let spans = Spans::new();
    let http = replay([reply(
        200,
        r#"{"ItemCollectionMetrics":{"ItemCollectionKey":{"id":{"S":"secret"}},
            "SizeEstimateRangeGB":[0.5,1.5]}}"#,
    )]);
    client(&spans, &http)
        .delete_item()
        .table_name("orders")
        .key("id", AttributeValue::S("secret".into()))
        .return_item_collection_metrics(ReturnItemCollectionMetrics::Size)
        .send()
        .await
        .unwrap();
    let span = spans.one();
    assert_eq!(
        attributes(&span)["aws.dynamodb.item_collection_metrics"],
        r#"{"SizeEstimateRangeGB":[0.5,1.5]}"#
    );
    assert!(!format!("{span:?}").contains("secret"));
}

#[tokio::test]
async fn what_a_batch_did_not_get_to_is_told_by_table() {
    let spans = Spans::new();
    let http = replay([reply(
        200,
        r#"{"UnprocessedItems":{"orders":[{"DeleteRequest":{"Key":{"id":{"S":"secret"}}}}]},
            "ItemCollectionMetrics":{"orders":[{"SizeEstimateRangeGB":[1.0,2.0]}]}}"#,
    )]);
    let delete = DeleteRequest::builder().key("id", AttributeValue::S("secret".into()));
    let delete = WriteRequest::builder().delete_request(delete.build().unwrap());
    client(&spans, &http)
        .batch_write_item()
        .request_items("orders", vec![delete.build()])
        .send()
        .await
        .unwrap();
    let span = spans.one();
    assert_eq!(span.status, Status::Unset);
    assert_eq!(attributes(&span)["lamplight.aws.failed_entries"], "1");
    assert_eq!(
        attributes(&span)["aws.dynamodb.item_collection_metrics"],
        r#"{"orders":[{"SizeEstimateRangeGB":[1.0,2.0]}]}"#
    );
    let (name, event) = events(&span).remove(0);
    assert_eq!(name, "aws.failed_entry");
    assert_eq!(event["aws.dynamodb.table_names"], r#"["orders"]"#);
    assert!(!format!("{span:?}").contains("secret"));
}

#[tokio::test]
async fn a_table_has_one_name_however_it_is_written() {
    let arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders";
    for written in ["orders", arn] {
        let spans = Spans::new();
        let http = replay([reply(
            200,
            &format!(r#"{{"ConsumedCapacity":{{"TableName":"{written}","CapacityUnits":1}}}}"#),
        )]);
        let get = client(&spans, &http).get_item().table_name(written);
        let get = get.key("id", AttributeValue::S("secret".into()));
        get.send().await.unwrap();
        let span = spans.one();
        assert_eq!(
            attributes(&span)["aws.dynamodb.table_names"],
            r#"["orders"]"#
        );
        assert_eq!(
            json(&span, "aws.dynamodb.consumed_capacity")[0]["TableName"],
            "orders"
        );
    }
    let spans = Spans::new();
    let left =
        format!(r#"{{"UnprocessedItems":{{"{arn}":[{{"DeleteRequest":{{"Key":{{}}}}}}]}}}}"#);
    let delete = DeleteRequest::builder().key("id", AttributeValue::S("secret".into()));
    let delete = WriteRequest::builder().delete_request(delete.build().unwrap());
    client(&spans, &replay([reply(200, &left)]))
        .batch_write_item()
        .request_items(arn, vec![delete.build()])
        .send()
        .await
        .unwrap();
    let event = &events(&spans.one())[0].1;
    assert_eq!(event["aws.dynamodb.table_names"], r#"["orders"]"#);
}
