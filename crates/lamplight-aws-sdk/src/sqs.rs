//! For those who poll a queue themselves, outside Lambda.

use std::borrow::Cow;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use lamplight_propagation::inbound;
use opentelemetry::Context;

/// The context that a received message carries: in its attributes, else in its body (from an SNS
/// topic without raw delivery, from EventBridge), else in its X-Ray header by the extractor's
/// policy. Without any of them, an empty context.
///
/// A client with [`Lamplight`](crate::Lamplight) asks the queue for the attributes this needs.
///
/// # Examples
///
/// ```
/// use aws_sdk_sqs::types::{Message, MessageAttributeValue};
/// use lamplight_aws_sdk::sqs::message_context;
/// use lamplight_propagation::inbound::Extractor;
/// use opentelemetry::trace::TraceContextExt;
///
/// # let traceparent = MessageAttributeValue::builder()
/// #     .data_type("String")
/// #     .string_value("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
/// #     .build().unwrap();
/// # let message = Message::builder().message_attributes("traceparent", traceparent).build();
/// let context = message_context(&Extractor::new(), &message);
/// assert!(context.span().span_context().is_remote());
/// ```
#[must_use]
pub fn message_context(extractor: &inbound::Extractor, message: &Message) -> Context {
    let attributes = message.message_attributes();
    let attribute = |name: &str| {
        let attribute = attributes?.get(name)?;
        let binary = || attribute.binary_value().map(AsRef::as_ref);
        let value = attribute.string_value().map(str::as_bytes);
        value.or_else(binary).map(Cow::Borrowed)
    };
    let header = message
        .attributes()
        .and_then(|a| a.get(&MessageSystemAttributeName::AwsTraceHeader));
    extractor.message(
        attribute,
        message.body().unwrap_or_default(),
        header.map(String::as_str),
    )
}
