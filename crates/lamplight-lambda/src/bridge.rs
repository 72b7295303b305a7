//! What `tracing` records, on the spans of invocations.

use crate::{Invocation, outcome};
use lamplight_semconv as semconv;
use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, KeyValue, Value};
use opentelemetry_sdk::trace::SdkTracer;
use std::error::Error;
use std::fmt::{self, Debug};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
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
        .with_tracked_inactivity(false);
    // A filter of these layers only: what is logged is the logger's affair.
    spans
        .and_then(Events)
        .with_filter(filter_fn(is_of_the_function))
        .with_filter(LevelFilter::INFO)
}

/// The runtime's own span and log lines say what the invocation's span says better.
fn is_of_the_function(metadata: &Metadata<'_>) -> bool {
    !metadata.target().starts_with("lambda_runtime")
}

/// Puts events that happen outside every span onto the invocation's span.
struct Events;

impl<S> Layer<S> for Events
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_event(&self, event: &Event<'_>, cx: LayerContext<'_, S>) {
        if cx.event_span(event).is_some() {
            return;
        }
        let invocation = Invocation::current();
        let mut fields = Fields::default();
        event.record(&mut fields);
        if *event.metadata().level() == Level::ERROR {
            let mut attributes = fields.attributes;
            let message = fields.message.or(fields.error);
            attributes.extend(message.map(semconv::exception::message));
            attributes.extend(fields.causes.map(semconv::exception::stacktrace));
            invocation.add_event(semconv::events::exception::NAME, attributes);
        } else {
            let name = fields.message.unwrap_or_else(|| "event".to_owned());
            invocation.add_event(name, fields.attributes);
        }
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
