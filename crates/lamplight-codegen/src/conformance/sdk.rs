//! Checks of spans of the OpenTelemetry SDK.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use opentelemetry::{
    Array, Context, KeyValue, Value,
    trace::{self, SpanContext, SpanId, TraceId},
};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{Span, SpanData, SpanExporter, SpanProcessor},
};

use super::{
    checker::Checker,
    recorded::{RecordedAttribute, RecordedSpan},
    report::Report,
};
use crate::model::{Literal, SpanKind};

impl Checker {
    /// Checks spans passed to an exporter.
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
            at_start: None,
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
        // The API may add other types of values.
        _ => Literal::Null,
    }
}

/// The maximum number of spans whose start is remembered; spans that never end would otherwise be remembered
/// forever.
const MAX_STARTED: usize = 65_536;

/// An exporter for tests that checks every span before passing it on.
///
/// Clones share one report, so one of them can be given to the provider, and another one queried.
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
/// let provider = SdkTracerProvider::builder()
///     .with_span_processor(exporter.at_start())
///     .with_simple_exporter(exporter.clone())
///     .build();
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
    started: Started,
    inner: E,
}

impl<E> CheckingExporter<E> {
    /// Returns an exporter that checks spans with `checker`, and passes them to `inner`.
    pub fn new(checker: Checker, inner: E) -> Self {
        Self {
            checker: Arc::new(checker),
            report: Arc::default(),
            started: Started::default(),
            inner,
        }
    }

    /// Returns a processor that records the attributes present at the start of spans, so that the exporter
    /// can report those set too late for samplers. Without it, that is not checked. Add it before processors
    /// that set attributes themselves.
    pub fn at_start(&self) -> impl SpanProcessor + use<E> {
        self.started.clone()
    }

    /// Returns the findings so far.
    pub fn report(&self) -> Report {
        locked(&self.report).clone()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<E: SpanExporter> SpanExporter for CheckingExporter<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let recorded: Vec<RecordedSpan> = batch
            .iter()
            .map(|span| RecordedSpan {
                at_start: self.started.take(&span.span_context),
                ..RecordedSpan::from(span)
            })
            .collect();
        let report = self.checker.check_recorded(&recorded);
        locked(&self.report).merge(report);
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
        locked(&self.report).merge(report);
        self.inner.set_resource(resource);
    }
}

/// Keys of the attributes that spans started with, until they are exported.
#[derive(Debug, Clone, Default)]
struct Started(Arc<Mutex<HashMap<Id, Vec<String>>>>);

type Id = (TraceId, SpanId);

impl Started {
    fn take(&self, span: &SpanContext) -> Option<Vec<String>> {
        locked(&self.0).remove(&id(span))
    }
}

fn id(span: &SpanContext) -> Id {
    (span.trace_id(), span.span_id())
}

impl SpanProcessor for Started {
    fn on_start(&self, span: &mut Span, _cx: &Context) {
        let Some(data) = span.exported_data() else {
            return;
        };
        let keys = data.attributes.iter();
        let keys = keys.map(|kv| kv.key.as_str().to_owned()).collect();
        let mut started = locked(&self.0);
        if started.len() < MAX_STARTED {
            started.insert(id(&data.span_context), keys);
        }
    }

    fn on_end(&self, span: SpanData) {
        // It will not be exported.
        if !span.span_context.is_sampled() {
            self.take(&span.span_context);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}
