//! The interface of the destinations of a [`SpanQueue`](crate::SpanQueue).

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use opentelemetry_sdk::{Resource, trace::SpanData};

/// The future of a delivery by a [`SpanSink`].
pub type DeliveryFuture = Pin<Box<dyn Future<Output = Delivery> + Send>>;

/// A destination that can return the spans it could not deliver.
///
/// OpenTelemetry's `SpanExporter` takes a batch and reports success or failure for the whole batch. A
/// destination such as Kinesis accepts some records and rejects others, and a Lambda function has another
/// flush window after the next invocation, so a sink accounts for each span.
///
/// ```
/// use lamplight_export::{Delivery, DeliveryFuture, OtlpEncoder, SpanQueue, SpanSink};
/// use opentelemetry::trace::{Tracer, TracerProvider};
/// use opentelemetry_sdk::Resource;
/// use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData};
/// use std::sync::Arc;
/// use tokio::sync::mpsc;
///
/// /// Sends OTLP requests through a channel, as many as there is room for.
/// #[derive(Debug)]
/// struct ChannelSink {
///     requests: mpsc::Sender<Vec<u8>>,
///     encoder: OtlpEncoder,
/// }
///
/// impl SpanSink for ChannelSink {
///     fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
///         Box::pin(async move {
///             match self.requests.try_send(self.encoder.encode(&batch)) {
///                 Ok(()) => Delivery::all(batch.len()),
///                 // They are offered again in the next flush.
///                 Err(mpsc::error::TrySendError::Full(_)) => Delivery::returned(batch),
///                 Err(mpsc::error::TrySendError::Closed(_)) => Delivery::failed(batch.len()),
///             }
///         })
///     }
///
///     fn set_resource(&mut self, resource: &Resource) {
///         self.encoder = OtlpEncoder::new(resource);
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let (requests, mut received) = mpsc::channel(1);
/// let encoder = OtlpEncoder::new(&Resource::builder().build());
/// let queue = SpanQueue::new(ChannelSink { requests, encoder });
/// let provider = SdkTracerProvider::builder().with_span_processor(queue.clone()).build();
/// let tracer = provider.tracer("example");
///
/// tracer.in_span("first", |_| ());
/// queue.flush().await;
/// tracer.in_span("second", |_| ());
/// queue.flush().await;
/// assert_eq!((queue.snapshot().delivered, queue.snapshot().size), (1, 1));
///
/// received.recv().await;
/// queue.flush().await;
/// assert_eq!(queue.snapshot().delivered, 2);
/// # }
/// ```
pub trait SpanSink: fmt::Debug + Send + Sync + 'static {
    /// Delivers as much of `batch` as possible, and accounts for every span of it.
    ///
    /// The future may be suspended for as long as the environment is frozen, and is polled again in the next
    /// flush window. No second delivery is started meanwhile.
    ///
    /// The future must not block its thread, because the function would wait for it beyond any budget. It
    /// must complete within 10 s: a delivery on which eight flushes have timed out, after 15 s in total, is
    /// dropped, and its spans count as failed. It may panic, at the cost of the batch. A span that it does
    /// not account for counts as failed. Flushes of a queue do nothing while they are called from inside a
    /// sink.
    fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture;

    /// Handles a batch immediately while the destination is considered unreachable. It is called instead of
    /// [`deliver`](Self::deliver) while deliveries pause. By default the batch is returned, and waits.
    fn fall_back(&self, batch: Vec<SpanData>) -> Delivery {
        Delivery::returned(batch)
    }

    /// Returns the name of the sink in metrics about it, the attribute `otel.component.type` of the semantic
    /// conventions. Default: the name of the type.
    fn component_type(&self) -> &'static str {
        std::any::type_name::<Self>()
    }

    /// Sets the resource that all spans share. Called once, before the first batch.
    fn set_resource(&mut self, resource: &Resource) {
        let _ = resource;
    }

    /// Drops open connections. This is called before the environment becomes a SnapStart snapshot, which
    /// connections do not survive, and after it has been restored; and before and after spans are delivered
    /// from another runtime because a handler blocks the function's runtime. The next batch opens new
    /// connections. By default, it does nothing.
    fn disconnect(&self) {}
}

/// The outcome of a delivery. Every span of the batch is in exactly one of `delivered`, `failed` and
/// `returned`.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Delivery {
    /// Number of spans that the destination has accepted.
    pub delivered: usize,
    /// Number of spans that were given up, because offering them again cannot help.
    pub failed: usize,
    /// Spans to offer again in the next flush window.
    pub returned: Vec<SpanData>,
    /// True if the destination accepted nothing and may accept nothing the next time: it was not reachable,
    /// did not answer, or rejected everything. After a few such deliveries in a row, the queue pauses.
    pub unreachable: bool,
    /// The pause that the destination requests, for example with `Retry-After`. The queue pauses for that
    /// long, up to its [longest pause](crate::SpanQueueBuilder::with_max_pause).
    pub retry_after: Option<Duration>,
}

impl Delivery {
    /// Returns the outcome of a delivery in which all `count` spans arrived.
    pub fn all(count: usize) -> Self {
        Self {
            delivered: count,
            ..Self::default()
        }
    }

    /// Returns the outcome of a delivery in which all `count` spans were rejected permanently.
    pub fn failed(count: usize) -> Self {
        Self {
            failed: count,
            ..Self::default()
        }
    }

    /// Returns the outcome of a delivery in which nothing arrived, and `batch` is to be offered again.
    pub fn returned(batch: Vec<SpanData>) -> Self {
        Self {
            returned: batch,
            ..Self::default()
        }
    }

    /// Marks the destination as [`unreachable`](Self#structfield.unreachable).
    #[must_use]
    pub fn with_unreachable(mut self) -> Self {
        self.unreachable = true;
        self
    }

    /// Sets the pause that the destination requests.
    #[must_use]
    pub fn with_retry_after(mut self, length: Duration) -> Self {
        self.retry_after = Some(length);
        self
    }
}
