//! Where a [`SpanQueue`](crate::SpanQueue) delivers to.

use lamplight_internal::diagnostics::warn_once;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The future a [`SpanSink`] delivers with.
pub type DeliveryFuture = Pin<Box<dyn Future<Output = Delivery> + Send>>;

/// A destination that can hand back what it could not deliver.
///
/// OpenTelemetry's `SpanExporter` takes a batch and answers yes or no for all of it. A destination
/// such as Kinesis accepts some records and refuses others, and a Lambda function has another flush
/// window after the next invocation, so a sink answers for each span.
pub trait SpanSink: fmt::Debug + Send + Sync + 'static {
    /// Delivers what it can of `batch` and accounts for every span of it.
    ///
    /// The future may be left unfinished for as long as the environment is frozen and is polled
    /// again in the next flush window; it is never started a second time meanwhile.
    ///
    /// It must not block its thread: the function would wait for that, and no budget can bound it. It
    /// must end by itself, within 10 s: one that eight flushes have waited for in vain, for 15 s in all,
    /// is dropped, and its spans are counted as failed. It may panic, which costs the batch. A span it does not
    /// account for counts as failed. Inside a sink, flushes of a queue do nothing.
    fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture;

    /// Does with `batch` what it can without its destination, at once: called in place of
    /// [`deliver`](Self::deliver) while deliveries pause, because the destination could not be
    /// reached. Default: hands the batch back, to wait.
    fn divert(&self, batch: Vec<SpanData>) -> Delivery {
        Delivery {
            returned: batch,
            ..Delivery::default()
        }
    }

    /// What the sink is called in metrics about it, the attribute `otel.component.type` of the
    /// semantic conventions. Default: the type's own name.
    fn component_type(&self) -> &'static str {
        std::any::type_name::<Self>()
    }

    /// Called once, before the first batch, with the resource all spans share.
    fn set_resource(&mut self, resource: &Resource) {
        let _ = resource;
    }

    /// Drops open connections, before the environment becomes a SnapStart snapshot, which they do
    /// not survive, and after it has been restored; and before and after spans are delivered from
    /// another runtime, because a handler blocks the function's. The next batch opens them anew.
    /// Default: nothing.
    fn disconnect(&self) {}
}

/// What became of a batch. Every span of it is in exactly one of `delivered`, `failed` and
/// `returned`.
#[derive(Debug, Default)]
pub struct Delivery {
    /// How many spans the destination has.
    pub delivered: usize,
    /// How many spans were given up, because offering them again cannot help.
    pub failed: usize,
    /// Spans to offer again in the next flush window.
    pub returned: Vec<SpanData>,
    /// The destination took nothing and may take nothing the next time: it could not be reached, it
    /// did not answer, or it turned everything away. A few such deliveries in a row, and the queue
    /// pauses.
    pub unreachable: bool,
    /// How long the destination asks to be left alone, as by `Retry-After`. The queue pauses for that
    /// long, up to its [longest pause](crate::SpanQueue::with_max_pause).
    pub retry_after: Option<Duration>,
}

impl Delivery {
    /// All `count` spans arrived.
    pub fn all(count: usize) -> Self {
        Self {
            delivered: count,
            ..Self::default()
        }
    }
}

/// Any OpenTelemetry [`SpanExporter`] as a [`SpanSink`].
pub struct ExporterSink<E> {
    exporter: E,
    component_type: &'static str,
    retries: u32,
    failures: AtomicU32,
    disconnect: Option<Box<dyn Fn() + Send + Sync>>,
}

impl<E: SpanExporter + 'static> ExporterSink<E> {
    /// A sink that gives a batch up when the exporter refuses it.
    pub fn new(exporter: E) -> Self {
        Self {
            exporter,
            component_type: std::any::type_name::<E>(),
            retries: 0,
            failures: AtomicU32::new(0),
            disconnect: None,
        }
    }

    /// Keeps a copy of each batch while it is exported, and offers it again in up to `retries`
    /// later flush windows when the exporter fails. The copy costs a few allocations a span, since
    /// an exporter does not give back what it was handed. Default: 0.
    pub fn with_retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// Sets how the exporter's connections are dropped, which an exporter has no method for. See
    /// [`SpanSink::disconnect`]. Default: they are not.
    pub fn with_disconnect(mut self, disconnect: impl Fn() + Send + Sync + 'static) -> Self {
        self.disconnect = Some(Box::new(disconnect));
        self
    }

    /// Sets what the exporter is called in metrics about it, such as `otlp_http_span_exporter`.
    /// Default: the exporter's type.
    pub fn with_component_type(mut self, component_type: &'static str) -> Self {
        self.component_type = component_type;
        self
    }

    /// Whether a failed batch may be offered once more.
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
            let copy = if self.retries > 0 {
                batch.clone()
            } else {
                Vec::new()
            };
            match self.exporter.export(batch).await {
                Ok(()) => {
                    self.failures.store(0, Ordering::Relaxed);
                    Delivery::all(count)
                }
                Err(error) => {
                    warn_once("export-failed", || match error {
                        // As the exporter says it, without the kind of error, which says nothing.
                        OTelSdkError::InternalFailure(reason) => {
                            format!("spans could not be exported: {reason}")
                        }
                        other => format!("spans could not be exported: {other}"),
                    });
                    if self.retries > 0 && self.may_retry() {
                        Delivery {
                            returned: copy,
                            unreachable: true,
                            ..Delivery::default()
                        }
                    } else {
                        Delivery {
                            failed: count,
                            unreachable: true,
                            ..Delivery::default()
                        }
                    }
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

// Not the exporter, which may have headers with secrets.
impl<E> fmt::Debug for ExporterSink<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExporterSink")
            .field("exporter", &self.component_type)
            .field("retries", &self.retries)
            .finish_non_exhaustive()
    }
}
