//! What is known about single services and operations: attributes, carriers, partial failures.

#[cfg(any(feature = "sns", feature = "sqs"))]
mod attributes;
#[cfg(feature = "dynamodb")]
mod dynamodb;
#[cfg(feature = "eventbridge")]
mod eventbridge;
#[cfg(feature = "kinesis")]
mod kinesis;
#[cfg(feature = "lambda")]
mod lambda;
#[cfg(feature = "s3")]
mod s3;
#[cfg(feature = "secretsmanager")]
mod secretsmanager;
#[cfg(feature = "sfn")]
mod sfn;
#[cfg(feature = "sns")]
mod sns;
#[cfg(feature = "sqs")]
mod sqs;

use aws_smithy_runtime_api::client::interceptors::context::{Input, Output};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use lamplight_propagation::outbound::Fields;
use lamplight_semconv::{cloud, rpc};
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId};
use opentelemetry::{Context, KeyValue};

use crate::Lamplight;
use crate::call::Call;
use crate::carrier::{Carrier, Destination};
use crate::error::Failure;

/// An operation's input, as far as this crate knows it.
pub(crate) trait Request {
    /// Adds what the convention asks for and is known before the call.
    fn attributes(&self, region: Option<&str>, attributes: &mut Vec<KeyValue>);

    /// Whether this sends messages, whose span is a producer's if they carry its context.
    fn is_send(&self) -> bool {
        false
    }

    /// Whether a service's words about this request may quote what must not be recorded.
    fn is_sensitive(&self) -> bool {
        false
    }

    /// Whether [`inject`](Self::inject) would find room in at least one message.
    fn has_room(&self, _injection: &Injection<'_>) -> bool {
        false
    }

    /// Puts context wherever there is room for it.
    fn inject(&mut self, _injection: &Injection<'_>) {}
}

/// What every span of a call starts with.
#[expect(
    deprecated,
    reason = "the convention for AWS SDKs asks for the former names"
)]
pub(crate) fn common(metadata: &Metadata, region: Option<&str>, attributes: &mut Vec<KeyValue>) {
    attributes.push(rpc::system(rpc::RpcSystem::AwsApi));
    attributes.push(rpc::service(metadata.service().to_owned()));
    attributes.push(rpc::method(metadata.name().to_owned()));
    if let Some(region) = region {
        attributes.push(cloud::region(region.to_owned()));
    }
}

/// The input of an operation this crate knows.
pub(crate) fn request<'a>(
    metadata: &Metadata,
    input: &'a mut Input,
) -> Option<&'a mut dyn Request> {
    let operation = metadata.name();
    match metadata.service() {
        #[cfg(feature = "dynamodb")]
        "DynamoDB" => dynamodb::request(operation, input),
        #[cfg(feature = "eventbridge")]
        "EventBridge" => eventbridge::request(operation, input),
        #[cfg(feature = "kinesis")]
        "Kinesis" => kinesis::request(operation, input),
        #[cfg(feature = "lambda")]
        "Lambda" => lambda::request(operation, input),
        #[cfg(feature = "s3")]
        "S3" => s3::request(operation, input),
        #[cfg(feature = "secretsmanager")]
        "Secrets Manager" => secretsmanager::request(operation, input),
        #[cfg(feature = "sfn")]
        "SFN" => sfn::request(operation, input),
        #[cfg(feature = "sns")]
        "SNS" => sns::request(operation, input),
        #[cfg(feature = "sqs")]
        "SQS" => sqs::request(operation, input),
        _ => {
            let _ = (operation, input);
            None
        }
    }
}

/// Records what the output of an operation says. A failure is one that the SDK does not call one.
pub(crate) fn response(
    metadata: &Metadata,
    output: &Output,
    lamplight: &Lamplight,
    call: &mut Call,
) -> Option<Failure> {
    let operation = metadata.name();
    match metadata.service() {
        #[cfg(feature = "dynamodb")]
        "DynamoDB" => {
            dynamodb::response(operation, output, call);
            None
        }
        #[cfg(feature = "eventbridge")]
        "EventBridge" => eventbridge::response(output, call),
        #[cfg(feature = "kinesis")]
        "Kinesis" => kinesis::response(operation, output, call),
        #[cfg(feature = "lambda")]
        "Lambda" => lambda::response(output, call),
        #[cfg(feature = "secretsmanager")]
        "Secrets Manager" => {
            secretsmanager::response(output, call);
            None
        }
        #[cfg(feature = "sfn")]
        "SFN" => sfn::response(output),
        #[cfg(feature = "sns")]
        "SNS" => sns::response(operation, output, call),
        #[cfg(feature = "sqs")]
        "SQS" => sqs::response(operation, output, lamplight, call),
        _ => {
            let _ = (operation, output, lamplight, call);
            None
        }
    }
}

/// Implements [`Request`] for inputs that have attributes and nothing to carry context in.
#[cfg(any(feature = "dynamodb", feature = "s3", feature = "secretsmanager"))]
macro_rules! describe {
    ($($operation:literal $input:ty: |$this:ident, $to:ident| $body:block)+) => {
        pub(super) fn request<'a>(
            operation: &str,
            input: &'a mut aws_smithy_runtime_api::client::interceptors::context::Input,
        ) -> Option<&'a mut dyn $crate::service::Request> {
            Some(match operation {
                $($operation => input.downcast_mut::<$input>()? as &mut dyn $crate::service::Request,)+
                _ => return None,
            })
        }

        $(impl $crate::service::Request for $input {
            fn attributes(&self, _region: Option<&str>, $to: &mut Vec<opentelemetry::KeyValue>) {
                let $this = self;
                $body
            }
        })+
    };
}
#[cfg(any(feature = "dynamodb", feature = "s3", feature = "secretsmanager"))]
use describe;

/// A context about to be written, and the settings that say where.
pub(crate) struct Injection<'a> {
    pub(crate) lamplight: &'a Lamplight,
    pub(crate) fields: Fields,
}

impl<'a> Injection<'a> {
    pub(crate) fn new(lamplight: &'a Lamplight, context: &Context) -> Self {
        Self {
            lamplight,
            fields: Fields::from_context(context),
        }
    }

    /// An injection of the size the span's own will have, before there is a span: its kind has to
    /// be known when it starts, and depends on whether there is room.
    pub(crate) fn rehearsal(lamplight: &'a Lamplight, parent: &Context) -> Self {
        let state = parent.span().span_context().trace_state().clone();
        let stand_in = SpanContext::new(
            TraceId::from_bytes([0xff; 16]),
            SpanId::from_bytes([0xff; 8]),
            TraceFlags::SAMPLED,
            false,
            state,
        );
        Self::new(lamplight, &parent.with_remote_span_context(stand_in))
    }

    /// Whether the user wants context on this carrier to this destination.
    pub(crate) fn allows(&self, carrier: Carrier, destination: &str) -> bool {
        !self.fields.is_empty()
            && self
                .lamplight
                .allows(Destination::new(carrier, destination))
    }

    /// The largest request on this carrier.
    pub(crate) fn limit(&self, carrier: Carrier) -> usize {
        self.lamplight.carriers.limit(carrier)
    }
}

/// The one value that all have; `None` if there is none or they differ.
pub(crate) fn all_equal<T: PartialEq>(values: impl IntoIterator<Item = T>) -> Option<T> {
    let mut values = values.into_iter();
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

/// A number of things as an attribute value.
pub(crate) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
