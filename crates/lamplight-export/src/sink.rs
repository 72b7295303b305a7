//! The interface of what a [`SpanQueue`](crate::SpanQueue) delivers to.

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use opentelemetry_sdk::{Resource, trace::SpanData};

/// The future of a delivery by a [`SpanSink`].
pub type DeliveryFuture = Pin<Box<dyn Future<Output = Delivery> + Send>>;

/// A destination that can hand back what it could not deliver.
///
/// OpenTelemetry's `SpanExporter` takes a batch and answers yes or no for all of it. A destination
/// such as Kinesis accepts some records and refuses others, and a Lambda function has another flush
/// window after the next invocation, so a sink answers for each span.
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
    /// Delivers what it can of `batch` and accounts for every span of it.
    ///
    /// The future may be left unfinished for as long as the environment is frozen and is polled
    /// again in the next flush window; it is never started a second time meanwhile.
    ///
    /// It must not block its thread: the function would wait for that, and no budget can bound it. It
    /// must end by itself, within 10 s: one that eight flushes have waited for in vain, for 15 s in all,
    /// is dropped, and its spans are counted as failed. It may panic, which costs the batch. A span it does
    /// not account for counts as failed. Inside a sink, flushes of a queue do nothing.
    fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture;

    /// Handles a batch while the destination is considered unreachable, at once: called in place of
    /// [`deliver`](Self::deliver) while deliveries pause. Default: hands the batch back, to wait.
    fn fall_back(&self, batch: Vec<SpanData>) -> Delivery {
        Delivery::returned(batch)
    }

    /// Returns what the sink is called in metrics about it, the attribute `otel.component.type` of the
    /// semantic conventions. Default: the type's own name.
    fn component_type(&self) -> &'static str {
        std::any::type_name::<Self>()
    }

    /// Sets the resource that all spans share. Called once, before the first batch.
    fn set_resource(&mut self, resource: &Resource) {
        let _ = resource;
    }

    /// Drops open connections, before the environment becomes a SnapStart snapshot, which they do
    /// not survive, and after it has been restored; and before and after spans are delivered from
    /// another runtime, because a handler blocks the function's. The next batch opens them anew.
    /// Default: nothing.
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
    /// Whether the destination took nothing and may take nothing the next time: it could not be reached, it
    /// did not answer, or it turned everything away. A few such deliveries in a row, and the queue
    /// pauses.
    pub unreachable: bool,
    /// How long the destination asks to be left alone, as by `Retry-After`. The queue pauses for that
    /// long, up to its [longest pause](crate::SpanQueueBuilder::with_max_pause).
    pub retry_after: Option<Duration>,
}

impl Delivery {
    /// Returns the outcome where all `count` spans arrived.
    pub fn all(count: usize) -> Self {
        Self {
            delivered: count,
            ..Self::default()
        }
    }

    /// Returns the outcome where all `count` spans were refused for good.
    pub fn failed(count: usize) -> Self {
        Self {
            failed: count,
            ..Self::default()
        }
    }

    /// Returns the outcome where nothing arrived, and `batch` is to be offered again.
    pub fn returned(batch: Vec<SpanData>) -> Self {
        Self {
            returned: batch,
            ..Self::default()
        }
    }

    /// Sets that the destination could not be reached, see [`unreachable`](Self#structfield.unreachable).
    #[must_use]
    pub fn with_unreachable(mut self) -> Self {
        self.unreachable = true;
        self
    }

    /// Sets how long the destination asks to be left alone.
    #[must_use]
    pub fn with_retry_after(mut self, length: Duration) -> Self {
        self.retry_after = Some(length);
        self
    }
}
