//! What a [`LamplightInterceptor`] does on the calls of its client.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use aws_smithy_runtime_api::client::interceptors::context::{Input, Output};
use lamplight_internal::environment::Environment;
use lamplight_propagation::Propagators;
use lamplight_propagation::inbound::EventExtractor;
use lamplight_propagation::outbound::Pointer;
use opentelemetry::global::{self, BoxedSpan, BoxedTracer};
use opentelemetry::trace::{Span, SpanBuilder, Tracer, TracerProvider};
use opentelemetry::{Context, InstrumentationScope, KeyValue};

use crate::carrier::{Carrier, Carriers, Destination};
use crate::diagnostics;
use crate::expected::ServiceError;
use crate::limits::{self, Limits};

/// Environment variable that chooses the carriers; see [`Carrier`].
pub const LAMPLIGHT_INJECT: &str = "LAMPLIGHT_INJECT";

/// Environment variable that says how large messages may become; see [`Carrier`].
pub const LAMPLIGHT_INJECT_LIMITS: &str = "LAMPLIGHT_INJECT_LIMITS";

/// Environment variable that names the formats context is read and written in; see [`Propagators`].
pub const OTEL_PROPAGATORS: &str = "OTEL_PROPAGATORS";

/// Environment variable with the JSON pointer (RFC 6901) to the object in a JSON body that gets
/// the context; see [`LamplightInterceptor::with_envelope`].
pub const LAMPLIGHT_ENVELOPE: &str = "LAMPLIGHT_ENVELOPE";

