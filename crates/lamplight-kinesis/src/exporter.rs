//! The exporter, as a sink of a queue and as an exporter of any processor.

use crate::background;
use crate::builder::KinesisExporterBuilder;
use crate::report::Report;
use crate::rest::Rest;
use crate::sender::Sender;
use lamplight_export::{Delivery, DeliveryFuture, OtlpEncoder, SpanSink, within};
use opentelemetry::{Context, context::FutureExt};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What an export may take besides one wait for an answer: connecting, and attempts after refusals.
const EXPORT_MARGIN: Duration = Duration::from_secs(3);

/// Writes spans to a Kinesis data stream as OTLP protobuf.
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
    rest: Arc<Rest>,
}

impl KinesisExporter {
    /// An exporter for `stream`, a stream's name or ARN, configured by `builder`'s methods.
    pub fn builder(stream: impl Into<String>) -> KinesisExporterBuilder {
        KinesisExporterBuilder::new(stream.into())
    }

    pub(crate) fn new(sender: Sender) -> Self {
        Self {
            sender: Arc::new(sender),
            rest: Arc::default(),
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
        let caller = &self.sender.caller;
        let _ = caller.put(Vec::new()).with_context(suppressed()).await;
    }

    fn set_encoder(&mut self, resource: &Resource) {
        Arc::make_mut(&mut self.sender).format.encoder = OtlpEncoder::new(resource);
    }
}

/// The exporter's own calls are not traced: a trace of the tracing would never end. What is current is
/// left out, since a delivery may outlive it.
pub(crate) fn suppressed() -> Context {
    Context::new().with_telemetry_suppressed()
}

impl SpanSink for KinesisExporter {
    fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
        let send = async move { self.sender.send(batch).await.log() };
        Box::pin(send.with_context(suppressed()))
    }

    fn fall_back(&self, batch: Vec<SpanData>) -> Delivery {
        let mut delivery = Delivery::returned(batch);
        self.sender.fall_back(&mut delivery);
        delivery
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.set_encoder(resource);
    }

    /// Those of [`lamplight_aws_config::sdk_config`]. A client or a configuration that the exporter was
    /// given keeps its connections: they are not the exporter's.
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
        let Self { sender, rest } = self.clone();
        if rest.is_on(Instant::now()) {
            return Err(OTelSdkError::InternalFailure(format!(
                "{} spans were dropped: {} was not reached several times in a row",
                batch.len(),
                sender.caller.target
            )));
        }
        let export = async move {
            let target = &sender.caller.target;
            let limit = sender.caller.timeout().saturating_add(EXPORT_MARGIN);
            let count = batch.len();
            let (report, _) = within(limit, sender.send(batch)).await;
            let report = report.unwrap_or_else(|| Report::unanswered(count, target, limit));
            rest.note(!report.delivery.unreachable, Instant::now());
            let result = match report.lost() {
                0 => Ok(()),
                lost => Err(OTelSdkError::InternalFailure(format!(
                    "{lost} spans were not accepted: {}",
                    report.why()
                ))),
            };
            let log = report.is_telling().then_some(|| drop(report.log()));
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
            .field("stream", &self.sender.caller.target.name_or_arn())
            .field("key", &self.sender.format.key)
            .field("limits", &self.sender.limits)
            .field("attempts", &self.sender.attempts)
            .finish_non_exhaustive()
    }
}
