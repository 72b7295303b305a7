//! The exporter: encode, send, retry what was refused, hand back the rest.

use crate::builder::KinesisExporterBuilder;
use crate::fallback;
use crate::records::{Format, Limits, Record, records, requests};
use crate::verdict::{self, Verdict};
use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::operation::put_records::PutRecordsOutput;
use aws_sdk_kinesis::primitives::Blob;
use aws_sdk_kinesis::types::PutRecordsRequestEntry;
use lamplight_export::{Delivery, DeliveryFuture, OtlpEncoder, SpanSink};
use opentelemetry::{Context, context::FutureExt};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Writes spans to a Kinesis data stream as OTLP protobuf.
///
/// Each record is a complete `ExportTraceServiceRequest`, uncompressed: any OTLP consumer reads it
/// without knowing about Lamplight. By default a record holds the spans of one trace and its
/// partition key is the trace id.
///
/// The function's role needs `kinesis:PutRecords` on the stream and nothing else.
///
/// As a [`SpanSink`] of a [`SpanQueue`](lamplight_export::SpanQueue) it hands back what Kinesis did
/// not accept, to be tried again in the next flush window. As a plain `SpanExporter` it works under
/// any span processor, on a thread with or without a tokio runtime.
#[derive(Clone)]
pub struct KinesisExporter {
    client: Client,
    stream: Stream,
    format: Format,
    limits: Limits,
    attempts: u32,
    stdout_fallback: bool,
}

/// A stream by name or by ARN; the API has a parameter for each.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    name_or_arn: String,
}

impl Stream {
    pub(crate) fn new(name_or_arn: String) -> Self {
        Self { name_or_arn }
    }

    fn arn(&self) -> Option<String> {
        self.name_or_arn
            .starts_with("arn:")
            .then(|| self.name_or_arn.clone())
    }

    fn name(&self) -> Option<String> {
        self.arn().is_none().then(|| self.name_or_arn.clone())
    }

    /// The region of an ARN, which may differ from the function's.
    pub(crate) fn region(&self) -> Option<&str> {
        let mut parts = self.name_or_arn.split(':');
        (parts.next() == Some("arn"))
            .then(|| parts.nth(2))
            .flatten()
            .filter(|r| !r.is_empty())
    }
}

/// The first pause before records are offered again; each further one is twice as long, and each is
/// shortened at random so that functions throttled together do not come back together.
const FIRST_BACKOFF: Duration = Duration::from_millis(50);

impl KinesisExporter {
    /// An exporter for `stream`, a stream's name or ARN, configured by `builder`'s methods.
    pub fn builder(stream: impl Into<String>) -> KinesisExporterBuilder {
        KinesisExporterBuilder::new(stream.into())
    }

    pub(crate) fn new(
        client: Client,
        stream: Stream,
        format: Format,
        limits: Limits,
        attempts: u32,
        stdout_fallback: bool,
    ) -> Self {
        Self {
            client,
            stream,
            format,
            limits,
            attempts,
            stdout_fallback,
        }
    }

    /// Opens the connection to Kinesis, so that the first flush need not.
    ///
    /// During Lambda's Init phase a function has a whole CPU for its TLS handshake. The connection
    /// is opened with a request without records, which Kinesis refuses; nothing is written and no
    /// permission is needed. Ends within the timeouts of the client, whatever happens.
    pub async fn warm_up(&self) {
        let suppressed = Context::current().with_telemetry_suppressed();
        let call = self
            .client
            .put_records()
            .set_stream_name(self.stream.name())
            .set_stream_arn(self.stream.arn())
            .set_records(Some(Vec::new()))
            .send();
        let _ = call.with_context(suppressed).await;
    }

    /// Sends `batch`, and what was refused of it again, a bounded number of times.
    async fn send(&self, mut batch: Vec<SpanData>) -> Delivery {
        let mut outcome = Delivery::default();
        for attempt in 0.. {
            let (records, too_large) = records(&self.format, &self.limits, batch);
            outcome.failed += too_large;
            batch = Vec::new();
            for request in requests(&self.limits, records) {
                let put = self.put(request).await;
                outcome.delivered += put.delivered;
                outcome.failed += put.refused;
                batch.extend(put.retry);
                outcome.returned.extend(put.wait);
            }
            if batch.is_empty() {
                break;
            }
            if attempt + 1 >= self.attempts {
                outcome.returned.append(&mut batch);
                break;
            }
            tokio::time::sleep(backoff(attempt)).await;
        }
        outcome.unreachable = outcome.delivered == 0 && !outcome.returned.is_empty();
        self.fall_back(&mut outcome);
        outcome
    }

    /// Writes what Kinesis has not taken to standard output, if that is wanted.
    fn fall_back(&self, outcome: &mut Delivery) {
        if !self.stdout_fallback || outcome.returned.is_empty() {
            return;
        }
        let spans = std::mem::take(&mut outcome.returned);
        let printed = fallback::print(&self.format.encoder, spans);
        outcome.delivered += printed.delivered;
        outcome.failed += printed.failed;
        outcome.returned = printed.returned;
    }

