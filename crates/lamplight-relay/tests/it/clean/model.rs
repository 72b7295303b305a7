//! The meaning of cleaning, as a model over decoded messages, without regard to speed.

use std::collections::HashSet;

use lamplight_relay::sampling::{Heads, Rewritten, Threshold, TraceState, rewrite};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, KeyValue, any_value::Value},
    trace::v1::{ResourceSpans, ScopeSpans, Span},
};
use prost::Message as _;

use super::corpus::{CARD, TRACE, attribute};

/// The enabled parts of cleaning.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Model {
    pub(crate) exceptions_only: bool,
    pub(crate) keys: bool,
    pub(crate) values: bool,
    pub(crate) limit: Option<usize>,
    /// The probability with which the trace was kept, and whether it is incomplete.
    pub(crate) marks: Option<(f64, bool)>,
    pub(crate) sample_rate: bool,
}

impl Model {
    /// Returns the expected request with the trace's spans.
    pub(crate) fn clean(
        &self,
        payloads: &[ExportTraceServiceRequest],
    ) -> ExportTraceServiceRequest {
        let mut out = Vec::<ResourceSpans>::new();
        let mut seen = HashSet::new();
        for resource_spans in payloads.iter().flat_map(|payload| &payload.resource_spans) {
            for scope_spans in &resource_spans.scope_spans {
                for span in &scope_spans.spans {
                    if span.trace_id != TRACE
                        || span.span_id.len() == 8 && !seen.insert(span.span_id.clone())
                    {
                        continue;
                    }
                    self.add(
                        &mut out,
                        resource_spans,
                        scope_spans,
                        self.span(span.clone()),
                    );
                }
            }
        }
        ExportTraceServiceRequest {
            resource_spans: out,
        }
    }

    fn add(
        &self,
        out: &mut Vec<ResourceSpans>,
        resource_spans: &ResourceSpans,
        scope_spans: &ScopeSpans,
        span: Span,
    ) {
        let mut resource = resource_spans.resource.clone();
        if let Some(resource) = &mut resource {
            self.attributes(
                &mut resource.attributes,
                &mut resource.dropped_attributes_count,
                None,
            );
        }
        let mut scope = scope_spans.scope.clone();
        if let Some(scope) = &mut scope {
            self.attributes(
                &mut scope.attributes,
                &mut scope.dropped_attributes_count,
                None,
            );
        }
        let schema_url = &resource_spans.schema_url;
        let place = out
            .iter()
            .position(|other| other.resource == resource && other.schema_url == *schema_url);
        let place = place.unwrap_or_else(|| {
            let schema_url = schema_url.clone();
            let scope_spans = Vec::new();
            out.push(ResourceSpans {
                resource,
                scope_spans,
                schema_url,
            });
            out.len() - 1
        });
        let scopes = &mut out[place].scope_spans;
        let schema_url = &scope_spans.schema_url;
        let place = scopes
            .iter()
            .position(|other| other.scope == scope && other.schema_url == *schema_url);
        let place = place.unwrap_or_else(|| {
            let schema_url = schema_url.clone();
            let spans = Vec::new();
            scopes.push(ScopeSpans {
                scope,
                spans,
                schema_url,
            });
            scopes.len() - 1
        });
        scopes[place].spans.push(span);
    }

