//! Connection of `tracing` spans and events with the spans of invocations.

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
/// Without a tracer, it ignores everything. (An `Option` of a layer would not receive its dispatch.)
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
        // Its events would have `level` and `target` attributes, and a separate name for each place in the
        // code.
        .with_filter(filter_fn(|metadata| metadata.is_span()));
    // The filter applies to these layers only; the logger has its own.
    spans
        .and_then(Events::default())
        .with_filter(LevelFilter::INFO)
        // The outermost filter, so that callsites outside the function are known to be of no interest.
        .with_filter(filter_fn(move |metadata| {
            records && is_of_the_function(metadata)
        }))
}

/// Returns whether a span or event belongs to the function. The runtime's own span and log lines duplicate
/// the invocation's span. Lamplight's own lines belong in the log: no one looks for them on a span, which may
/// even be lost.
fn is_of_the_function(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    !target.starts_with("lambda_runtime") && target != "lamplight"
}

/// A layer that adds events to the span in which they occur; outside any `tracing` span, that is the span of
/// the invocation or record.
#[derive(Default)]
struct Events {
    /// The dispatch, through which the spans of events with an explicit parent are found.
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
                // An optional layer does not receive its dispatch; the default one is used.
                let dispatch = dispatch.unwrap_or_else(|| get_default(Dispatch::clone));
                if let Some(cx) = get_otel_context(parent, &dispatch) {
                    record(event, &cx.span(), true);
                }
            }
            // The context of a `tracing` span is current while the span is entered. It is cloned first,
            // because formatting the event may attach another context.
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

/// Returns the span of `cx`, if it is that of a record or an invocation.
fn shown_in(cx: &Context) -> Option<&ActiveSpan> {
    let record = cx.get::<SpanHandle>();
    let invocation = cx.get::<Invocation>().map(|invocation| &**invocation);
    let spans = [record, invocation].into_iter().flatten();
    spans
        .filter_map(|handle| Some(handle.span()?.innermost()))
        .find(|span| span.is_current_in(cx))
}

/// A span that events are written to.
trait Target {
    /// Returns whether the span is open, and this thread can lock it.
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

/// Adds an event to a span. An error sets the status and the `error.type` of a `tracing` span; the outcome of
/// an invocation or a record is determined by its handler.
fn record(event: &Event<'_>, span: &impl Target, is_of_tracing: bool) {
    if !span.is_open() {
        return;
    }
    let mut fields = Fields::default();
    // Formatting a value runs the function's code. If it panics, the other fields are still recorded.
    let _ = panics::catch(|| event.record(&mut fields));
    let is_error = *event.metadata().level() == Level::ERROR;
    if is_error && is_of_tracing {
        span.set_attribute(semconv::error::r#type(fields.error_type()));
        span.set_status(Status::error(fields.text().to_owned()));
    }
    // An exception requires a message or a type.
    let (name, attributes) = match is_error && fields.is_exception() {
        true => (semconv::events::exception::NAME.into(), fields.exception()),
        false => {
            let (name, attributes) = fields.event();
            (name.into(), attributes)
        }
    };
    span.add_event(name, attributes);
}
