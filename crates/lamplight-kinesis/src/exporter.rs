//! The exporter, as a sink of a queue and as an exporter of any processor.

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

/// The time an export may take besides one wait for an answer: connecting, and attempts after refusals.
const EXPORT_MARGIN: Duration = Duration::from_secs(3);

/// The longest time that a stream is left alone which is not reached, as by a span queue by default.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// An exporter of spans to a Kinesis data stream, as OTLP protobuf.
///
/// Each record is a complete `ExportTraceServiceRequest`, uncompressed: any OTLP consumer reads it
/// without knowing about Lamplight. By default a record holds the spans of one trace and its
/// partition key is the trace id.
///
/// The function's role needs `kinesis:PutRecords` on the stream and nothing else.
///
/// As a [`SpanSink`] of a [`SpanQueue`](lamplight_export::SpanQueue) it hands back what Kinesis did
/// not accept, to be tried again in the next flush window, and does its work on the runtime of
/// whoever flushes. A request that was not answered is not sent again in the same window.
///
/// As a plain `SpanExporter` it works under any span processor, on a thread with or without a tokio
/// runtime: a thread of its own, started with the first export, does the I/O, and an export ends
/// within the timeout and three seconds. After three exports in a row that reached nothing it leaves
/// the stream alone for a second, then for two, and so on up to a minute, and fails at once meanwhile.
/// Under a simple processor, whoever ends a span waits for Kinesis: a queue is better.
#[derive(Clone)]
pub struct KinesisExporter {
    sender: Arc<Sender>,
    /// Whoever waits for an export that reaches nothing waits in vain, under a simple processor the function
    /// itself, so that most are not tried while that lasts.
    breaker: Arc<Mutex<CircuitBreaker>>,
}

impl KinesisExporter {
    pub(crate) fn new(sender: Sender) -> Self {
        Self {
            sender: Arc::new(sender),
            breaker: Arc::new(Mutex::new(CircuitBreaker::new(LONGEST_PAUSE))),
        }
    }

    /// Opens the connection to Kinesis on the current runtime, so that the first flush of a queue
    /// need not.
    ///
    /// During Lambda's Init phase a function has a whole CPU for its TLS handshake. The connection
    /// is opened with a request without records, which Kinesis refuses; nothing is written and no
    /// permission is needed. Ends within the timeouts of the client, whatever happens, and says
    /// nothing about it.
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

    /// Drops the connections of [`lamplight_aws_config::sdk_config`]. A client or a configuration that the
    /// exporter was given keeps its own: they are not the exporter's.
    fn disconnect(&self) {
        lamplight_aws_config::disconnect();
    }
}

impl SpanExporter for KinesisExporter {
    /// Fails when spans are left over after the last attempt: a plain processor has no way to take
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
