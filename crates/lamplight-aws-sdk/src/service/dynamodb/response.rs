//! Responses: counts, capacity and unprocessed requests.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    operation::{
        batch_execute_statement::BatchExecuteStatementOutput, batch_get_item::BatchGetItemOutput,
        batch_write_item::BatchWriteItemOutput, delete_item::DeleteItemOutput,
        execute_statement::ExecuteStatementOutput, execute_transaction::ExecuteTransactionOutput,
        get_item::GetItemOutput, list_tables::ListTablesOutput, put_item::PutItemOutput,
        query::QueryOutput, scan::ScanOutput, transact_get_items::TransactGetItemsOutput,
        transact_write_items::TransactWriteItemsOutput, update_item::UpdateItemOutput,
    },
    types::{ConsumedCapacity, ItemCollectionMetrics},
};
use aws_smithy_runtime_api::client::interceptors::context::Output;
use lamplight_semconv::aws::dynamodb;
use serde_json::Value;

use super::{shape, table};
use crate::{
    LamplightInterceptor,
    call::Call,
    error::Failure,
    service::batch::{count, record_refused, record_refused_by_position},
};

/// Records a response except for the items, which are the user's.
pub(super) fn response(
    operation: &str,
    output: &Output,
    _lamplight: &LamplightInterceptor,
    call: &mut Call,
) -> Option<Failure> {
    if read(operation, output, call).is_none() {
        written(operation, output, call);
    }
    None
}

/// Records the response of a read operation. Returns `None` for any other.
fn read(operation: &str, output: &Output, call: &mut Call) -> Option<()> {
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
        "GetItem" => {
            let output = output.downcast_ref::<GetItemOutput>()?;
            consumed(output.consumed_capacity(), call);
        }
        "TransactGetItems" => {
            let output = output.downcast_ref::<TransactGetItemsOutput>()?;
            consumed(output.consumed_capacity(), call);
        }
        _ => return None,
    }
    Some(())
}

/// Records the response of an operation that may write. Returns `None` for any other.
fn written(operation: &str, output: &Output, call: &mut Call) -> Option<()> {
    match operation {
        "BatchExecuteStatement" => {
            let output = output.downcast_ref::<BatchExecuteStatementOutput>()?;
            consumed(output.consumed_capacity(), call);
            record_refused_by_position(
                output.responses(),
                |response| response.error()?.code().map(|code| code.as_str()),
                call,
            );
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
        "ExecuteStatement" => {
            let output = output.downcast_ref::<ExecuteStatementOutput>()?;
            consumed(output.consumed_capacity(), call);
        }
        "ExecuteTransaction" => {
            let output = output.downcast_ref::<ExecuteTransactionOutput>()?;
            consumed(output.consumed_capacity(), call);
        }
        "PutItem" => {
            let output = output.downcast_ref::<PutItemOutput>()?;
            consumed(output.consumed_capacity(), call);
            collection(output.item_collection_metrics(), call);
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
        _ => return None,
    }
    Some(())
}

/// Records requests of a batch that the service did not process, by table. The caller sends them again; there
/// is no error code.
fn unprocessed<'a>(left: impl Iterator<Item = (&'a String, usize)>, call: &mut Call) {
    let which = |named: &str| Some(dynamodb::table_names([table::name(named).to_owned()]));
    let refused = left.flat_map(|(named, count)| (0..count).map(move |_| (None, which(named))));
    record_refused(refused, call);
}

/// Records consumed capacity as the service's JSON. It is present only if the caller requests it.
fn consumed<'a>(consumed: impl IntoIterator<Item = &'a ConsumedCapacity>, call: &mut Call) {
    let consumed = consumed.into_iter().map(shape::consumed);
    let texts: Vec<String> = consumed.map(|consumed| consumed.to_string()).collect();
    if !texts.is_empty() {
        call.set(dynamodb::consumed_capacity(texts));
    }
}

/// Records the size of an item's collection. It is present only if the caller requests it.
fn collection(metrics: Option<&ItemCollectionMetrics>, call: &mut Call) {
    if let Some(metrics) = metrics {
        let text = shape::collection(metrics).to_string();
        call.set(dynamodb::item_collection_metrics(text));
    }
}

/// Records the sizes of collections in several tables.
fn collections(metrics: Option<&HashMap<String, Vec<ItemCollectionMetrics>>>, call: &mut Call) {
    if let Some(metrics) = metrics.filter(|metrics| !metrics.is_empty()) {
        let tables = metrics.iter().map(|(named, metrics)| {
            let metrics: Vec<Value> = metrics.iter().map(shape::collection).collect();
            (table::name(named).to_owned(), Value::from(metrics))
        });
        let tables: serde_json::Map<String, Value> = tables.collect();
        call.set(dynamodb::item_collection_metrics(
            Value::from(tables).to_string(),
        ));
    }
}
