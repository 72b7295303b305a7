//! The exporter, which is a sink for queues and an exporter for any span processor.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use lamplight_export::{Delivery, DeliveryFuture, OtlpEncoder, SpanSink, within};
use lamplight_internal::{circuit_breaker::CircuitBreaker, sync::lock};
use opentelemetry::context::FutureExt;
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    trace::{SpanData, SpanExporter},
};

use crate::{background, context::suppressed, report::Report, sender::Sender};

/// The time that an export may take in addition to one timeout for an answer: for the connection, and for
/// retries after rejections.
const EXPORT_MARGIN: Duration = Duration::from_secs(3);

/// The longest pause while a stream is unreachable; the default of a span queue.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// An exporter of spans to a Kinesis data stream, as OTLP protobuf.
///
/// Each record is a complete `ExportTraceServiceRequest`, uncompressed by default: any OTLP consumer can read
/// it. By default, a record holds the spans of one trace and its partition key is the trace id.
///
/// The function's role needs only `kinesis:PutRecords` on the stream.
///
/// As a [`SpanSink`] of a [`SpanQueue`](lamplight_export::SpanQueue), it returns the spans that Kinesis did
/// not accept, which are tried again in the next flush window, and works on the runtime that awaits the
/// flush. An unanswered request is not sent again in the same window.
///
/// As a plain `SpanExporter`, it works under any span processor, on threads with or without a tokio runtime:
/// its own thread, started by the first export, does the I/O, and an export ends within the timeout plus
/// three seconds. After three exports in a row that reached nothing, it pauses for one second, then for two,
/// and so on up to a minute; exports fail immediately during a pause. Under a simple processor, the code that
/// ends a span waits for Kinesis, so a queue is better.
#[derive(Clone)]
pub struct KinesisExporter {
    sender: Arc<Sender>,
    /// Under a simple processor the function itself waits for each export, so exports to an unreachable
    /// stream are mostly skipped.
    breaker: Arc<Mutex<CircuitBreaker>>,
}

impl KinesisExporter {
    pub(crate) fn new(sender: Sender) -> Self {
        Self {
            sender: Arc::new(sender),
            breaker: Arc::new(Mutex::new(CircuitBreaker::new(LONGEST_PAUSE))),
        }
    }

    /// Opens the connection to Kinesis on the current runtime, so that the first flush of a queue does not
    /// have to.
    ///
    /// During Lambda's Init phase, a function has a whole CPU for its TLS handshake. The connection is opened
    /// with a request without records, which Kinesis rejects; nothing is written and no permission is needed.
    /// The call ends within the timeouts of the client, and reports no errors.
    pub async fn warm_up(&self) {
        let client = &self.sender.client;
        let _ = client.put(Vec::new()).with_context(suppressed()).await;
    }

    fn set_encoder(&mut self, resource: &Resource) {
        Arc::make_mut(&mut self.sender).format.encoder = OtlpEncoder::new(resource);
    }
}

impl SpanSink for KinesisExporter {
    fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
        let send = async move { self.sender.send(batch).await.log() };
        Box::pin(send.with_context(suppressed()))
    }

    fn fall_back(&self, batch: Vec<SpanData>) -> Delivery {
        let mut delivery = Delivery::returned(batch);
        self.sender.print_returned(&mut delivery);
        delivery
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.set_encoder(resource);
    }

    /// Drops the connections of [`lamplight_aws_config::sdk_config`]. A client or configuration provided by
    /// the user keeps its connections.
    fn disconnect(&self) {
        lamplight_aws_config::disconnect();
    }
}

impl SpanExporter for KinesisExporter {
    /// Returns an error if spans are left over after the last attempt, because a plain processor cannot take
    /// them back.
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        if batch.is_empty() {
            return Ok(());
        }
        let Self { sender, breaker } = self.clone();
        if lock(&breaker).is_open(SystemTime::now()) {
            return Err(OTelSdkError::InternalFailure(format!(
                "{} spans were dropped: {} was not reached several times in a row",
                batch.len(),
                sender.client.stream
            )));
        }
        let export = async move {
            let stream = &sender.client.stream;
            let limit = sender.client.timeout().saturating_add(EXPORT_MARGIN);
            let count = batch.len();
            let (report, _) = within(limit, sender.send(batch)).await;
            let report = report.unwrap_or_else(|| Report::unanswered(count, stream, limit));
            let _ = match report.delivery.unreachable {
                true => lock(&breaker).record_failure(SystemTime::now()),
                false => lock(&breaker).record_success(),
            };
            let result = match report.lost() {
                0 => Ok(()),
                lost => Err(OTelSdkError::InternalFailure(format!(
                    "{lost} spans were not accepted: {}",
                    report.why()
                ))),
            };
            let log = report.has_failures().then_some(|| drop(report.log()));
            (result, log.map(|log| Box::new(log) as _))
        };
        background::run(export.with_context(suppressed())).await
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.set_encoder(resource);
    }
}

impl fmt::Debug for KinesisExporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KinesisExporter")
            .field("stream", &self.sender.client.stream.name_or_arn())
            .field("key", &self.sender.format.key)
            .field("limits", &self.sender.limits)
            .field("attempts", &self.sender.attempts)
            .finish_non_exhaustive()
    }
}
