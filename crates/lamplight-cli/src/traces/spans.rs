//! The spans in recorded requests.

use std::collections::HashMap;

use opentelemetry_proto::tonic::{
    common::v1::{KeyValue, any_value},
    trace::v1::{Span, TracesData},
};

/// A span, and the service that recorded it.
pub(super) struct Recorded<'a> {
    pub(super) service: &'a str,
    pub(super) span: &'a Span,
    /// Number of times it came: delivery is at least once.
    pub(super) times: usize,
}

/// Returns every span once.
pub(super) fn spans(requests: &[TracesData]) -> Vec<Recorded<'_>> {
    let mut spans: Vec<Recorded<'_>> = Vec::new();
    let mut places: HashMap<(&[u8], &[u8]), usize> = HashMap::new();
    for resource in requests.iter().flat_map(|request| &request.resource_spans) {
        let attributes = resource
            .resource
            .as_ref()
            .map(|it| it.attributes.as_slice());
        let service = service(attributes.unwrap_or_default());
        for span in resource.scope_spans.iter().flat_map(|scope| &scope.spans) {
            let id = (span.trace_id.as_slice(), span.span_id.as_slice());
            let place = *places.entry(id).or_insert(spans.len());
            match spans.get_mut(place) {
                Some(recorded) => recorded.times += 1,
                None => spans.push(Recorded {
                    service,
                    span,
                    times: 1,
                }),
            }
        }
    }
    spans
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The name of the service, which is what a resource is told apart by.
fn service(resource: &[KeyValue]) -> &str {
    let name = resource
        .iter()
        .find(|it| it.key == lamplight_semconv::service::NAME);
    match name
        .and_then(|it| it.value.as_ref())
        .and_then(|it| it.value.as_ref())
    {
        Some(any_value::Value::StringValue(name)) => name,
        _ => "unknown_service",
    }
}
