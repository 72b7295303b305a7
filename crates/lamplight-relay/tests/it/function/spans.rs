//! Spans, and sinks that keep their requests.

use std::sync::{Arc, Mutex};

use lamplight_relay::sink::{BoxFuture, Outcome, Request, Signal, Sink};
use opentelemetry_proto::tonic::{
    collector::{metrics::v1::ExportMetricsServiceRequest, trace::v1::ExportTraceServiceRequest},
    common::v1::{AnyValue, KeyValue, any_value::Value},
    metrics::v1::metric::Data,
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span, Status},
};
use prost::Message as _;

/// Returns the id of a trace whose randomness is 0, so that only rules that keep everything keep
/// it; or the maximum.
pub(crate) fn trace(number: u8, is_lucky: bool) -> [u8; 16] {
    let mut id = if is_lucky { [0xff; 16] } else { [0; 16] };
    id[0] = number + 1;
    id
}

/// Returns a request with one span, which is a root if its id is 1.
pub(crate) fn request(trace_id: [u8; 16], span_id: u8, is_error: bool) -> Vec<u8> {
    let text = |text: &str| {
        Some(AnyValue {
            value: Some(Value::StringValue(text.to_owned())),
        })
    };
    let span = Span {
        trace_id: trace_id.to_vec(),
        span_id: vec![0, 0, 0, 0, 0, 0, 0, span_id],
        parent_span_id: if span_id == 1 {
            Vec::new()
        } else {
            vec![0, 0, 0, 0, 0, 0, 0, 1]
        },
        name: "work".to_owned(),
        kind: 2,
        start_time_unix_nano: 1_700_000_000_000_000_000,
        end_time_unix_nano: 1_700_000_000_005_000_000,
        attributes: vec![KeyValue {
            key: "user.email".to_owned(),
            value: text("a@b.example"),
            ..KeyValue::default()
        }],
        status: Some(Status {
            code: if is_error { 2 } else { 0 },
            message: String::new(),
        }),
        ..Span::default()
    };
    let resource = Resource {
        attributes: vec![KeyValue {
            key: "service.name".to_owned(),
            value: text("shop"),
            ..KeyValue::default()
        }],
        ..Resource::default()
    };
    let request = ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(resource),
            scope_spans: vec![ScopeSpans {
                spans: vec![span],
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }],
    };
    request.encode_to_vec()
}

/// Returns the spans in a request, as the first byte of their trace id and the last of their span
/// id.
pub(crate) fn spans_in(message: &[u8]) -> Vec<Span> {
    let request = ExportTraceServiceRequest::decode(message).unwrap();
    let scopes = request
        .resource_spans
        .into_iter()
        .flat_map(|it| it.scope_spans);
    scopes.flat_map(|it| it.spans).collect()
}

type Answer = dyn Fn(&[(u8, u8)]) -> Outcome + Send + Sync;

/// A sink that gives scripted responses, and keeps accepted requests.
pub(crate) struct Keep {
    name: String,
    answer: Box<Answer>,
    spans: Mutex<Vec<Span>>,
    metrics: Mutex<Vec<ExportMetricsServiceRequest>>,
}

impl Keep {
    pub(crate) fn accepting(name: &str) -> Arc<Self> {
        Self::answering(name, |_| Outcome::accepted())
    }

    pub(crate) fn answering(
        name: &str,
        answer: impl Fn(&[(u8, u8)]) -> Outcome + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            name: name.to_owned(),
            answer: Box::new(answer),
            spans: Mutex::default(),
            metrics: Mutex::default(),
        })
    }

    /// Returns the number of the trace, and the id, of each span.
    pub(crate) fn ids(&self) -> Vec<(u8, u8)> {
        let mut ids = ids(&self.spans.lock().unwrap());
        ids.sort_unstable();
        ids
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        self.spans.lock().unwrap().clone()
    }

    /// Returns the number of measured calls.
    pub(crate) fn calls(&self) -> f64 {
        self.counted("span.metrics.calls")
    }

    /// Returns the sum of a counter, by the end of its name.
    pub(crate) fn counted(&self, name: &str) -> f64 {
        let requests = self.metrics.lock().unwrap();
        let metrics = requests
            .iter()
            .flat_map(|request| &request.resource_metrics)
            .flat_map(|resource| &resource.scope_metrics)
            .flat_map(|scope| &scope.metrics);
        let counters = metrics.filter(|metric| metric.name.ends_with(name));
        counters
            .flat_map(|metric| match &metric.data {
                Some(Data::Sum(sum)) => sum.data_points.clone(),
                _ => Vec::new(),
            })
            .map(|point| match point.value {
                Some(opentelemetry_proto::tonic::metrics::v1::number_data_point::Value::AsInt(
                    n,
                )) => n as f64,
                Some(
                    opentelemetry_proto::tonic::metrics::v1::number_data_point::Value::AsDouble(n),
                ) => n,
                None => 0.0,
            })
            .sum()
    }
}

fn ids(spans: &[Span]) -> Vec<(u8, u8)> {
    let id = |span: &Span| (span.trace_id[0] - 1, span.span_id[7]);
    spans.iter().map(id).collect()
}

impl Sink for Keep {
    fn name(&self) -> &str {
        &self.name
    }

    fn send(&self, request: Request) -> BoxFuture<'_, Outcome> {
        let message = request.message();
        let outcome = if request.signal == Signal::Metrics {
            let outcome = (self.answer)(&[]);
            if outcome == Outcome::accepted() {
                let decoded = ExportMetricsServiceRequest::decode(&*message).unwrap();
                self.metrics.lock().unwrap().push(decoded);
            }
            outcome
        } else {
            let spans = spans_in(&message);
            let outcome = (self.answer)(&ids(&spans));
            if outcome == Outcome::accepted() {
                self.spans.lock().unwrap().extend(spans);
            }
            outcome
        };
        Box::pin(async move { outcome })
    }
}
