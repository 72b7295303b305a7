//! Settling of messages: they were processed, or will be visible again later.

use aws_sdk_sqs::operation::{
    change_message_visibility::ChangeMessageVisibilityInput,
    change_message_visibility_batch::ChangeMessageVisibilityBatchInput,
    delete_message::DeleteMessageInput, delete_message_batch::DeleteMessageBatchInput,
};
use lamplight_semconv::messaging::{self, operation::MessagingOperationType as Operation};
use opentelemetry::KeyValue;

use super::queue::describe;
use crate::service::{batch::count, request::Request};

macro_rules! settling {
    ($($input:ty, $name:literal, $kind:expr;)+) => {$(
        impl Request for $input {
            fn attributes(&self, _region: Option<&str>, attributes: &mut Vec<KeyValue>) {
                describe(self.queue_url(), $name, $kind, attributes);
            }
        }
    )+};
}

macro_rules! settling_batch {
    ($($input:ty, $name:literal, $kind:expr;)+) => {$(
        impl Request for $input {
            fn attributes(&self, _region: Option<&str>, attributes: &mut Vec<KeyValue>) {
                describe(self.queue_url(), $name, $kind, attributes);
                attributes.push(messaging::batch::message_count(count(self.entries().len())));
            }
        }
    )+};
}

settling! {
    DeleteMessageInput, "delete", Some(Operation::Settle);
    ChangeMessageVisibilityInput, "change_visibility", None;
}

settling_batch! {
    DeleteMessageBatchInput, "delete", Some(Operation::Settle);
    ChangeMessageVisibilityBatchInput, "change_visibility", None;
}
