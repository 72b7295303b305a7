//! What `tracing` records, on the spans of invocations.

use crate::outcome;
use lamplight_semconv as semconv;
use opentelemetry::trace::{SpanRef, Status, TraceContextExt};
use opentelemetry::{Context, KeyValue, Value};
use opentelemetry_sdk::trace::SdkTracer;
use std::error::Error;
use std::fmt::{self, Debug};
use std::sync::OnceLock;
use tracing::dispatcher::WeakDispatch;
use tracing::field::{Field, Visit};
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};
use tracing_opentelemetry::get_otel_context;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::Context as LayerContext;
use tracing_subscriber::registry::LookupSpan;

/// The layer behind [`Instrumentation::tracing_layer`](crate::Instrumentation::tracing_layer).
pub(crate) fn layer<S>(tracer: SdkTracer) -> impl Layer<S> + Send + Sync + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
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
        .with_filter(filter_fn(is_of_the_function))
        .with_filter(LevelFilter::INFO)
}

/// The runtime's own span and log lines say what the invocation's span says better.
fn is_of_the_function(metadata: &Metadata<'_>) -> bool {
    !metadata.target().starts_with("lambda_runtime")
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
    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        let _ = self.dispatch.set(dispatch.downgrade());
    }

    fn on_event(&self, event: &Event<'_>, layers: LayerContext<'_, S>) {
        match event.parent() {
            Some(parent) => {
                let dispatch = self.dispatch.get().and_then(WeakDispatch::upgrade);
                let cx = dispatch.and_then(|it| get_otel_context(parent, &it));
                if let Some(cx) = cx {
                    record(event, &cx.span(), true);
                }
            }
            // The context of a span of `tracing` is current while the span is entered.
            None => {
                let in_span = event.is_contextual() && layers.event_span(event).is_some();
                Context::map_current(|cx| record(event, &cx.span(), in_span));
            }
        }
    }
}

/// Adds an event to a span. An error makes a span of `tracing` an error; what the invocation or a
/// record comes to, its handler says.
fn record(event: &Event<'_>, span: &SpanRef<'_>, is_of_tracing: bool) {
    if !span.is_recording() {
        return;
    }
    let mut fields = Fields::default();
    event.record(&mut fields);
    if *event.metadata().level() == Level::ERROR {
        let mut attributes = fields.attributes;
        let message = fields.message.or(fields.error);
        if is_of_tracing {
            span.set_status(Status::error(message.clone().unwrap_or_default()));
        }
        attributes.extend(message.map(semconv::exception::message));
        attributes.extend(fields.causes.map(semconv::exception::stacktrace));
        span.add_event(semconv::events::exception::NAME, attributes);
    } else {
        let name = fields.message.unwrap_or_else(|| "event".to_owned());
        span.add_event(name, fields.attributes);
    }
}

#[derive(Default)]
struct Fields {
    message: Option<String>,
    error: Option<String>,
    causes: Option<String>,
    attributes: Vec<KeyValue>,
}

impl Fields {
    fn set(&mut self, field: &Field, value: impl Into<Value>) {
        if field.name() == "message" {
            self.message = Some(value.into().to_string());
        } else {
            self.attributes.push(KeyValue::new(field.name(), value));
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.set(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value.to_owned());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match i64::try_from(value) {
            Ok(value) => self.set(field, value),
            Err(_) => self.set(field, value.to_string()),
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value);
    }

    fn record_error(&mut self, _: &Field, value: &(dyn Error + 'static)) {
        self.error = Some(value.to_string());
        self.causes = outcome::causes(value);
    }
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
