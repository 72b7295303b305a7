//! Requests: their tables, and the use of them. Keys, items and values belong to the user and are not
//! recorded.

use std::sync::Arc;

use aws_sdk_dynamodb::{
    operation::{
        batch_execute_statement::BatchExecuteStatementInput, batch_get_item::BatchGetItemInput,
        batch_write_item::BatchWriteItemInput, create_table::CreateTableInput,
        execute_statement::ExecuteStatementInput, execute_transaction::ExecuteTransactionInput,
        get_item::GetItemInput, list_tables::ListTablesInput, query::QueryInput, scan::ScanInput,
        transact_get_items::TransactGetItemsInput, transact_write_items::TransactWriteItemsInput,
        update_table::UpdateTableInput,
    },
    types::ProvisionedThroughput,
};
use lamplight_semconv::{aws::dynamodb, db};
use opentelemetry::KeyValue;
use serde_json::Value;

use super::{shape, table};
use crate::service::{batch::count, macros::describing};

/// The maximum length of a recorded query, in bytes: the limit of DynamoDB for one statement.
const MAX_QUERY: usize = 8192;

/// Operations whose input has a table and no other recorded data.
macro_rules! operations {
    (
        table: $($name:literal $module:ident::$input:ident.$table:ident;)+
        with: $($rest:tt)*
    ) => {
        describing! {
            $($name aws_sdk_dynamodb::operation::$module::$input: |input, to| {
                tables(input.$table(), to);
            })+
            $($rest)*
        }
    };
}

operations! {
    table:
        "CreateBackup" create_backup::CreateBackupInput.table_name;
        "DeleteItem" delete_item::DeleteItemInput.table_name;
        "DeleteTable" delete_table::DeleteTableInput.table_name;
        "DescribeContinuousBackups"
            describe_continuous_backups::DescribeContinuousBackupsInput.table_name;
        "DescribeContributorInsights"
            describe_contributor_insights::DescribeContributorInsightsInput.table_name;
        "DescribeKinesisStreamingDestination"
            describe_kinesis_streaming_destination::DescribeKinesisStreamingDestinationInput.table_name;
        "DescribeTable" describe_table::DescribeTableInput.table_name;
        "DescribeTableReplicaAutoScaling"
            describe_table_replica_auto_scaling::DescribeTableReplicaAutoScalingInput.table_name;
        "DescribeTimeToLive" describe_time_to_live::DescribeTimeToLiveInput.table_name;
        "DisableKinesisStreamingDestination"
            disable_kinesis_streaming_destination::DisableKinesisStreamingDestinationInput.table_name;
        "EnableKinesisStreamingDestination"
            enable_kinesis_streaming_destination::EnableKinesisStreamingDestinationInput.table_name;
        "ExportTableToPointInTime"
            export_table_to_point_in_time::ExportTableToPointInTimeInput.table_arn;
        "ListBackups" list_backups::ListBackupsInput.table_name;
        "ListContributorInsights"
            list_contributor_insights::ListContributorInsightsInput.table_name;
        "ListExports" list_exports::ListExportsInput.table_arn;
        "ListImports" list_imports::ListImportsInput.table_arn;
        "PutItem" put_item::PutItemInput.table_name;
        "RestoreTableFromBackup"
            restore_table_from_backup::RestoreTableFromBackupInput.target_table_name;
        "RestoreTableToPointInTime"
            restore_table_to_point_in_time::RestoreTableToPointInTimeInput.target_table_name;
        "UpdateContinuousBackups"
            update_continuous_backups::UpdateContinuousBackupsInput.table_name;
        "UpdateContributorInsights"
            update_contributor_insights::UpdateContributorInsightsInput.table_name;
        "UpdateItem" update_item::UpdateItemInput.table_name;
        "UpdateKinesisStreamingDestination"
            update_kinesis_streaming_destination::UpdateKinesisStreamingDestinationInput.table_name;
        "UpdateTableReplicaAutoScaling"
            update_table_replica_auto_scaling::UpdateTableReplicaAutoScalingInput.table_name;
        "UpdateTimeToLive" update_time_to_live::UpdateTimeToLiveInput.table_name;
    with:
        "BatchExecuteStatement" BatchExecuteStatementInput: |input, to| {
            let statements = input.statements();
            batch(statements.len(), to);
            query(statements.iter().map(|one| (one.statement(), !one.parameters().is_empty())), to);
        }
        "BatchGetItem" BatchGetItemInput: |input, to| {
            let wanted = || input.request_items().into_iter().flatten();
            tables(wanted().map(|(table, _)| table.as_str()), to);
            batch(wanted().map(|(_, keys)| keys.keys().len()).sum(), to);
        }
        "BatchWriteItem" BatchWriteItemInput: |input, to| {
            let written = || input.request_items().into_iter().flatten();
            tables(written().map(|(table, _)| table.as_str()), to);
            batch(written().map(|(_, items)| items.len()).sum(), to);
        }
        "CreateTable" CreateTableInput: |input, to| {
            tables(input.table_name(), to);
            throughput(input.provisioned_throughput(), to);
            let global = input.global_secondary_indexes();
            list(global, shape::global_index, dynamodb::global_secondary_indexes, to);
            let local = input.local_secondary_indexes();
            list(local, shape::local_index, dynamodb::local_secondary_indexes, to);
        }
        "ExecuteStatement" ExecuteStatementInput: |input, to| {
            to.extend(input.consistent_read().map(dynamodb::consistent_read));
            to.extend(input.limit().map(|limit| dynamodb::limit(limit.into())));
            let statement = input.statement().unwrap_or_default();
            query([(statement, !input.parameters().is_empty())], to);
        }
        "ExecuteTransaction" ExecuteTransactionInput: |input, to| {
            let statements = input.transact_statements();
            batch(statements.len(), to);
            query(statements.iter().map(|one| (one.statement(), !one.parameters().is_empty())), to);
        }
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
            batch(input.transact_items().len(), to);
            let gets = input.transact_items().iter().filter_map(|item| item.get());
            tables(gets.map(|get| get.table_name()), to);
        }
        "TransactWriteItems" TransactWriteItemsInput: |input, to| {
            batch(input.transact_items().len(), to);
            let written = input.transact_items().iter().filter_map(|item| {
                let check = item.condition_check().map(|check| check.table_name());
                let delete = item.delete().map(|delete| delete.table_name());
                let put = item.put().map(|put| put.table_name());
                let update = item.update().map(|update| update.table_name());
                check.or(delete).or(put).or(update)
            });
            tables(written, to);
        }
        "UpdateTable" UpdateTableInput: |input, to| {
            tables(input.table_name(), to);
            throughput(input.provisioned_throughput(), to);
            let definitions = input.attribute_definitions();
            list(definitions, shape::definition, dynamodb::attribute_definitions, to);
            let updates = input.global_secondary_index_updates();
            list(updates, shape::index_update, dynamodb::global_secondary_index_updates, to);
        }
}

