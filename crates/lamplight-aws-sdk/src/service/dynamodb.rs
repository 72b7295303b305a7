mod shape;

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::batch_get_item::{BatchGetItemInput, BatchGetItemOutput};
use aws_sdk_dynamodb::operation::batch_write_item::{BatchWriteItemInput, BatchWriteItemOutput};
use aws_sdk_dynamodb::operation::create_table::CreateTableInput;
use aws_sdk_dynamodb::operation::delete_item::{DeleteItemInput, DeleteItemOutput};
use aws_sdk_dynamodb::operation::delete_table::DeleteTableInput;
use aws_sdk_dynamodb::operation::describe_table::DescribeTableInput;
use aws_sdk_dynamodb::operation::execute_transaction::ExecuteTransactionError;
use aws_sdk_dynamodb::operation::get_item::{GetItemInput, GetItemOutput};
use aws_sdk_dynamodb::operation::list_tables::{ListTablesInput, ListTablesOutput};
use aws_sdk_dynamodb::operation::put_item::{PutItemInput, PutItemOutput};
use aws_sdk_dynamodb::operation::query::{QueryInput, QueryOutput};
use aws_sdk_dynamodb::operation::scan::{ScanInput, ScanOutput};
use aws_sdk_dynamodb::operation::transact_get_items::{
    TransactGetItemsInput, TransactGetItemsOutput,
};
use aws_sdk_dynamodb::operation::transact_write_items::{
    TransactWriteItemsError, TransactWriteItemsInput, TransactWriteItemsOutput,
};
use aws_sdk_dynamodb::operation::update_item::{UpdateItemInput, UpdateItemOutput};
use aws_sdk_dynamodb::operation::update_table::UpdateTableInput;
use aws_sdk_dynamodb::types::{ConsumedCapacity, ItemCollectionMetrics, ProvisionedThroughput};
use aws_smithy_runtime_api::client::interceptors::context::{Error, Output};
use lamplight_semconv::aws::dynamodb;
use opentelemetry::KeyValue;
use serde_json::Value;

use super::{count, describe, name_in};
use crate::call::Call;

/// Whether a transaction was canceled because of its conditions and for no other reason: the items
/// that took part in it have a reason each, of which `None` is one.
pub(super) fn is_false_condition(error: &Error) -> bool {
    let canceled = if let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) =
        error.downcast_ref()
    {
        canceled
    } else if let Some(ExecuteTransactionError::TransactionCanceledException(canceled)) =
        error.downcast_ref()
    {
        canceled
    } else {
        return false;
    };
    let reasons = canceled.cancellation_reasons().iter();
    let mut codes = reasons
        .filter_map(|reason| reason.code())
        .filter(|code| *code != "None")
        .peekable();
    codes.peek().is_some() && codes.all(|code| code == "ConditionalCheckFailed")
}