type RequestHook = Arc<dyn Fn(&Input, &mut Vec<KeyValue>) + Send + Sync>;
type ResponseHook = Arc<dyn Fn(&Output, &mut Vec<KeyValue>) + Send + Sync>;
type Filter = Arc<dyn Fn(&Destination<'_>) -> bool + Send + Sync>;
type Expected = Arc<dyn Fn(&ServiceError<'_>) -> bool + Send + Sync>;

/// The interceptor: a client span for every call, and context in every message with room for it.
///
/// It never fails a call, never changes its result and never overwrites context that is already
/// there. Context that it writes counts to the size of a message; where a queue or a topic takes less
/// than others, say so ([`Carrier`], "Limits"). A hook or filter of the user's that panics counts as one that said nothing, or no; a
/// sampler or span processor that panics costs the span. Calls
/// made inside a scope in which OpenTelemetry is suppressed
/// ([`Context::enter_telemetry_suppressed_scope`]), such as an exporter's own, are left alone.
///
/// A clone has the same settings and can serve another client.
///
/// # Other interceptors
///
/// Add it last: interceptors run in the order they were added, those of a single call
/// (`customize().interceptor(..)`) after all of the client's. It leaves room for what it finds; an
/// interceptor behind it that adds attributes to a message, or replaces them, can take the message
/// over a limit of its service, or context out of it. That is said once, since nothing can undo it.
/// Leave room for three attributes of a message in interceptors of single calls, or use
/// [`without_carrier`](Self::without_carrier).
///
/// # Examples
///
/// ```
/// use lamplight_aws_sdk::{Carrier, LamplightInterceptor};
///
/// let lamplight = LamplightInterceptor::new()
///     .with_carrier(Carrier::LambdaPayload)
///     .with_destination_filter(|to| to.name() != "partner-bus");
/// # #[cfg(feature = "lambda")] {
/// let config = aws_sdk_lambda::Config::builder().interceptor(lamplight);
/// # }
/// ```
#[derive(Clone)]
pub struct LamplightInterceptor {
    tracer: Option<Arc<BoxedTracer>>,
    pub(crate) carriers: Carriers,
    pub(crate) limits: Limits,
    pub(crate) envelope: Option<Pointer>,
    /// Reads what messages that were received carry.
    pub(crate) extractor: EventExtractor,
    pub(crate) propagators: Propagators,
    pub(crate) xray: bool,
    pub(crate) error_messages: bool,
    filter: Option<Filter>,
    expected: Option<Expected>,
    request_hooks: Vec<RequestHook>,
    response_hooks: Vec<ResponseHook>,
}

impl LamplightInterceptor {
    /// Reads its defaults from `OTEL_PROPAGATORS`, `LAMPLIGHT_INJECT`, `LAMPLIGHT_INJECT_LIMITS` and
    /// `LAMPLIGHT_ENVELOPE`, and takes the global tracer provider as it is at the time of each call.
    #[must_use]
    pub fn new() -> Self {
        Self::from_environment(&Environment::of_process())
    }

    fn from_environment(environment: &Environment<'_>) -> Self {
        let value = |name| environment.get(name).unwrap_or_default();
        let (carriers, unknown_carriers) = Carriers::parse(&value(LAMPLIGHT_INJECT));
        let (limits, wrong_limits) = Limits::parse(&value(LAMPLIGHT_INJECT_LIMITS));
        let (propagators, unknown_formats) = Propagators::parse(&value(OTEL_PROPAGATORS));
        for (name, complaint) in [
            (LAMPLIGHT_INJECT, unknown_carriers),
            (LAMPLIGHT_INJECT_LIMITS, wrong_limits),
            (OTEL_PROPAGATORS, unknown_formats),
        ] {
            if let Some(complaint) = complaint {
                environment.say(name, complaint);
            }
        }
        let lamplight = Self {
            tracer: None,
            carriers,
            limits,
            envelope: None,
            extractor: EventExtractor::new().with_propagators(propagators),
            propagators,
            xray: propagators.has_xray(),
            error_messages: true,
            filter: None,
            expected: None,
            request_hooks: Vec::new(),
            response_hooks: Vec::new(),
        };
        match environment.get(LAMPLIGHT_ENVELOPE) {
            None => lamplight,
            Some(pointer) => lamplight.with_envelope(Pointer::new(&pointer)),
        }
    }

    /// Makes spans with this provider instead of the global one.
    #[must_use]
    pub fn with_tracer_provider<P, T, S>(mut self, provider: &P) -> Self
    where
        P: TracerProvider<Tracer = T>,
        T: Tracer<Span = S> + Send + Sync + 'static,
        S: Span + Send + Sync + 'static,
    {
        let tracer = provider.tracer_with_scope(scope());
        self.tracer = Some(Arc::new(BoxedTracer::new(Box::new(tracer))));
        self
    }

    /// Uses a carrier. The default choice is in the table of [`Carrier`].
    #[must_use]
    pub fn with_carrier(mut self, carrier: Carrier) -> Self {
        self.carriers.set(carrier, true);
        self
    }

    /// Leaves a carrier alone.
    #[must_use]
    pub fn without_carrier(mut self, carrier: Carrier) -> Self {
        self.carriers.set(carrier, false);
        self
    }

    /// The largest request, in bytes, that may result from writing context; where it would be
    /// larger, less or nothing is written. For [`KinesisData`](Carrier::KinesisData) it is the largest
    /// record.
    ///
    /// Raise a limit where your requests are larger, and lower it where queues or topics are set to take
    /// less; [`with_destination_limit`](Self::with_destination_limit) does so for single ones. A figure
    /// beyond what AWS takes today counts as that, and is told in the log. Default: the variable
    /// `LAMPLIGHT_INJECT_LIMITS`, else this table:
    ///
    /// | carrier | default | AWS takes |
    /// |---|---|---|
    /// | `sqs` | 262 144 | 1 048 576, or the queue's `MaximumMessageSize`, from 1024 |
    /// | `sns` | 262 144 | the topic's `MaximumMessageSize`, from 1024 to 1 048 576 |
    /// | `eventbridge` | 262 144 | 1 048 576 |
    /// | `lambda-payload`, `lambda-headers`, synchronous | 6 291 456 | 6 291 456 |
    /// | `lambda-payload`, `lambda-headers`, asynchronous | 262 144 | 1 048 576 |
    /// | `lambda` (client context) | 3 583 | 3 583 |
    /// | `kinesis` | 1 048 576 | 10 485 760, if the stream is set so |
    /// | `step-functions` | 262 144 | 262 144 |
    /// | `http` | none | - |
    ///
    /// ```
    /// use lamplight_aws_sdk::{Carrier, LamplightInterceptor};
    ///
    /// let lamplight = LamplightInterceptor::new().with_size_limit(Carrier::EventBridgeDetail, 1_048_576);
    /// ```
    #[must_use]
    pub fn with_size_limit(mut self, carrier: Carrier, bytes: usize) -> Self {
        let largest = limits::largest(carrier);
        if bytes > largest {
            diagnostics::beyond(carrier, bytes);
        }
        self.limits.set(carrier, bytes);
        self
    }

    /// The largest message, in bytes, to single destinations: a queue or a topic whose
    /// `MaximumMessageSize` is less than the limit of the carrier, or more. `None` means the limit that
    /// holds otherwise. What is beyond what AWS takes counts as that; of a function that panics nothing
    /// is known, and nothing is written. A function given later replaces an earlier one. It may be asked
    /// more than once a call.
    ///
    /// Default: the destinations in `LAMPLIGHT_INJECT_LIMITS`; see [`Carrier`].
    ///
    /// ```
    /// use lamplight_aws_sdk::LamplightInterceptor;
    ///
    /// let lamplight = LamplightInterceptor::new()
    ///     .with_destination_limit(|to| to.name().ends_with("/small-queue").then_some(1024));
    /// ```
    #[must_use]
    pub fn with_destination_limit(
        mut self,
        limit: impl Fn(&Destination<'_>) -> Option<usize> + Send + Sync + 'static,
    ) -> Self {
        self.limits.set_ask(Arc::new(limit));
        self
    }

    /// Where in a JSON body context goes: the member this pointer (RFC 6901) leads to, for example
    /// `/metadata/otel`. In a body without the object that the member belongs to, and without a
    /// pointer, it is [`DEFAULT_KEY`](lamplight_propagation::outbound::DEFAULT_KEY) at the top. A
    /// body that is no JSON object is left alone.
    ///
    /// Default: the variable `LAMPLIGHT_ENVELOPE`, else no pointer.
    #[must_use]
    pub fn with_envelope(mut self, pointer: Pointer) -> Self {
        self.envelope = Some(pointer);
        self.with_reader()
    }

    /// Sets the formats that context is written in, and read in from what was received. Default: the
    /// variable `OTEL_PROPAGATORS`, else W3C Trace Context and Baggage.
    #[must_use]
    pub fn with_propagators(mut self, propagators: Propagators) -> Self {
        self.propagators = propagators;
        self.xray = propagators.has_xray();
        self.with_reader()
    }

    fn with_reader(mut self) -> Self {
        self.extractor = EventExtractor::new().with_propagators(self.propagators);
        if let Some(pointer) = &self.envelope {
            self.extractor = self.extractor.with_envelope(pointer.clone());
        }
        self
    }

    /// Also writes the span as an X-Ray tracing header, for users whose traces end up in X-Ray:
    /// the HTTP header `X-Amzn-Trace-Id` of every call and the `TraceHeader` of EventBridge
    /// entries without one. `Lineage`, which Lambda detects loops by, and other fields that the
    /// SDK put into the HTTP header are kept.
    ///
    /// Default: as `OTEL_PROPAGATORS` names `xray` or not. Where it does not, the SDK's own header is
    /// left as it is.
    #[must_use]
    pub fn with_xray_header(mut self) -> Self {
        self.xray = true;
        self
    }

    /// Keeps what services and transports say of failed calls out of the status of spans, whatever
    /// the error: they may quote what was sent. The `error.type` stays.
    ///
    /// Default: off. Left out all the same are the words of errors that quote values (those with
    /// `Validation`, `BadRequest`, `Malformed`, `Serialization` or `Signature` in their code, or
    /// `Invalid` in front) and of operations about persons: SNS to phones and endpoints and its subscriptions,
    /// SES, Cognito, Pinpoint, Connect, Chime, Customer Profiles, WorkMail, Identity Store, End User
    /// Messaging; and of RDS Data and Redshift Data, which answer with the words of a database.
    #[must_use]
    pub fn without_error_messages(mut self) -> Self {
        self.error_messages = false;
        self
    }

    /// Decides which errors of services are answers that the program has asked for, in place of
    /// [`is_expected_by_default`](ServiceError::is_expected_by_default): a client that only checks
    /// whether something exists has not failed when it does not. The span of such a call has neither an
    /// error status nor an `error.type`; the error code is in `lamplight.aws.expected_error`, and the
    /// status code is where it always is.
    ///
    /// Only what a service has answered is asked about, not time-outs, connections and refused entries
    /// of a batch. Every retry is an event as before. A function given later replaces an earlier one.
    ///
    /// ```
    /// use lamplight_aws_sdk::LamplightInterceptor;
    ///
    /// let lamplight = LamplightInterceptor::new().with_expected_errors(|error| {
    ///     let is_optional = error.service() == "SSM" && error.code() == "ParameterNotFound";
    ///     error.is_expected_by_default() || is_optional
    /// });
    /// // Every error is one.
    /// let strict = LamplightInterceptor::new().with_expected_errors(|_| false);
    /// ```
    #[must_use]
    pub fn with_expected_errors(
        mut self,
        is_expected: impl Fn(&ServiceError<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.expected = Some(Arc::new(is_expected));
        self
    }

    /// Asks before context is written to a destination: a partner's bus with a strict schema, a
    /// topic whose subscriptions filter on attributes. `false` means no context; the span is made
    /// all the same. A filter given later replaces an earlier one.
    #[must_use]
    pub fn with_destination_filter(
        mut self,
        filter: impl Fn(&Destination<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.filter = Some(Arc::new(filter));
        self
    }

    /// Adds attributes from the input of one operation, in time for the sampler.
    ///
    /// ```
    /// # #[cfg(feature = "eventbridge")] {
    /// use aws_sdk_eventbridge::operation::put_events::PutEventsInput;
    /// use lamplight_aws_sdk::LamplightInterceptor;
    /// use opentelemetry::KeyValue;
    ///
    /// let lamplight = LamplightInterceptor::new().with_request_attributes(|input: &PutEventsInput| {
    ///     let kind = input.entries().first().and_then(|entry| entry.detail_type());
    ///     kind.map(|kind| KeyValue::new("app.event.kind", kind.to_owned()))
    /// });
    /// # }
    /// ```
    #[must_use]
    pub fn with_request_attributes<I, A>(
        mut self,
        attributes: impl Fn(&I) -> A + Send + Sync + 'static,
    ) -> Self
    where
        I: fmt::Debug + Send + Sync + 'static,
        A: IntoIterator<Item = KeyValue>,
    {
        self.request_hooks.push(Arc::new(move |input, to| {
            if let Some(input) = input.downcast_ref::<I>() {
                to.extend(attributes(input));
            }
        }));
        self
    }

    /// Adds attributes from the output of one operation.
    #[must_use]
    pub fn with_response_attributes<O, A>(
        mut self,
        attributes: impl Fn(&O) -> A + Send + Sync + 'static,
    ) -> Self
    where
        O: fmt::Debug + Send + Sync + 'static,
        A: IntoIterator<Item = KeyValue>,
    {
        self.response_hooks.push(Arc::new(move |output, to| {
            if let Some(output) = output.downcast_ref::<O>() {
                to.extend(attributes(output));
            }
        }));
        self
    }

    pub(crate) fn start_span(&self, builder: SpanBuilder, parent: &Context) -> BoxedSpan {
        match &self.tracer {
            Some(tracer) => tracer.build_with_context(builder, parent),
            None => global::tracer_with_scope(scope()).build_with_context(builder, parent),
        }
    }

    pub(crate) fn allows(&self, destination: Destination<'_>) -> bool {
        (self.propagators.has_trace_context() || self.propagators.has_baggage())
            && self.carriers.uses(destination.carrier())
            && self
                .filter
                .as_ref()
                .is_none_or(|filter| unless_it_panics(|| filter(&destination)).unwrap_or(false))
    }

    pub(crate) fn expects(&self, error: &ServiceError<'_>) -> bool {
        match &self.expected {
            None => error.is_expected_by_default(),
            Some(is_expected) => unless_it_panics(|| is_expected(error)).unwrap_or(false),
        }
    }

    pub(crate) fn request_attributes(&self, input: &Input, attributes: &mut Vec<KeyValue>) {
        for hook in &self.request_hooks {
            unless_it_panics(|| hook(input, attributes));
        }
    }

    pub(crate) fn response_attributes(&self, output: &Output) -> Vec<KeyValue> {
        let mut attributes = Vec::new();
        for hook in &self.response_hooks {
            unless_it_panics(|| hook(output, &mut attributes));
        }
        attributes
    }
}

impl Default for LamplightInterceptor {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for LamplightInterceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lamplight")
            .field("carriers", &self.carriers)
            .field("limits", &self.limits)
            .field("envelope", &self.envelope)
            .field("propagators", &self.propagators)
            .field("xray", &self.xray)
            .field("error_messages", &self.error_messages)
            .finish_non_exhaustive()
    }
}

/// What the user's code gives. A panic of it is one about telemetry, and no reason for the call to
/// fail; the panic hook has told it.
pub(crate) fn unless_it_panics<T>(users: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(users)).ok()
}

fn scope() -> InstrumentationScope {
    InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
        .with_version(env!("CARGO_PKG_VERSION"))
        .with_schema_url(lamplight_semconv::SCHEMA_URL)
        .build()
}
