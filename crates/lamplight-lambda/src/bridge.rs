//! What `tracing` records, on the spans of invocations.

mod fields;
mod lock;

use self::fields::Fields;
use self::lock::is_free;
#[cfg(feature = "_records")]
use crate::records::CurrentRecord;
use crate::wide::Wide;
use crate::{Invocation, panics};
use lamplight_internal::diagnostics::warn_once;
use lamplight_semconv as semconv;
use opentelemetry::trace::{SpanRef, Status, TraceContextExt, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use tracing::dispatcher::{WeakDispatch, get_default};
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};
use tracing_opentelemetry::get_otel_context;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::Context as LayerContext;
use tracing_subscriber::registry::LookupSpan;

/// Whether a subscriber has the layer, or logs have ids.
static IS_IN_USE: AtomicBool = AtomicBool::new(false);

/// Whether anything of the feature `tracing` is in use in this process: a subscriber has the layer,
/// or a log format has ids. For those who look for mistakes in a set-up.
#[doc(hidden)]
pub fn is_tracing_in_use() -> bool {
    IS_IN_USE.load(Ordering::Relaxed)
}

/// The layer behind [`Instrumentation::tracing_layer`](crate::Instrumentation::tracing_layer). Without a
/// tracer it takes nothing. (An `Option` of a layer would not be told the dispatch it is in.)
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
        IS_IN_USE.store(true, Ordering::Relaxed);
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
                    Some(wide) => record(event, wide, in_span),
                    None => record(event, &cx.span(), in_span),
                }
            }
        }
    }
}

/// The span of `cx`, where it is that of a record or an invocation.
fn shown_in(cx: &Context) -> Option<&Wide> {
    #[cfg(feature = "_records")]
    if let Some(wide) = CurrentRecord::shown_in(cx) {
        return Some(wide);
    }
    Invocation::shown_in(cx)
}

/// A span to write to.
trait Target {
    /// Whether there is something to write to, and this thread can.
    fn is_open(&self) -> bool;
    fn set_attribute(&self, attribute: KeyValue);
    fn set_status(&self, status: Status);
    fn add_event(&self, name: Cow<'static, str>, attributes: Vec<KeyValue>);
}

impl Target for Wide {
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

/// A log format with the ids of the current trace and span, by which logs and traces are joined.
///
/// It wraps a format of `tracing_subscriber`: an object of JSON gets the members `trace_id` and
/// `span_id`, a line of text, which loses its colours, gets them at its end. Outside an invocation
/// nothing is added.
///
/// ```
/// use lamplight_lambda::WithTraceIds;
///
/// let logs = tracing_subscriber::fmt::layer::<tracing_subscriber::Registry>()
///     .map_event_format(WithTraceIds::new);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct WithTraceIds<F> {
    format: F,
}

impl<F> WithTraceIds<F> {
    /// Adds ids to what `format` writes.
    pub fn new(format: F) -> Self {
        IS_IN_USE.store(true, Ordering::Relaxed);
        Self { format }
    }
}

impl<S, N, F> FormatEvent<S, N> for WithTraceIds<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        cx: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let span_context = Context::map_current(|cx| cx.span().span_context().clone());
        if !span_context.is_valid() {
            return self.format.format_event(cx, writer, event);
        }
        let mut line = String::new();
        self.format
            .format_event(cx, Writer::new(&mut line), event)?;
        let (trace_id, span_id) = (span_context.trace_id(), span_context.span_id());
        let text = line.strip_suffix('\n').unwrap_or(&line);
        match text.strip_suffix('}').filter(|_| text.starts_with('{')) {
            Some("{") => writeln!(
                writer,
                r#"{{"trace_id":"{trace_id}","span_id":"{span_id}"}}"#
            ),
            Some(object) => writeln!(
                writer,
                r#"{object},"trace_id":"{trace_id}","span_id":"{span_id}"}}"#
            ),
            None => writeln!(writer, "{text} trace_id={trace_id} span_id={span_id}"),
        }
    }
}