describe! {
    "BatchGetItem" BatchGetItemInput: |input, to| {
        tables(input.request_items().into_iter().flatten().map(|(table, _)| table.as_str()), to);
    }
    "BatchWriteItem" BatchWriteItemInput: |input, to| {
        tables(input.request_items().into_iter().flatten().map(|(table, _)| table.as_str()), to);
    }
    "CreateTable" CreateTableInput: |input, to| {
        tables(input.table_name(), to);
        throughput(input.provisioned_throughput(), to);
        let global = input.global_secondary_indexes();
        list(global, shape::global_index, dynamodb::global_secondary_indexes, to);
        let local = input.local_secondary_indexes();
        list(local, shape::local_index, dynamodb::local_secondary_indexes, to);
    }
    "DeleteItem" DeleteItemInput: |input, to| { tables(input.table_name(), to); }
    "DeleteTable" DeleteTableInput: |input, to| { tables(input.table_name(), to); }
    "DescribeTable" DescribeTableInput: |input, to| { tables(input.table_name(), to); }
    "GetItem" GetItemInput: |input, to| {
        tables(input.table_name(), to);
        to.extend(input.consistent_read().map(dynamodb::consistent_read));
        projection(input.projection_expression(), to);
        wanted(input.attributes_to_get(), to);
    }
    "ListTables" ListTablesInput: |input, to| {
        let start = input.exclusive_start_table_name();
        to.extend(start.map(|table| dynamodb::exclusive_start_table(table.to_owned())));
        to.extend(input.limit().map(|limit| dynamodb::limit(limit.into())));
    }
    "PutItem" PutItemInput: |input, to| { tables(input.table_name(), to); }
    "Query" QueryInput: |input, to| {
        tables(input.table_name(), to);
        to.extend(input.consistent_read().map(dynamodb::consistent_read));
        to.extend(input.limit().map(|limit| dynamodb::limit(limit.into())));
        to.extend(input.index_name().map(|index| dynamodb::index_name(index.to_owned())));
        to.extend(input.select().map(|select| dynamodb::select(select.as_str().to_owned())));
        to.extend(input.scan_index_forward().map(dynamodb::scan_forward));
        projection(input.projection_expression(), to);
        wanted(input.attributes_to_get(), to);
    }
    "Scan" ScanInput: |input, to| {
        tables(input.table_name(), to);
        to.extend(input.consistent_read().map(dynamodb::consistent_read));
        to.extend(input.limit().map(|limit| dynamodb::limit(limit.into())));
        to.extend(input.index_name().map(|index| dynamodb::index_name(index.to_owned())));
        to.extend(input.select().map(|select| dynamodb::select(select.as_str().to_owned())));
        to.extend(input.segment().map(|segment| dynamodb::segment(segment.into())));
        to.extend(input.total_segments().map(|total| dynamodb::total_segments(total.into())));
        projection(input.projection_expression(), to);
        wanted(input.attributes_to_get(), to);
    }
    "TransactGetItems" TransactGetItemsInput: |input, to| {
        let gets = input.transact_items().iter().filter_map(|item| item.get());
        tables(gets.map(|get| get.table_name()), to);
    }
    "TransactWriteItems" TransactWriteItemsInput: |input, to| {
        let written = input.transact_items().iter().filter_map(|item| {
            let check = item.condition_check().map(|check| check.table_name());
            let delete = item.delete().map(|delete| delete.table_name());
            let put = item.put().map(|put| put.table_name());
            let update = item.update().map(|update| update.table_name());
            check.or(delete).or(put).or(update)
        });
        tables(written, to);
    }
    "UpdateItem" UpdateItemInput: |input, to| { tables(input.table_name(), to); }
    "UpdateTable" UpdateTableInput: |input, to| {
        tables(input.table_name(), to);
        throughput(input.provisioned_throughput(), to);
        let definitions = input.attribute_definitions();
        list(definitions, shape::definition, dynamodb::attribute_definitions, to);
        let updates = input.global_secondary_index_updates();
        list(updates, shape::index_update, dynamodb::global_secondary_index_updates, to);
    }
}

/// Records what an answer tells beside the items, which are the user's.
pub(super) fn response(operation: &str, output: &Output, call: &mut Call) -> Option<()> {
    match operation {
        "Query" => {
            let output = output.downcast_ref::<QueryOutput>()?;
            call.set(dynamodb::count(output.count().into()));
            call.set(dynamodb::scanned_count(output.scanned_count().into()));
            consumed(output.consumed_capacity(), call);
        }
        "Scan" => {
            let output = output.downcast_ref::<ScanOutput>()?;
            call.set(dynamodb::count(output.count().into()));
            call.set(dynamodb::scanned_count(output.scanned_count().into()));
            consumed(output.consumed_capacity(), call);
        }
        "ListTables" => {
            let output = output.downcast_ref::<ListTablesOutput>()?;
            call.set(dynamodb::table_count(count(output.table_names().len())));
        }
        "BatchGetItem" => {
            let output = output.downcast_ref::<BatchGetItemOutput>()?;
            consumed(output.consumed_capacity(), call);
            let left = output.unprocessed_keys().into_iter().flatten();
            unprocessed(left.map(|(table, keys)| (table, keys.keys().len())), call);
        }
        "BatchWriteItem" => {
            let output = output.downcast_ref::<BatchWriteItemOutput>()?;
            consumed(output.consumed_capacity(), call);
            collections(output.item_collection_metrics(), call);
            let left = output.unprocessed_items().into_iter().flatten();
            unprocessed(left.map(|(table, items)| (table, items.len())), call);
        }
        "DeleteItem" => {
            let output = output.downcast_ref::<DeleteItemOutput>()?;
            consumed(output.consumed_capacity(), call);
            collection(output.item_collection_metrics(), call);
        }
        "GetItem" => {
            let output = output.downcast_ref::<GetItemOutput>()?;
            consumed(output.consumed_capacity(), call);
        }
        "PutItem" => {
            let output = output.downcast_ref::<PutItemOutput>()?;
            consumed(output.consumed_capacity(), call);
            collection(output.item_collection_metrics(), call);
        }
        "TransactGetItems" => {
            let output = output.downcast_ref::<TransactGetItemsOutput>()?;
            consumed(output.consumed_capacity(), call);
        }
        "TransactWriteItems" => {
            let output = output.downcast_ref::<TransactWriteItemsOutput>()?;
            consumed(output.consumed_capacity(), call);
            collections(output.item_collection_metrics(), call);
        }
        "UpdateItem" => {
            let output = output.downcast_ref::<UpdateItemOutput>()?;
            consumed(output.consumed_capacity(), call);
            collection(output.item_collection_metrics(), call);
        }
        _ => {}
    }
    Some(())
}