    async fn put(&self, request: Vec<Record>) -> Put {
        let mut entries = Vec::with_capacity(request.len());
        let mut spans = Vec::with_capacity(request.len());
        for record in request {
            let entry = PutRecordsRequestEntry::builder()
                .partition_key(record.key)
                .data(Blob::new(record.data));
            // Both members that the builder requires are set.
            let Ok(entry) = entry.build() else { continue };
            entries.push(entry);
            spans.push(record.spans);
        }
        let call = self
            .client
            .put_records()
            .set_stream_name(self.stream.name())
            .set_stream_arn(self.stream.arn())
            .set_records(Some(entries))
            .send();
        // The exporter's own calls are not traced: a trace of the tracing would never end.
        let suppressed = Context::current().with_telemetry_suppressed();
        match call.with_context(suppressed).await {
            Ok(output) => Put::of_output(&output, spans),
            Err(error) => {
                let verdict = verdict::of_call(&error, &self.stream.name_or_arn);
                if verdict == Verdict::Refused && spans.len() > 1 {
                    return self.put_one_by_one(spans).await;
                }
                let spans = spans.into_iter().flatten();
                match verdict {
                    Verdict::Retry => Put {
                        retry: spans.collect(),
                        ..Put::default()
                    },
                    Verdict::Wait => Put {
                        wait: spans.collect(),
                        ..Put::default()
                    },
                    Verdict::Refused => Put {
                        refused: spans.count(),
                        ..Put::default()
                    },
                }
            }
        }
    }

    /// A whole request was refused, which one bad record is enough for: the others must not go down
    /// with it.
    async fn put_one_by_one(&self, records: Vec<Vec<SpanData>>) -> Put {
        let mut outcome = Put::default();
        for spans in records {
            let put = Box::pin(self.put(vec![self.format.record(spans)])).await;
            outcome.delivered += put.delivered;
            outcome.refused += put.refused;
            outcome.retry.extend(put.retry);
            outcome.wait.extend(put.wait);
        }
        outcome
    }
}

/// What became of the spans of one request.
#[derive(Debug, Default)]
struct Put {
    delivered: usize,
    refused: usize,
    retry: Vec<SpanData>,
    wait: Vec<SpanData>,
}

impl Put {
    /// Kinesis answers each record by itself, in order. A record without an answer was not accepted
    /// as far as anyone knows.
    fn of_output(output: &PutRecordsOutput, spans: Vec<Vec<SpanData>>) -> Self {
        let mut put = Self::default();
        let mut results = output.records().iter();
        for spans in spans {
            let verdict = match results.next().map(|result| result.error_code()) {
                Some(None) => {
                    put.delivered += spans.len();
                    continue;
                }
                Some(Some(code)) => verdict::of_record(code),
                None => Verdict::Retry,
            };
            match verdict {
                Verdict::Refused => put.refused += spans.len(),
                Verdict::Retry | Verdict::Wait => put.retry.extend(spans),
            }
        }
        put
    }
}

fn backoff(attempt: u32) -> Duration {
    let longest = FIRST_BACKOFF * 2u32.saturating_pow(attempt.min(6));
    longest.mul_f64(0.5 + fastrand::f64() / 2.0)
}

impl SpanSink for KinesisExporter {
    fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
        Box::pin(async move { self.send(batch).await })
    }

    fn divert(&self, batch: Vec<SpanData>) -> Delivery {
        let mut outcome = Delivery {
            returned: batch,
            ..Delivery::default()
        };
        self.fall_back(&mut outcome);
        outcome
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.format.encoder = OtlpEncoder::new(resource);
    }

    /// Those of [`lamplight_aws_sdk::sdk_config`]. A client or a configuration that the exporter was
    /// given keeps its connections: they are not the exporter's.
    fn disconnect(&self) {
        lamplight_aws_sdk::disconnect();
    }
}

impl SpanExporter for KinesisExporter {
    /// Fails when spans are left over after the last attempt: a plain processor has no way to take
    /// them back.
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let delivery = if tokio::runtime::Handle::try_current().is_ok() {
            self.send(batch).await
        } else {
            // A processor with a thread of its own, which has no reactor for the SDK's sockets and
            // timers. Blocking it is what such a processor expects.
            runtime()?.block_on(self.send(batch))
        };
        match delivery.returned.len() + delivery.failed {
            0 => Ok(()),
            lost => Err(OTelSdkError::InternalFailure(format!(
                "{lost} spans were not accepted by Kinesis stream {}",
                self.stream.name_or_arn
            ))),
        }
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.format.encoder = OtlpEncoder::new(resource);
    }
}

/// The runtime for threads that have none. It is kept, since the client's connections live on it.
fn runtime() -> Result<&'static tokio::runtime::Runtime, OTelSdkError> {
    static RUNTIME: OnceLock<Option<tokio::runtime::Runtime>> = OnceLock::new();
    let build = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .ok()
    };
    RUNTIME.get_or_init(build).as_ref().ok_or_else(|| {
        OTelSdkError::InternalFailure("no runtime could be started to export spans on".to_owned())
    })
}

impl fmt::Debug for KinesisExporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KinesisExporter")
            .field("stream", &self.stream.name_or_arn)
            .field("key", &self.format.key)
            .field("limits", &self.limits)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}
