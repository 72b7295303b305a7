//! The context of messages that a program receives from SQS itself, instead of in a Lambda event.

use std::borrow::Cow;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use lamplight_propagation::inbound;
use opentelemetry::{Context, trace::SpanContext};

/// Returns the context of a received message: from its attributes, otherwise from its body (from an SNS topic
/// without raw delivery, or from EventBridge), otherwise from its X-Ray header, by the extractor's policy.
/// Without any of them, it is empty.
///
/// A client with a [`LamplightInterceptor`](crate::LamplightInterceptor) requests the necessary attributes
/// from the queue.
///
/// # Examples
///
/// ```
/// use aws_sdk_sqs::types::{Message, MessageAttributeValue};
/// use lamplight_aws_sdk::sqs::message_context;
/// use lamplight_propagation::inbound::EventExtractor;
/// use opentelemetry::trace::TraceContextExt;
///
/// # let traceparent = MessageAttributeValue::builder()
/// #     .data_type("String")
/// #     .string_value("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
/// #     .build().unwrap();
/// # let message = Message::builder().message_attributes("traceparent", traceparent).build();
/// let context = message_context(&EventExtractor::new(), &message);
/// assert!(context.span().span_context().is_remote());
/// ```
#[must_use]
pub fn message_context(extractor: &inbound::EventExtractor, message: &Message) -> Context {
    extractor.message(
        |name| attribute(message, name),
        message.body().unwrap_or_default(),
        header(message),
    )
}

/// Returns the span from which a received message originates, for a link. There may be one even if
/// [`message_context`] has no parent: by the default policy, an X-Ray header is used only for a link.
///
/// # Examples
///
/// ```
/// use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
/// use lamplight_aws_sdk::sqs::message_origin;
/// use lamplight_propagation::inbound::EventExtractor;
///
/// let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
/// let message = Message::builder().attributes(MessageSystemAttributeName::AwsTraceHeader, header);
/// assert!(message_origin(&EventExtractor::new(), &message.build()).is_some());
/// ```
#[must_use]
pub fn message_origin(
    extractor: &inbound::EventExtractor,
    message: &Message,
) -> Option<SpanContext> {
    extractor.message_origin(
        |name| attribute(message, name),
        message.body().unwrap_or_default(),
        header(message),
    )
}

fn attribute<'m>(message: &'m Message, name: &str) -> Option<Cow<'m, [u8]>> {
    let attribute = message.message_attributes()?.get(name)?;
    let binary = || attribute.binary_value().map(AsRef::as_ref);
    let value = attribute.string_value().map(str::as_bytes);
    value.or_else(binary).map(Cow::Borrowed)
}

/// Returns the X-Ray header.
fn header(message: &Message) -> Option<&str> {
    let attributes = message.attributes()?;
    let header = attributes.get(&MessageSystemAttributeName::AwsTraceHeader)?;
    Some(header)
}
