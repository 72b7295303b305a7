//! Checks of OTLP in files.

use std::{fmt, path::Path};

use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, KeyValue, any_value::Value},
    trace::v1::{Span, TracesData, span},
};
use prost::Message;

use super::{
    checker::Checker,
    recorded::{RecordedAttribute, RecordedSpan},
    report::Report,
};
use crate::model::{Literal, SpanKind};

/// Error returned when a file is not OTLP traces.
#[derive(Debug)]
#[non_exhaustive]
pub enum OtlpError {
    /// The file could not be read.
    Read(std::io::Error),
    /// The bytes are not the protobuf encoding of traces.
    Protobuf(Box<dyn std::error::Error + Send + Sync>),
    /// A line is not the JSON encoding of traces.
    Json {
        /// The line number, from 1.
        line: usize,
        /// The error of the JSON reader.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl fmt::Display for OtlpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(_) => f.write_str("cannot read the file"),
            Self::Protobuf(_) => f.write_str("the file is not OTLP traces in protobuf"),
            Self::Json { line, .. } => write!(f, "line {line} is not OTLP traces in JSON"),
        }
    }
}

impl std::error::Error for OtlpError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read(source) => Some(source),
            Self::Protobuf(source) | Self::Json { source, .. } => Some(source.as_ref()),
        }
    }
}

impl Checker {
    /// Checks a file of OTLP traces: protobuf, JSON with one request per line as written by file exporters,
    /// or a single JSON document.
    pub fn check_otlp_file(&self, path: impl AsRef<Path>) -> Result<Report, OtlpError> {
        self.check_otlp(&std::fs::read(path).map_err(OtlpError::Read)?)
    }

    /// Checks OTLP traces, protobuf or JSON, including their resources.
    pub fn check_otlp(&self, bytes: &[u8]) -> Result<Report, OtlpError> {
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        if first != Some(&b'{') {
            let traces = TracesData::decode(bytes)
                .map_err(|source| OtlpError::Protobuf(Box::new(source)))?;
            return Ok(self.traces(&traces));
        }
        let mut report = Report::default();
        let mut documents = serde_json::Deserializer::from_slice(bytes).into_iter::<TracesData>();
        while let Some(document) = documents.next() {
            let end = documents.byte_offset();
            let traces = document.map_err(|source| {
                let before = bytes
                    .iter()
                    .take(end)
                    .filter(|byte| **byte == b'\n')
                    .count();
                OtlpError::Json {
                    line: before + 1,
                    source: Box::new(source),
                }
            })?;
            report.merge(self.traces(&traces));
        }
        Ok(report)
    }

    fn traces(&self, traces: &TracesData) -> Report {
        let mut report = Report::default();
        for resource_spans in &traces.resource_spans {
            if let Some(resource) = &resource_spans.resource {
                let attributes = attributes(&resource.attributes);
                report.merge(self.check_attributes("resource", &attributes));
            }
            for scope_spans in &resource_spans.scope_spans {
                let spans: Vec<RecordedSpan> =
                    scope_spans.spans.iter().map(RecordedSpan::from).collect();
                report.merge(self.check_recorded(&spans));
            }
        }
        report
    }
}

impl From<&Span> for RecordedSpan {
    fn from(span: &Span) -> Self {
        Self {
            name: span.name.clone(),
            kind: match span.kind() {
                span::SpanKind::Client => Some(SpanKind::Client),
                span::SpanKind::Server => Some(SpanKind::Server),
                span::SpanKind::Producer => Some(SpanKind::Producer),
                span::SpanKind::Consumer => Some(SpanKind::Consumer),
                span::SpanKind::Internal => Some(SpanKind::Internal),
                span::SpanKind::Unspecified => None,
            },
            attributes: attributes(&span.attributes),
            events: span
                .events
                .iter()
                .map(|event| (event.name.clone(), attributes(&event.attributes)))
                .collect(),
            links: span
                .links
                .iter()
                .map(|link| attributes(&link.attributes))
                .collect(),
            // OTLP contains only the final attributes.
            at_start: None,
        }
    }
}

fn attributes(attributes: &[KeyValue]) -> Vec<RecordedAttribute> {
    attributes
        .iter()
        .map(|kv| (kv.key.clone(), literal(kv.value.as_ref())))
        .collect()
}

fn literal(value: Option<&AnyValue>) -> Literal {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Value::BoolValue(value)) => Literal::Boolean(*value),
        Some(Value::IntValue(value)) => Literal::Int(*value),
        Some(Value::DoubleValue(value)) => Literal::Double(*value),
        Some(Value::StringValue(value)) => Literal::String(value.clone()),
        Some(Value::ArrayValue(list)) => Literal::List(
            list.values
                .iter()
                .map(|value| literal(Some(value)))
                .collect(),
        ),
        Some(Value::KvlistValue(map)) => Literal::Map(
            map.values
                .iter()
                .map(|kv| (kv.key.clone(), literal(kv.value.as_ref())))
                .collect(),
        ),
        // Bytes and dictionary references are not valid attribute values of a span.
        _ => Literal::Null,
    }
}