/// Requests of a batch that the service did not get to, by their tables. The caller sends them
/// again; there is no error code.
fn unprocessed<'a>(left: impl Iterator<Item = (&'a String, usize)>, call: &mut Call) {
    let which = |named: &str| Some(dynamodb::table_names([table(named).to_owned()]));
    call.failed_entries(
        left.flat_map(|(named, count)| (0..count).map(move |_| (None, which(named)))),
    );
}

/// The name of a table that a request names by it or by its ARN.
fn table(named: &str) -> &str {
    let name = name_in(named, ":table/");
    name.split('/').next().unwrap_or(name)
}

/// The tables of a request, each once and in order.
fn tables<'a>(names: impl IntoIterator<Item = &'a str>, to: &mut Vec<KeyValue>) {
    let mut tables: Vec<&str> = names.into_iter().map(table).collect();
    tables.sort_unstable();
    tables.dedup();
    if !tables.is_empty() {
        to.push(dynamodb::table_names(tables.into_iter().map(str::to_owned)));
    }
}

fn projection(expression: Option<&str>, to: &mut Vec<KeyValue>) {
    to.extend(expression.map(|expression| dynamodb::projection(expression.to_owned())));
}

fn wanted(attributes: &[String], to: &mut Vec<KeyValue>) {
    if !attributes.is_empty() {
        to.push(dynamodb::attributes_to_get(attributes.iter().cloned()));
    }
}

#[expect(clippy::cast_precision_loss, reason = "the convention wants a double")]
fn throughput(provisioned: Option<&ProvisionedThroughput>, to: &mut Vec<KeyValue>) {
    if let Some(provisioned) = provisioned {
        let (read, write) = (
            provisioned.read_capacity_units(),
            provisioned.write_capacity_units(),
        );
        to.push(dynamodb::provisioned_read_capacity(read as f64));
        to.push(dynamodb::provisioned_write_capacity(write as f64));
    }
}

/// An attribute with a JSON text for each of these, if there are any.
fn list<T>(
    items: &[T],
    shape: impl Fn(&T) -> Value,
    attribute: impl Fn(Vec<String>) -> KeyValue,
    to: &mut Vec<KeyValue>,
) {
    if !items.is_empty() {
        to.push(attribute(
            items.iter().map(|item| shape(item).to_string()).collect(),
        ));
    }
}

/// Consumed capacity as the service's JSON; present only if the caller asks.
fn consumed<'a>(consumed: impl IntoIterator<Item = &'a ConsumedCapacity>, call: &mut Call) {
    let consumed = consumed.into_iter().map(shape::consumed);
    let texts: Vec<String> = consumed.map(|consumed| consumed.to_string()).collect();
    if !texts.is_empty() {
        call.set(dynamodb::consumed_capacity(texts));
    }
}

/// The size of the collection an item is in; present only if the caller asks.
fn collection(metrics: Option<&ItemCollectionMetrics>, call: &mut Call) {
    if let Some(metrics) = metrics {
        let text = shape::collection(metrics).to_string();
        call.set(dynamodb::item_collection_metrics(text));
    }
}

/// The sizes of collections in several tables.
fn collections(metrics: Option<&HashMap<String, Vec<ItemCollectionMetrics>>>, call: &mut Call) {
    if let Some(metrics) = metrics.filter(|metrics| !metrics.is_empty()) {
        let tables = metrics.iter().map(|(named, metrics)| {
            let metrics: Vec<Value> = metrics.iter().map(shape::collection).collect();
            (table(named).to_owned(), Value::from(metrics))
        });
        let tables: serde_json::Map<String, Value> = tables.collect();
        call.set(dynamodb::item_collection_metrics(
            Value::from(tables).to_string(),
        ));
    }
}
