//! A log format with the ids of the current trace and span.

use std::fmt;

use opentelemetry::{Context, trace::TraceContextExt};
use tracing::{Event, Subscriber};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

use super::in_use;

/// A log format that adds the ids of the current trace and span, which connect logs and traces.
///
/// It wraps a format of `tracing_subscriber`: a JSON object gets the members `trace_id` and `span_id`; a line
/// of text, which loses its colors, gets them at its end. Outside an invocation, nothing is added.
///
/// ```
/// use lamplight_lambda::WithTraceIds;
/// use tracing_subscriber::layer::SubscriberExt;
///
/// let logs = tracing_subscriber::fmt::layer().json().map_event_format(WithTraceIds::new);
/// let subscriber = tracing_subscriber::registry().with(logs);
/// # let _ = subscriber;
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct WithTraceIds<F> {
    format: F,
}

impl<F> WithTraceIds<F> {
    /// Returns a format that adds ids to the output of `format`.
    pub fn new(format: F) -> Self {
        in_use::mark();
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
