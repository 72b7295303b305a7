//! Spans and events of `tracing` on the spans of invocations.

use std::{borrow::Cow, sync::OnceLock};

use lamplight_internal::diagnostics::warn_once;
use lamplight_semconv as semconv;
use opentelemetry::{
    Context, KeyValue,
    trace::{SpanRef, Status, TraceContextExt, TracerProvider as _},
};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing::{
    Dispatch, Event, Level, Metadata, Subscriber,
    dispatcher::{WeakDispatch, get_default},
};
use tracing_opentelemetry::get_otel_context;
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, filter_fn},
    layer::Context as LayerContext,
    registry::LookupSpan,
};

use super::{fields::Fields, in_use, lock::is_free};
use crate::{
    current::{Invocation, SpanHandle},
    panics,
    span::ActiveSpan,
};

/// Returns the layer behind [`Instrumentation::tracing_layer`](crate::Instrumentation::tracing_layer).
/// Without a tracer it takes nothing. (An `Option` of a layer would not be told the dispatch it is in.)
pub(crate) fn layer<S>(tracer: Option<SdkTracer>) -> impl Layer<S> + Send + Sync + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    let records = tracer.is_some();
    let tracer = tracer.unwrap_or_else(|| SdkTracerProvider::builder().build().tracer("off"));
    let spans = tracing_opentelemetry::layer()
        .with_tracer(tracer)
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        // Its events would carry `level` and `target`, and a name for each place in the code.
        .with_filter(filter_fn(|metadata| metadata.is_span()));
    // A filter of these layers only: what is logged is the logger's affair.
    spans
        .and_then(Events::default())
        .with_filter(LevelFilter::INFO)
        // The outermost, so that what is not of the function is known to be taken by nobody.
        .with_filter(filter_fn(move |metadata| {
            records && is_of_the_function(metadata)
        }))
}

/// The runtime's own span and log lines say what the invocation's span says better. Lamplight's own
/// lines belong into the log: nobody looks for them on a span, least of all on one that is lost.
fn is_of_the_function(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    !target.starts_with("lambda_runtime") && target != "lamplight"
}

/// Puts events onto the span they happen in, which outside every span of `tracing` is the
/// invocation's or a record's.
#[derive(Default)]
struct Events {
    /// Knows the spans of events that name their parent.
    dispatch: OnceLock<WeakDispatch>,
}

impl<S> Layer<S> for Events
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_layer(&mut self, _: &mut S) {
        in_use::mark();
    }

    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        let _ = self.dispatch.set(dispatch.downgrade());
    }

    fn on_event(&self, event: &Event<'_>, layers: LayerContext<'_, S>) {
        match event.parent() {
            Some(parent) => {
                let dispatch = self.dispatch.get().and_then(WeakDispatch::upgrade);
                // An optional layer is not told its dispatch; then it is the process's.
                let dispatch = dispatch.unwrap_or_else(|| get_default(Dispatch::clone));
                if let Some(cx) = get_otel_context(parent, &dispatch) {
                    record(event, &cx.span(), true);
                }
            }
            // The context of a span of `tracing` is current while the span is entered. It is taken
            // out of its place, where what the event says could want to put another one.
            None => {
                let in_span = event.is_contextual() && layers.event_span(event).is_some();
                let cx = Context::current();
                match shown_in(&cx) {
                    Some(span) => record(event, span, in_span),
                    None => record(event, &cx.span(), in_span),
                }
            }
        }
    }
}

/// Returns the span of `cx`, where it is that of a record or an invocation.
fn shown_in(cx: &Context) -> Option<&ActiveSpan> {
    let record = cx.get::<SpanHandle>();
    let invocation = cx.get::<Invocation>().map(|invocation| &**invocation);
    let spans = [record, invocation].into_iter().flatten();
    spans
        .filter_map(|handle| Some(handle.span()?.innermost()))
        .find(|span| span.is_current_in(cx))
}

/// A span to write to.
trait Target {
    /// Returns whether there is something to write to, and this thread can.
    fn is_open(&self) -> bool;
    fn set_attribute(&self, attribute: KeyValue);
    fn set_status(&self, status: Status);
    fn add_event(&self, name: Cow<'static, str>, attributes: Vec<KeyValue>);
}

impl Target for ActiveSpan {
    fn is_open(&self) -> bool {
        self.span_context().is_sampled() && self.is_recording()
    }

    fn set_attribute(&self, attribute: KeyValue) {
        self.set_attribute(attribute);
    }

    fn set_status(&self, status: Status) {
        self.set_status(status);
    }

    fn add_event(&self, name: Cow<'static, str>, attributes: Vec<KeyValue>) {
        self.add_event(name, attributes);
    }
}

impl Target for SpanRef<'_> {
    fn is_open(&self) -> bool {
        if !self.span_context().is_sampled() {
            return false;
        }
        if !is_free(self) {
            warn_once("event-left-out", || {
                "an event of `tracing` came from within a call that writes to the span it belongs to, \
                 and was left out: collect attributes before `set_attributes`, and do not log in span \
                 processors"
                    .to_owned()
            });
            return false;
        }
        self.is_recording()
    }

    fn set_attribute(&self, attribute: KeyValue) {
        self.set_attribute(attribute);
    }

    fn set_status(&self, status: Status) {
        self.set_status(status);
    }

    fn add_event(&self, name: Cow<'static, str>, attributes: Vec<KeyValue>) {
        self.add_event(name, attributes);
    }
}

/// Adds an event to a span. An error makes a span of `tracing` an error, with its type; what the invocation or a
/// record comes to, its handler says.
fn record(event: &Event<'_>, span: &impl Target, is_of_tracing: bool) {
    if !span.is_open() {
        return;
    }
    let mut fields = Fields::default();
    // What a value says of itself is the function's code. If it panics, the rest is still told.
    let _ = panics::catch(|| event.record(&mut fields));
    let is_error = *event.metadata().level() == Level::ERROR;
    if is_error && is_of_tracing {
        span.set_attribute(semconv::error::r#type(fields.error_type()));
        span.set_status(Status::error(fields.text().to_owned()));
    }
    // An exception has a message or a type, or else it is none.
    let (name, attributes) = match is_error && fields.is_exception() {
        true => (semconv::events::exception::NAME.into(), fields.exception()),
        false => {
            let (name, attributes) = fields.event();
            (name.into(), attributes)
        }
    };
    span.add_event(name, attributes);
}
