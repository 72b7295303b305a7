//! DynamoDB: database calls, which carry no context.

mod request;
mod response;
mod shape;
mod table;

use aws_sdk_dynamodb::operation::{
    execute_transaction::ExecuteTransactionError, transact_write_items::TransactWriteItemsError,
};
use aws_smithy_runtime_api::client::interceptors::context::Error;

use self::{request::describe, response::response};
use super::definition::Service;

pub(super) const SERVICE: Service = Service {
    describe,
    response,
    is_false_condition,
    ..Service::new("DynamoDB")
};

/// Returns whether a transaction was canceled only because of its conditions. Each item of the transaction
/// has a reason; `None` is one of the possible reasons.
fn is_false_condition(error: &Error) -> bool {
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
