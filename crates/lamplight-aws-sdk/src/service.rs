//! What is known about single services and operations: attributes, carriers, partial failures.

#[cfg(any(feature = "sns", feature = "sqs"))]
pub(crate) mod attributes;
#[cfg(feature = "dynamodb")]
mod dynamodb;
#[cfg(feature = "eventbridge")]
mod eventbridge;
mod json;
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

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};

use aws_smithy_runtime_api::client::interceptors::context::{Input, Output};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use lamplight_propagation::outbound::Fields;
use lamplight_semconv::{cloud, lamplight, rpc};
use opentelemetry::trace::{Link, SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId};
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

    /// Links to the contexts that the user has put into the messages, which stay as they are.
    fn own_contexts(&self, _lamplight: &Lamplight) -> Vec<Link> {
        Vec::new()
    }

    /// Whether [`inject`](Self::inject) would find room in at least one message.
    fn has_room(&self, _injection: &Injection<'_>) -> bool {
        false
    }

    /// Puts context wherever there is room for it.
    fn inject(&mut self, _injection: &Injection<'_>) {}
}

/// The services there is a feature for.
const SERVICES: [&str; 10] = [
    "DynamoDB",
    "EventBridge",
    "Kinesis",
    "Lambda",
    "S3",
    "SFN",
    "SNS",
    "SQS",
    "SSM",
    "Secrets Manager",
];

/// What every span of a call starts with.
#[expect(
    deprecated,
    reason = "the convention for AWS SDKs asks for the former names"
)]
pub(crate) fn common(metadata: &Metadata, region: Option<&str>, attributes: &mut Vec<KeyValue>) {
    attributes.push(rpc::system(rpc::RpcSystem::AwsApi));
    let service = metadata.service();
    // A name that is known needs no text of its own.
    attributes.push(match SERVICES.iter().find(|known| **known == service) {
        Some(known) => rpc::service(*known),
        None => rpc::service(service.to_owned()),
    });
    attributes.push(rpc::method(metadata.name().to_owned()));
    if let Some(region) = region {
        attributes.push(cloud::region(region.to_owned()));
    }
}

/// Whether an operation is about a person's phone or address, which a service's words about it may
/// quote.
pub(crate) fn is_about_a_person(metadata: &Metadata) -> bool {
    let operation = metadata.name();
    metadata.service() == "SNS" && (operation == "Subscribe" || operation.contains("PhoneNumber"))
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
        #[cfg(feature = "s3")]
        "S3" => {
            s3::response(output, call);
            None
        }
        #[cfg(feature = "secretsmanager")]
        "Secrets Manager" => {
            secretsmanager::response(output, call);
            None
        }
        #[cfg(feature = "sfn")]
        "SFN" => sfn::response(operation, output, call),
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
    /// What is current where the call is made.
    parent: &'a Context,
    /// The call's own.
    span: SpanContext,
    fields: OnceCell<Fields>,
    /// What the rehearsal has already done.
    draft: Cell<Option<json::Draft>>,
}

impl<'a> Injection<'a> {
    pub(crate) fn new(lamplight: &'a Lamplight, parent: &'a Context, span: SpanContext) -> Self {
        Self {
            lamplight,
            parent,
            span,
            fields: OnceCell::new(),
            draft: Cell::new(None),
        }
    }

    /// An injection of the size the span's own will have, before there is a span: its kind has to
    /// be known when it starts, and depends on whether there is room.
    pub(crate) fn rehearsal(lamplight: &'a Lamplight, parent: &'a Context) -> Self {
        let state = parent.span().span_context().trace_state().clone();
        let stand_in = SpanContext::new(
            TraceId::from_bytes([0xff; 16]),
            SpanId::from_bytes([0xff; 8]),
            TraceFlags::SAMPLED,
            false,
            state,
        );
        Self::new(lamplight, parent, stand_in)
    }

    /// The injection that this was the rehearsal of. It finishes what that has begun, unless a
    /// sampler has given the span a state of its own, and what is written another size.
    pub(crate) fn perform(self, span: SpanContext) -> Self {
        let injection = Self::new(self.lamplight, self.parent, span);
        if let Some(draft) = self.draft.take() {
            let beside = |fields: &Fields| fields.iter().skip(1).eq(self.fields().iter().skip(1));
            injection
                .draft
                .set(Some(draft).filter(|_| beside(injection.fields())));
        }
        injection
    }

    /// What is to be written.
    pub(crate) fn fields(&self) -> &Fields {
        let fields = || Fields::from_context(&within(self.parent, &self.span));
        self.fields.get_or_init(fields)
    }

    /// Whether the user wants context on this carrier to this destination, and there is any.
    pub(crate) fn allows(&self, carrier: Carrier, destination: &str) -> bool {
        self.lamplight
            .allows(Destination::new(carrier, destination))
            && (self.span.is_valid() || !self.fields().is_empty())
    }

    /// The largest request on this carrier.
    pub(crate) fn limit(&self, carrier: Carrier) -> usize {
        self.lamplight.carriers.limit(carrier)
    }
}

/// The context with this span in it, if it is one.
pub(crate) fn within<'a>(parent: &'a Context, span: &SpanContext) -> Cow<'a, Context> {
    if span.is_valid() {
        Cow::Owned(parent.with_remote_span_context(span.clone()))
    } else {
        Cow::Borrowed(parent)
    }
}

/// The entries of a batch that have an error code, and their positions.
pub(crate) fn refused_by_position<'a, E: 'a>(
    entries: &'a [E],
    code: impl Fn(&'a E) -> Option<&'a str>,
) -> impl Iterator<Item = (Option<&'a str>, Option<KeyValue>)> {
    let entries = entries.iter().enumerate();
    entries.filter_map(move |(position, entry)| {
        let which = lamplight::aws::entry::index(count(position));
        Some((Some(code(entry)?), Some(which)))
    })
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
