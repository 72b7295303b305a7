//! Receiving of messages, and the attributes requested with them.

use aws_sdk_sqs::{
    operation::receive_message::ReceiveMessageInput,
    types::{MessageSystemAttributeName, QueueAttributeName},
};
use lamplight_propagation::w3c::{BAGGAGE, TRACEPARENT, TRACESTATE};
use lamplight_semconv::messaging::operation::MessagingOperationType as Operation;
use opentelemetry::KeyValue;

use super::queue::{describe, is_wanted};
use crate::{LamplightInterceptor, service::request::Request};

impl Request for ReceiveMessageInput {
    fn attributes(&self, _region: Option<&str>, attributes: &mut Vec<KeyValue>) {
        describe(
            self.queue_url(),
            "receive",
            Some(Operation::Receive),
            attributes,
        );
    }

    /// Requests the attributes that carry context, in addition to those requested by the caller: the reader
    /// of the messages may continue their traces, even if this call is not recorded.
    #[expect(deprecated, reason = "callers may use the older list")]
    fn ask_for_context(&mut self, lamplight: &LamplightInterceptor) {
        if !is_wanted(lamplight, self.queue_url()) {
            return;
        }
        let names = self.message_attribute_names.get_or_insert_default();
        for field in [TRACEPARENT, TRACESTATE, BAGGAGE] {
            if !names.iter().any(|name| covers(name, field)) {
                names.push(field.to_owned());
            }
        }
        // A caller who uses the older name of this list keeps it, because the two cannot be combined.
        if self.attribute_names.as_ref().is_none_or(Vec::is_empty) {
            let names = self.message_system_attribute_names.get_or_insert_default();
            if !names.contains(&MessageSystemAttributeName::All)
                && !names.contains(&MessageSystemAttributeName::AwsTraceHeader)
            {
                names.push(MessageSystemAttributeName::AwsTraceHeader);
            }
        } else if let Some(names) = &mut self.attribute_names {
            let header =
                QueueAttributeName::from(MessageSystemAttributeName::AwsTraceHeader.as_str());
            if !names.contains(&QueueAttributeName::All) && !names.contains(&header) {
                names.push(header);
            }
        }
    }
}

/// Returns whether an entry of the requested attributes, possibly a pattern, includes this name.
fn covers(wanted: &str, name: &str) -> bool {
    match wanted.strip_suffix(".*") {
        Some(prefix) => name
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || prefix.is_empty() || rest.starts_with('.')),
        None => wanted == "All" || wanted == name,
    }
}
