//! DynamoDB as a database: `database-spans.md` ("Semantic conventions for database client spans") and
//! `dynamodb.md`, whose spans adhere to it.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeValue, BatchStatementRequest, DeleteRequest, Get, KeysAndAttributes,
        ParameterizedStatement, Put, TransactGetItem, TransactWriteItem, WriteRequest,
    },
};
use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient};
use aws_smithy_types::{body::SdkBody, timeout::TimeoutConfig};
use bytes::Bytes;
use http_body::Frame;
use opentelemetry::trace::Status;
use opentelemetry_sdk::trace::SpanData;

use crate::common::*;

fn client(spans: &Spans, http: &StaticReplayClient) -> Client {
    let config = aws_sdk_dynamodb::config::Builder::from(&config(http.clone()));
    Client::from_conf(config.interceptor(spans.lamplight()).build())
}

/// The span of a call that is answered like this.
macro_rules! span {
    ($answer:expr, |$client:ident| $call:expr) => {{
        let spans = Spans::new();
        let http: ReplayEvent = $answer;
        let $client = client(&spans, &replay([http]));
        let _ = $call.send().await;
        spans.one()
    }};
}

fn told<'a>(span: &'a SpanData, key: &str) -> Option<&'a str> {
    let attribute = span.attributes.iter().find(|kv| kv.key.as_str() == key)?;
    match &attribute.value {
        opentelemetry::Value::String(text) => Some(text.as_str()),
        other => panic!("{key}: {other:?}"),
    }
}

fn batch_size(span: &SpanData) -> Option<String> {
    attributes(span).remove("db.operation.batch.size")
}

fn secret() -> AttributeValue {
    AttributeValue::S("hunter2".into())
}

/// "`db.system.name` MUST be set to `"aws.dynamodb"` and SHOULD be provided at span creation time."
/// (dynamodb.md, each span. The registry requires its presence at the start, which every test here checks.)
#[tokio::test]
async fn every_operation_is_one_of_a_database() {
    let get = span!(reply(200, "{}"), |it| it
        .get_item()
        .table_name("orders")
        .key("id", secret()));
    assert_eq!(told(&get, "db.system.name"), Some("aws.dynamodb"));
    assert_eq!(told(&get, "db.operation.name"), Some("GetItem"));
    assert_eq!(told(&get, "db.collection.name"), Some("orders"));
    assert_eq!(get.name, "DynamoDB.GetItem");
    // An operation that the convention does not list, about no table.
    let limits = span!(reply(200, "{}"), |it| it.describe_limits());
    assert_eq!(told(&limits, "db.system.name"), Some("aws.dynamodb"));
    assert_eq!(told(&limits, "db.operation.name"), Some("DescribeLimits"));
    assert_eq!(told(&limits, "db.collection.name"), None);
    // One that it does not list, about a table.
    let ttl = span!(reply(200, "{}"), |it| it
        .describe_time_to_live()
        .table_name("orders"));
    assert_eq!(told(&ttl, "db.collection.name"), Some("orders"));
    assert_eq!(
        attributes(&ttl)["aws.dynamodb.table_names"],
        r#"["orders"]"#
    );
}