    fn span(&self, mut span: Span) -> Span {
        if self.exceptions_only {
            let before = span.events.len();
            span.events.retain(|event| event.name == "exception");
            span.dropped_events_count += (before - span.events.len()) as u32;
        }
        let limit = self.limit;
        self.attributes(
            &mut span.attributes,
            &mut span.dropped_attributes_count,
            limit,
        );
        self.text(&mut span.name, None);
        if let Some(status) = &mut span.status {
            self.text(&mut status.message, None);
        }
        for event in &mut span.events {
            self.text(&mut event.name, None);
            self.attributes(
                &mut event.attributes,
                &mut event.dropped_attributes_count,
                limit,
            );
        }
        for link in &mut span.links {
            self.attributes(
                &mut link.attributes,
                &mut link.dropped_attributes_count,
                limit,
            );
        }
        if let Some((probability, incomplete)) = self.marks {
            let mut state = Vec::new();
            let threshold = Some(Threshold::from_probability(probability));
            let before = span.trace_state.as_bytes();
            if rewrite(before, &TRACE, threshold, Heads::Unsampled, &mut state)
                == Rewritten::Written
            {
                span.trace_state = String::from_utf8(state).unwrap();
            }
            span.attributes
                .retain(|pair| pair.key != "lamplight.relay.rule");
            span.attributes
                .push(attribute("lamplight.relay.rule", "errors"));
            if incomplete {
                span.attributes
                    .push(scalar("lamplight.relay.incomplete", Value::BoolValue(true)));
            }
        }
        let threshold = TraceState::new(span.trace_state.as_bytes()).threshold();
        if let (Some(threshold), true) = (threshold, self.sample_rate) {
            let rate = threshold.adjusted_count().round() as i64;
            span.attributes
                .push(scalar("SampleRate", Value::IntValue(rate)));
        }
        span
    }

    fn attributes(&self, pairs: &mut Vec<KeyValue>, dropped: &mut u32, limit: Option<usize>) {
        if self.keys {
            let before = pairs.len();
            pairs.retain(|pair| !pair.key.starts_with("secret."));
            let mut kept = Vec::<KeyValue>::new();
            let has_new = pairs.iter().any(|pair| pair.key == "new.name");
            for mut pair in pairs.drain(..) {
                if matches!(pair.key.as_str(), "old.name" | "older.name") {
                    if has_new || kept.iter().any(|kept| kept.key == "new.name") {
                        continue;
                    }
                    pair.key = "new.name".to_owned();
                }
                kept.push(pair);
            }
            *pairs = kept;
            *dropped += (before - pairs.len()) as u32;
        }
        for pair in pairs {
            if self.keys && pair.key.contains("password") {
                let text = Value::StringValue("REDACTED".to_owned());
                pair.value = Some(AnyValue { value: Some(text) });
                continue;
            }
            if let Some(value) = &mut pair.value {
                self.value(value, limit);
            }
        }
    }

    fn value(&self, value: &mut AnyValue, limit: Option<usize>) {
        match &mut value.value {
            Some(Value::StringValue(text)) => self.text(text, limit),
            Some(Value::ArrayValue(array)) => {
                array
                    .values
                    .iter_mut()
                    .for_each(|value| self.value(value, limit));
            }
            Some(Value::KvlistValue(list)) => {
                for pair in &mut list.values {
                    self.text(&mut pair.key, None);
                    if let Some(value) = &mut pair.value {
                        self.value(value, limit);
                    }
                }
            }
            Some(Value::BytesValue(bytes)) => {
                // All values that are searched are ASCII.
                if let Ok(text) = std::str::from_utf8(bytes) {
                    let mut text = text.to_owned();
                    self.text(&mut text, None);
                    *bytes = text.into_bytes();
                }
                bytes.truncate(limit.unwrap_or(usize::MAX));
            }
            Some(Value::IntValue(number)) if self.values && number.abs_diff(0) == CARD as u64 => {
                value.value = Some(Value::StringValue(self.mask(limit)));
            }
            Some(Value::DoubleValue(number)) if self.values && number.abs() == CARD as f64 => {
                value.value = Some(Value::StringValue(self.mask(limit)));
            }
            _ => {}
        }
    }

    fn mask(&self, limit: Option<usize>) -> String {
        let mut mask = "REDACTED".to_owned();
        self.text(&mut mask, limit);
        mask
    }

    fn text(&self, text: &mut String, limit: Option<usize>) {
        if self.values {
            for secret in ["jan@example.com", "4242 4242 4242 4242"] {
                *text = text.replace(secret, "REDACTED");
            }
        }
        if let Some(limit) = limit {
            while text.len() > limit {
                text.pop();
            }
        }
    }
}

fn scalar(key: &str, value: Value) -> KeyValue {
    let mut pair = attribute(key, "");
    pair.value = Some(AnyValue { value: Some(value) });
    pair
}

/// Returns a request as its bytes.
pub(crate) fn encoded(request: &ExportTraceServiceRequest) -> bytes::Bytes {
    request.encode_to_vec().into()
}