/// Adds the tables of a request, each once and in order.
fn tables<'a>(names: impl IntoIterator<Item = &'a str>, to: &mut Vec<KeyValue>) {
    let mut tables: Vec<&str> = names.into_iter().map(table::name).collect();
    tables.sort_unstable();
    tables.dedup();
    match tables.as_slice() {
        [] => {}
        [table] => {
            let table: Arc<str> = (*table).into();
            to.push(db::collection::name(Arc::clone(&table)));
            to.push(dynamodb::table_names([table]));
        }
        _ => to.push(dynamodb::table_names(tables.into_iter().map(str::to_owned))),
    }
}

/// Adds the number of operations of a request, if it is a batch of at least two.
fn batch(operations: usize, to: &mut Vec<KeyValue>) {
    if operations > 1 {
        to.push(db::operation::batch::size(count(operations)));
    }
}

/// Adds the text of statements, each given with whether it has parameters. If one of them may contain values,
/// all are left out, because the rest would look like the whole request.
fn query<'a>(statements: impl IntoIterator<Item = (&'a str, bool)>, to: &mut Vec<KeyValue>) {
    let mut texts = Vec::new();
    for (text, has_parameters) in statements {
        // A statement with parameters may still contain values, especially strings.
        if !has_parameters || text.contains('\'') {
            return;
        }
        texts.push(text);
    }
    texts.dedup();
    let mut query = String::new();
    for text in texts {
        if !query.is_empty() {
            query.push_str("; ");
        }
        query.push_str(text);
        if query.len() > MAX_QUERY {
            query.truncate(query.floor_char_boundary(MAX_QUERY));
            break;
        }
    }
    if !query.is_empty() {
        to.push(db::query::text(query));
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

/// Adds an attribute with one JSON text for each item, if there are any.
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
