//! Requests as OTLP JSON.

use lamplight_view::span::TraceId;
use opentelemetry_proto::tonic::trace::v1::TracesData;
use prost::Message as _;

use crate::output::format_chain;

/// Converts a request from protobuf to OTLP JSON on one line, with the spans of the traces whose id
/// begins with `trace`; returns `None` if there are none.
pub(super) fn line(request: &[u8], trace: &str) -> Result<Option<String>, String> {
    let wrong = |error| format!("a request cannot be written as JSON: {error}");
    let mut request = TracesData::decode(request).map_err(|error| wrong(format_chain(&error)))?;
    if !trace.is_empty() {
        keep(&mut request, trace);
    }
    if request.resource_spans.is_empty() {
        return Ok(None);
    }
    let line = serde_json::to_string(&request);
    line.map(Some).map_err(|error| wrong(format_chain(&error)))
}

/// Keeps only the spans of the traces whose id begins with `trace`, and removes empty groups.
fn keep(request: &mut TracesData, trace: &str) {
    for resource in &mut request.resource_spans {
        for scope in &mut resource.scope_spans {
            scope
                .spans
                .retain(|span| TraceId::of(&span.trace_id).to_string().starts_with(trace));
        }
        resource.scope_spans.retain(|scope| !scope.spans.is_empty());
    }
    request
        .resource_spans
        .retain(|resource| !resource.scope_spans.is_empty());
}