/// "`db.operation.batch.size`: Operations are only considered batches when they contain two or more
/// operations, and so `db.operation.batch.size` SHOULD never be `1`." "`db.collection.name`: If readily
/// available and if a database call is performed on a single collection." (database-spans.md)
#[tokio::test]
async fn a_batch_tells_its_size_and_the_table_that_all_are_of() {
    let keys = |count: usize| {
        let key = || [("id".to_owned(), secret())].into();
        let keys = (0..count).fold(KeysAndAttributes::builder(), |keys, _| keys.keys(key()));
        keys.build().unwrap()
    };
    let one = span!(reply(200, "{}"), |it| it
        .batch_get_item()
        .request_items("orders", keys(1)));
    assert_eq!(batch_size(&one), None);
    assert_eq!(told(&one, "db.collection.name"), Some("orders"));
    let two = span!(reply(200, "{}"), |it| it
        .batch_get_item()
        .request_items("orders", keys(2)));
    assert_eq!(batch_size(&two).as_deref(), Some("2"));
    assert_eq!(told(&two, "db.collection.name"), Some("orders"));
    let tables = span!(reply(200, "{}"), |it| it
        .batch_get_item()
        .request_items("orders", keys(2))
        .request_items("customers", keys(1)));
    assert_eq!(batch_size(&tables).as_deref(), Some("3"));
    assert_eq!(told(&tables, "db.collection.name"), None);

    let delete = || {
        let delete = DeleteRequest::builder()
            .key("id", secret())
            .build()
            .unwrap();
        WriteRequest::builder().delete_request(delete).build()
    };
    let written = span!(reply(200, "{}"), |it| it
        .batch_write_item()
        .request_items("orders", vec![delete(), delete()]));
    assert_eq!(batch_size(&written).as_deref(), Some("2"));

    let get = || {
        let get = Get::builder().table_name("orders").key("id", secret());
        TransactGetItem::builder().get(get.build().unwrap()).build()
    };
    let read = span!(reply(200, "{}"), |it| it
        .transact_get_items()
        .transact_items(get())
        .transact_items(get()));
    assert_eq!(batch_size(&read).as_deref(), Some("2"));
    assert_eq!(told(&read, "db.collection.name"), Some("orders"));

    let put = |table| {
        let put = Put::builder().table_name(table).item("id", secret());
        TransactWriteItem::builder()
            .put(put.build().unwrap())
            .build()
    };
    let transaction = span!(reply(200, "{}"), |it| it
        .transact_write_items()
        .transact_items(put("orders"))
        .transact_items(put("customers")));
    assert_eq!(batch_size(&transaction).as_deref(), Some("2"));
    assert_eq!(told(&transaction, "db.collection.name"), None);
}

const BY_ID: &str = "SELECT * FROM orders WHERE id = ?";

/// "Parameterized query text SHOULD be collected by default"; "Non-parameterized query text SHOULD NOT
/// be collected by default unless there is sanitization". (database-spans.md, `db.query.text`)
#[tokio::test]
async fn a_statement_is_told_if_its_values_are_apart_from_it() {
    let with = span!(reply(200, "{}"), |it| it
        .execute_statement()
        .statement(BY_ID)
        .parameters(secret()));
    assert_eq!(told(&with, "db.query.text"), Some(BY_ID));
    assert_eq!(told(&with, "db.operation.name"), Some("ExecuteStatement"));
    assert!(!format!("{with:?}").contains("hunter2"));
    let without = span!(reply(200, "{}"), |it| it
        .execute_statement()
        .statement("SELECT * FROM orders WHERE id = 'hunter2'"));
    assert_eq!(told(&without, "db.query.text"), None);
    assert!(!format!("{without:?}").contains("hunter2"));
    let mixed = span!(reply(200, "{}"), |it| it
        .execute_statement()
        .statement("UPDATE orders SET note = 'hunter2' WHERE id = ?")
        .parameters(secret()));
    assert_eq!(told(&mixed, "db.query.text"), None);
}

/// "For batch operations, if the individual operations are known to have the same query text then that
/// query text SHOULD be used, otherwise all of the individual query texts SHOULD be concatenated with
/// separator `; `". (database-spans.md, `db.query.text`)
#[tokio::test]
async fn statements_of_a_batch_are_told_together() {
    let one = |text: &str, has_value: bool| {
        let statement = BatchStatementRequest::builder().statement(text);
        let statement = match has_value {
            true => statement.parameters(secret()),
            false => statement,
        };
        statement.build().unwrap()
    };
    let batch = async |statements: Vec<BatchStatementRequest>| {
        span!(reply(200, "{}"), |it| it
            .batch_execute_statement()
            .set_statements(Some(statements)))
    };
    let same = batch(vec![one(BY_ID, true), one(BY_ID, true)]).await;
    assert_eq!(told(&same, "db.query.text"), Some(BY_ID));
    assert_eq!(batch_size(&same).as_deref(), Some("2"));
    let delete = "DELETE FROM orders WHERE id = ?";
    let differing = batch(vec![one(BY_ID, true), one(delete, true)]).await;
    let both = format!("{BY_ID}; {delete}");
    assert_eq!(told(&differing, "db.query.text"), Some(both.as_str()));
    let telling = "DELETE FROM orders WHERE id = 'hunter2'";
    let mixed = batch(vec![one(BY_ID, true), one(telling, false)]).await;
    assert_eq!(told(&mixed, "db.query.text"), None);
    let long = format!("{BY_ID} AND {}", "é".repeat(10_000));
    let long = batch(vec![one(&long, true), one(BY_ID, true)]).await;
    assert!(told(&long, "db.query.text").unwrap().len() <= 8192);

    let statement = |text| {
        let statement = ParameterizedStatement::builder().statement(text);
        statement.parameters(secret()).build().unwrap()
    };
    let transaction = span!(reply(200, "{}"), |it| it
        .execute_transaction()
        .transact_statements(statement(delete))
        .transact_statements(statement(delete)));
    assert_eq!(told(&transaction, "db.query.text"), Some(delete));
    assert_eq!(batch_size(&transaction).as_deref(), Some("2"));
}

