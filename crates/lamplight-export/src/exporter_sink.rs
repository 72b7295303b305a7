//! OpenTelemetry exporters as sinks.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use lamplight_internal::diagnostics::warn_once;
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkError,
    trace::{SpanData, SpanExporter},
};

use crate::sink::{Delivery, DeliveryFuture, SpanSink};

/// A [`SpanSink`] around any OpenTelemetry [`SpanExporter`].
pub struct ExporterSink<E> {
    exporter: E,
    component_type: &'static str,
    retries: u32,
    failures: AtomicU32,
    disconnect: Option<Box<dyn Fn() + Send + Sync>>,
}

impl<E: SpanExporter + 'static> ExporterSink<E> {
    /// Creates a sink that gives up a batch when the exporter rejects it.
    pub fn new(exporter: E) -> Self {
        Self {
            exporter,
            component_type: std::any::type_name::<E>(),
            retries: 0,
            failures: AtomicU32::new(0),
            disconnect: None,
        }
    }

    /// Keeps a copy of each batch while it is exported, and offers it again in up to `retries` later flush
    /// windows if the exporter fails. The copy costs a few allocations per span, because an exporter does not
    /// return the spans it was given. Default: 0.
    pub fn with_retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// Sets a function that drops the exporter's connections, for which `SpanExporter` has no method. See
    /// [`SpanSink::disconnect`]. By default they are kept.
    pub fn with_disconnect(mut self, disconnect: impl Fn() + Send + Sync + 'static) -> Self {
        self.disconnect = Some(Box::new(disconnect));
        self
    }

    /// Sets the name of the exporter in metrics about it, such as `otlp_http_span_exporter`. Default: the
    /// exporter's type.
    pub fn with_component_type(mut self, component_type: &'static str) -> Self {
        self.component_type = component_type;
        self
    }

    /// Counts a failure, and returns whether the batch may be offered once more.
    fn may_retry(&self) -> bool {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
        if failures <= self.retries {
            return true;
        }
        self.failures.store(0, Ordering::Relaxed);
        false
    }
}

impl<E: SpanExporter + 'static> SpanSink for ExporterSink<E> {
    fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
        Box::pin(async move {
            let count = batch.len();
            let copy = match self.retries {
                0 => Vec::new(),
                _ => batch.clone(),
            };
            match self.exporter.export(batch).await {
                Ok(()) => {
                    self.failures.store(0, Ordering::Relaxed);
                    Delivery::all(count)
                }
                Err(error) => {
                    warn_once("export-failed", || match error {
                        // The reason in the exporter's words, without the kind of the error, which adds
                        // nothing.
                        OTelSdkError::InternalFailure(reason) => {
                            format!("spans could not be exported: {reason}")
                        }
                        other => format!("spans could not be exported: {other}"),
                    });
                    let delivery = match self.retries > 0 && self.may_retry() {
                        true => Delivery::returned(copy),
                        false => Delivery::failed(count),
                    };
                    delivery.with_unreachable()
                }
            }
        })
    }

    fn component_type(&self) -> &'static str {
        self.component_type
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }

    fn disconnect(&self) {
        if let Some(disconnect) = &self.disconnect {
            disconnect();
        }
    }
}

// Omits the exporter, which may have headers with secrets.
impl<E> fmt::Debug for ExporterSink<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExporterSink")
            .field("exporter", &self.component_type)
            .field("retries", &self.retries)
            .finish_non_exhaustive()
    }
}
