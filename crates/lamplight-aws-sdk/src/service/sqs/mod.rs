//! SQS: messages sent, received and settled.

mod queue;
mod receive;
mod send;
mod settle;

use aws_sdk_sqs::{
    operation::{
        change_message_visibility::ChangeMessageVisibilityInput,
        change_message_visibility_batch::{
            ChangeMessageVisibilityBatchInput, ChangeMessageVisibilityBatchOutput,
        },
        delete_message::DeleteMessageInput,
        delete_message_batch::{DeleteMessageBatchInput, DeleteMessageBatchOutput},
        receive_message::{ReceiveMessageInput, ReceiveMessageOutput},
        send_message::{SendMessageInput, SendMessageOutput},
        send_message_batch::{SendMessageBatchInput, SendMessageBatchOutput},
    },
    types::BatchResultErrorEntry,
};
use aws_smithy_runtime_api::client::interceptors::context::Output;
use lamplight_semconv::{lamplight, messaging};

use super::{
    batch::{count, record_refused},
    definition::Service,
    macros::requests,
};
use crate::{LamplightInterceptor, call::Call, error::Failure, sqs::message_origin};

pub(super) const SERVICE: Service = Service {
    request,
    request_mut,
    response,
    ..Service::new("SQS")
};

requests! {
    "SendMessage" SendMessageInput;
    "SendMessageBatch" SendMessageBatchInput;
    "ReceiveMessage" ReceiveMessageInput;
    "DeleteMessage" DeleteMessageInput;
    "DeleteMessageBatch" DeleteMessageBatchInput;
    "ChangeMessageVisibility" ChangeMessageVisibilityInput;
    "ChangeMessageVisibilityBatch" ChangeMessageVisibilityBatchInput;
}

fn response(
    operation: &str,
    output: &Output,
    lamplight: &LamplightInterceptor,
    call: &mut Call,
) -> Option<Failure> {
    match operation {
        "SendMessage" => {
            let id = output.downcast_ref::<SendMessageOutput>()?.message_id()?;
            call.set(messaging::message::id(id.to_owned()));
        }
        "SendMessageBatch" => {
            let output = output.downcast_ref::<SendMessageBatchOutput>()?;
            if let ([sent], []) = (output.successful(), output.failed()) {
                call.set(messaging::message::id(sent.message_id().to_owned()));
            }
            refused(output.failed(), call);
        }
        "ReceiveMessage" => {
            let messages = output.downcast_ref::<ReceiveMessageOutput>()?.messages();
            call.set(messaging::batch::message_count(count(messages.len())));
            if let [message] = messages
                && let Some(id) = message.message_id()
            {
                call.set(messaging::message::id(id.to_owned()));
            }
            for message in messages {
                let Some(origin) = message_origin(&lamplight.extractor, message) else {
                    continue;
                };
                let id = message.message_id();
                let id = id.map(|id| messaging::message::id(id.to_owned()));
                call.link(&origin, id.into_iter().collect());
            }
        }
        "DeleteMessageBatch" => {
            refused(
                output.downcast_ref::<DeleteMessageBatchOutput>()?.failed(),
                call,
            );
        }
        "ChangeMessageVisibilityBatch" => {
            refused(
                output
                    .downcast_ref::<ChangeMessageVisibilityBatchOutput>()?
                    .failed(),
                call,
            );
        }
        _ => {}
    }
    None
}

fn refused(entries: &[BatchResultErrorEntry], call: &mut Call) {
    let refused = entries.iter().map(|entry| {
        let which = lamplight::aws::entry::id(entry.id().to_owned());
        (Some(entry.code()), Some(which))
    });
    record_refused(refused, call);
}
