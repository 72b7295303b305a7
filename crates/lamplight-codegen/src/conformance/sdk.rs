//! Checking what the OpenTelemetry SDK recorded.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry::{Array, KeyValue, Value, trace};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

use super::recorded::{RecordedAttribute, RecordedSpan};
use super::{Checker, Report};
use crate::model::{Literal, SpanKind};

impl Checker {
    /// Checks spans an exporter was given.
    pub fn check(&self, spans: &[SpanData]) -> Report {
        let recorded: Vec<RecordedSpan> = spans.iter().map(RecordedSpan::from).collect();
        self.check_recorded(&recorded)
    }

    /// Checks the attributes of a resource.
    pub fn check_resource(&self, resource: &Resource) -> Report {
        let attributes: Vec<RecordedAttribute> = resource
            .iter()
            .map(|(key, value)| (key.as_str().to_owned(), literal(value)))
            .collect();
        self.check_attributes("resource", &attributes)
    }
}

impl From<&SpanData> for RecordedSpan {
    fn from(span: &SpanData) -> Self {
        Self {
            name: span.name.clone().into_owned(),
            kind: Some(match span.span_kind {
                trace::SpanKind::Client => SpanKind::Client,
                trace::SpanKind::Server => SpanKind::Server,
                trace::SpanKind::Producer => SpanKind::Producer,
                trace::SpanKind::Consumer => SpanKind::Consumer,
                trace::SpanKind::Internal => SpanKind::Internal,
            }),
            attributes: attributes(&span.attributes),
            events: span
                .events
                .iter()
                .map(|event| {
                    (
                        event.name.clone().into_owned(),
                        attributes(&event.attributes),
                    )
                })
                .collect(),
            links: span
                .links
                .iter()
                .map(|link| attributes(&link.attributes))
                .collect(),
        }
    }
}

fn attributes(attributes: &[KeyValue]) -> Vec<RecordedAttribute> {
    attributes
        .iter()
        .map(|kv| (kv.key.as_str().to_owned(), literal(&kv.value)))
        .collect()
}

fn literal(value: &Value) -> Literal {
    match value {
        Value::Bool(value) => Literal::Boolean(*value),
        Value::I64(value) => Literal::Int(*value),
        Value::F64(value) => Literal::Double(*value),
        Value::String(value) => Literal::String(value.as_str().to_owned()),
        Value::Array(Array::Bool(items)) => {
            Literal::List(items.iter().copied().map(Literal::Boolean).collect())
        }
        Value::Array(Array::I64(items)) => {
            Literal::List(items.iter().copied().map(Literal::Int).collect())
        }
        Value::Array(Array::F64(items)) => {
            Literal::List(items.iter().copied().map(Literal::Double).collect())
        }
        Value::Array(Array::String(items)) => Literal::List(
            items
                .iter()
                .map(|item| Literal::String(item.as_str().to_owned()))
                .collect(),
        ),
        // The API may come to know more than it does.
        _ => Literal::Null,
    }
}

/// An exporter for tests that checks every span before it hands it on.
///
/// Clones share one report, so one of them can go into the provider and another be asked.
///
/// ```
/// # fn main() -> Result<(), lamplight_codegen::Error> {
/// use lamplight_codegen::{Checker, CheckingExporter, Registry};
/// use opentelemetry::trace::{Tracer, TracerProvider as _};
/// use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
///
/// let registry = Registry::load("../../semconv")?;
/// let exporter =
///     CheckingExporter::new(Checker::new(registry), InMemorySpanExporter::default());
/// let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
///
/// let tracer = provider.tracer("shop");
/// drop(tracer.start("work"));
///
/// assert!(exporter.report().is_clean(), "{}", exporter.report());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct CheckingExporter<E> {
    checker: Arc<Checker>,
    report: Arc<Mutex<Report>>,
    inner: E,
}

impl<E> CheckingExporter<E> {
    /// An exporter that checks with `checker` what it hands to `inner`.
    pub fn new(checker: Checker, inner: E) -> Self {
        Self {
            checker: Arc::new(checker),
            report: Arc::default(),
            inner,
        }
    }

    /// What has been found so far.
    pub fn report(&self) -> Report {
        self.locked().clone()
    }

    fn locked(&self) -> MutexGuard<'_, Report> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E: SpanExporter> SpanExporter for CheckingExporter<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let report = self.checker.check(&batch);
        self.locked().merge(report);
        self.inner.export(batch).await
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        let report = self.checker.check_resource(resource);
        self.locked().merge(report);
        self.inner.set_resource(resource);
    }
}
