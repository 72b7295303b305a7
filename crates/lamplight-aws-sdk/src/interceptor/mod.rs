//! The interceptor and its settings.

mod hooks;
mod settings;

use std::{fmt, sync::Arc};

use aws_smithy_runtime_api::client::interceptors::context::{Input, Output};
use lamplight_internal::environment::Environment;
use lamplight_propagation::{Propagators, inbound::EventExtractor, outbound::Pointer};
use opentelemetry::{
    Context, InstrumentationScope, KeyValue,
    global::{self, BoxedSpan, BoxedTracer},
    trace::{SpanBuilder, Tracer as _},
};

use crate::{
    carrier::{Carriers, Destination},
    expected::ServiceError,
    guard::unless_it_panics,
    limits::Limits,
};

/// The environment variable that chooses the carriers, `LAMPLIGHT_INJECT`; see [`Carrier`](crate::Carrier).
pub const LAMPLIGHT_INJECT: &str = "LAMPLIGHT_INJECT";

/// The environment variable with the limits on the size of messages, in bytes,
/// `LAMPLIGHT_INJECT_LIMITS`; see [`Carrier`](crate::Carrier), "Limits".
pub const LAMPLIGHT_INJECT_LIMITS: &str = "LAMPLIGHT_INJECT_LIMITS";

/// The environment variable with the formats that context is read and written in, `OTEL_PROPAGATORS`;
/// see [`Propagators`].
pub const OTEL_PROPAGATORS: &str = "OTEL_PROPAGATORS";

/// The environment variable with the JSON pointer (RFC 6901) to the member of a JSON body that gets the
/// context, `LAMPLIGHT_ENVELOPE`; see [`LamplightInterceptor::with_envelope`].
pub const LAMPLIGHT_ENVELOPE: &str = "LAMPLIGHT_ENVELOPE";

type RequestHook = Arc<dyn Fn(&Input, &mut Vec<KeyValue>) + Send + Sync>;
type ResponseHook = Arc<dyn Fn(&Output, &mut Vec<KeyValue>) + Send + Sync>;
type Filter = Arc<dyn Fn(&Destination<'_>) -> bool + Send + Sync>;
type Expected = Arc<dyn Fn(&ServiceError<'_>) -> bool + Send + Sync>;

/// An SDK interceptor that creates a client span for every call, and injects its context into every message
/// that has room for it.
///
/// It never makes a call fail, never changes its result, and never overwrites existing context. A user's
/// filter that panics counts as having returned `false`, and any other function as having returned nothing; a
/// sampler or a span processor that panics costs the span. Calls in a scope with suppressed telemetry
/// ([`Context::enter_telemetry_suppressed_scope`]), such as an exporter's own, are not touched.
///
/// The context counts towards the size of a message. A queue or a topic with a smaller limit than others
/// needs a limit of its own: see [`Carrier`](crate::Carrier), "Limits".
///
/// A clone has the same settings and can be used for another client.
///
/// # Defaults
///
/// | setting | default | variable |
/// |---|---|---|
/// | [`with_tracer_provider`](Self::with_tracer_provider) | the global provider at the time of each call | |
/// | [`with_carrier`](Self::with_carrier), [`without_carrier`](Self::without_carrier) | the table of [`Carrier`](crate::Carrier) | [`LAMPLIGHT_INJECT`] |
/// | [`with_size_limit`](Self::with_size_limit), [`with_destination_limit`](Self::with_destination_limit) | the table of [`with_size_limit`](Self::with_size_limit) | [`LAMPLIGHT_INJECT_LIMITS`] |
/// | [`with_envelope`](Self::with_envelope) | the member [`DEFAULT_KEY`](lamplight_propagation::outbound::DEFAULT_KEY) of the body | [`LAMPLIGHT_ENVELOPE`] |
/// | [`with_propagators`](Self::with_propagators) | W3C Trace Context and Baggage | [`OTEL_PROPAGATORS`] |
/// | [`with_xray_header`](Self::with_xray_header) | off | on if [`OTEL_PROPAGATORS`] names `xray` |
/// | [`without_error_messages`](Self::without_error_messages) | messages are recorded, except those that quote values or concern persons | |
/// | [`with_expected_errors`](Self::with_expected_errors) | [`ServiceError::is_expected_by_default`] | |
/// | [`with_destination_filter`](Self::with_destination_filter) | every destination | |
/// | [`with_request_attributes`](Self::with_request_attributes), [`with_response_attributes`](Self::with_response_attributes) | none | |
///
/// # Other interceptors
///
/// Add this interceptor last. Interceptors run in the order in which they were added, those of a single call
/// (`customize().interceptor(..)`) after all those of the client. This one takes existing attributes into
/// account. A later interceptor that adds or replaces attributes of a message may exceed a limit of the
/// service, or remove the context. That cannot be undone, and is logged once. In interceptors of single
/// calls, leave room for three attributes of a message, or use [`without_carrier`](Self::without_carrier).
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
    /// The extractor of context from received messages.
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
    /// Returns an interceptor with the settings of the environment.
    ///
    /// It reads [`LAMPLIGHT_INJECT`], [`LAMPLIGHT_INJECT_LIMITS`], [`LAMPLIGHT_ENVELOPE`] and
    /// [`OTEL_PROPAGATORS`]. Invalid parts of them are logged once and ignored.
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

    /// Starts a span with this parent.
    pub(crate) fn start_span(&self, builder: SpanBuilder, parent: &Context) -> BoxedSpan {
        match &self.tracer {
            Some(tracer) => tracer.build_with_context(builder, parent),
            None => global::tracer_with_scope(scope()).build_with_context(builder, parent),
        }
    }

    /// Returns whether context may be written to this destination.
    pub(crate) fn allows(&self, destination: Destination<'_>) -> bool {
        (self.propagators.has_trace_context() || self.propagators.has_baggage())
            && self.carriers.uses(destination.carrier())
            && self
                .filter
                .as_ref()
                .is_none_or(|filter| unless_it_panics(|| filter(&destination)).unwrap_or(false))
    }

    /// Returns whether this error is expected.
    pub(crate) fn expects(&self, error: &ServiceError<'_>) -> bool {
        match &self.expected {
            None => error.is_expected_by_default(),
            Some(is_expected) => unless_it_panics(|| is_expected(error)).unwrap_or(false),
        }
    }

    /// Adds the attributes that the user's functions return for this input.
    pub(crate) fn request_attributes(&self, input: &Input, attributes: &mut Vec<KeyValue>) {
        for hook in &self.request_hooks {
            unless_it_panics(|| hook(input, attributes));
        }
    }

    /// Returns the attributes that the user's functions return for this output.
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
        f.debug_struct("LamplightInterceptor")
            .field("carriers", &self.carriers)
            .field("limits", &self.limits)
            .field("envelope", &self.envelope)
            .field("propagators", &self.propagators)
            .field("xray", &self.xray)
            .field("error_messages", &self.error_messages)
            .finish_non_exhaustive()
    }
}

/// Returns the instrumentation scope of every span.
fn scope() -> InstrumentationScope {
    InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
        .with_version(env!("CARGO_PKG_VERSION"))
        .with_schema_url(lamplight_semconv::SCHEMA_URL)
        .build()
}