#[tokio::test]
async fn what_a_statement_of_a_batch_failed_with_is_told() {
    let answer = r#"{"Responses":[{"TableName":"orders"},
        {"Error":{"Code":"ResourceNotFound","Message":"hunter2"}}]}"#;
    let span = span!(reply(200, answer), |it| it
        .batch_execute_statement()
        .set_statements(Some(vec![])));
    let (name, event) = events(&span).remove(0);
    assert_eq!(name, "aws.failed_entry");
    assert_eq!(event["error.type"], "ResourceNotFound");
    assert_eq!(event["lamplight.aws.entry.index"], "1");
    assert!(!format!("{span:?}").contains("hunter2"));
}

/// "`db.response.status_code`: Conditionally Required If the operation failed and status code is
/// available." "The `error.type` SHOULD match the `db.response.status_code` returned by the database".
/// (database-spans.md)
#[tokio::test]
async fn what_the_database_answers_to_a_call_that_fails_is_its_status_code() {
    let error = |code: &str| reply(400, &format!(r#"{{"__type":"com.amazonaws#{code}"}}"#));
    let get = async |answer| {
        span!(answer, |it| it
            .get_item()
            .table_name("orders")
            .key("id", secret()))
    };
    let failed = get(error("ResourceNotFoundException")).await;
    for key in ["db.response.status_code", "error.type"] {
        assert_eq!(told(&failed, key), Some("ResourceNotFoundException"));
    }
    // One that the program has asked for is an answer all the same.
    let condition = "ConditionalCheckFailedException";
    let expected = get(error(condition)).await;
    assert_eq!(expected.status, Status::Unset);
    assert_eq!(told(&expected, "db.response.status_code"), Some(condition));
    // Nothing was answered, or nothing that makes sense.
    let nonsense = get(reply(200, "<html>")).await;
    assert_eq!(told(&nonsense, "error.type"), Some("response_failure"));
    assert_eq!(told(&nonsense, "db.response.status_code"), None);
    assert_eq!(
        told(&get(reply(200, "{}")).await, "db.response.status_code"),
        None
    );
}

/// The first bytes of an answer, after which nothing comes.
struct Stalled;

impl http_body::Body for Stalled {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

/// A status line is not a code of the database's, and neither is the class of the failure behind it.
#[tokio::test(start_paused = true)]
async fn a_call_that_runs_out_of_time_while_it_reads_an_error_has_no_code_of_the_database() {
    let spans = Spans::new();
    let request = http::Request::new(SdkBody::empty());
    let answer = http::Response::builder().status(400);
    let answer = answer.body(SdkBody::from_body_1_x(Stalled)).unwrap();
    let timeout = TimeoutConfig::builder().operation_timeout(Duration::from_secs(2));
    let config = config(replay([ReplayEvent::new(request, answer)]));
    let config = aws_sdk_dynamodb::config::Builder::from(&config).timeout_config(timeout.build());
    let client = Client::from_conf(config.interceptor(spans.lamplight()).build());
    let get = client.get_item().table_name("orders").key("id", secret());
    get.send().await.unwrap_err();
    let span = spans.one();
    assert_eq!(told(&span, "error.type"), Some("timeout"));
    assert_eq!(attributes(&span)["http.response.status_code"], "400");
    assert_eq!(told(&span, "db.response.status_code"), None);
}

/// "`db.system.name`: Required" applies to the database's client only; the client of its streams, and any
/// other, is not one.
#[tokio::test]
async fn no_other_client_is_a_databases() {
    let spans = Spans::new();
    let config = aws_sdk_s3::config::Builder::from(&config(replay([reply(200, "")])));
    let client = aws_sdk_s3::Client::from_conf(config.interceptor(spans.lamplight()).build());
    client.head_bucket().bucket("b").send().await.unwrap();
    let span = spans.one();
    assert!(attributes(&span).keys().all(|key| !key.starts_with("db.")));
}
