//! A Kinesis stream as a destination.

use aws_sdk_kinesis::{
    Client,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    operation::put_records::PutRecordsError,
    primitives::Blob,
    types::PutRecordsRequestEntry,
};
use aws_types::SdkConfig;

use super::{
    destination::{BoxFuture, Sink},
    outcome::Outcome,
    request::{Body, Layout, Request, TraceBody},
};

/// Maximum number of records per call.
const MAX_RECORDS: usize = 500;

/// Maximum size of a call: the older limit, which holds in all regions.
const MAX_CALL: usize = 5 << 20;

/// Default maximum size of a record with its partition key.
const MAX_RECORD: usize = 1 << 20;

/// A sink that writes one record per trace to a Kinesis stream, with the hexadecimal trace id as
/// its partition key: the format that Lamplight's exporter writes and its relay reads.
///
/// Records that the stream refuses within a call (because of throughput) are put again on their
/// own. A call that fails as a whole is repeated, unless Kinesis reports the records to be at
/// fault. If the stream or a permission is missing, the queue waits, since the spans are not at
/// fault.
#[derive(Debug, Clone)]
pub struct KinesisSink {
    name: Box<str>,
    stream: String,
    client: Client,
    max_record: usize,
}

impl KinesisSink {
    /// Returns a sink with this name to a stream, given by its name or ARN, with the configuration
    /// of Lambda's environment.
    pub fn new(name: &str, stream: &str) -> Self {
        Self::with_config(name, stream, &lamplight_aws_config::sdk_config())
    }

    /// Returns a sink as [`new`](Self::new) does, with an SDK configuration.
    pub fn with_config(name: &str, stream: &str, config: &SdkConfig) -> Self {
        // Retries are the queue's task.
        let config = aws_sdk_kinesis::config::Builder::from(config)
            .retry_config(aws_sdk_kinesis::config::retry::RetryConfig::disabled());
        Self {
            name: name.into(),
            stream: stream.to_owned(),
            client: Client::from_conf(config.build()),
            max_record: MAX_RECORD,
        }
    }

    /// Sets the maximum size of a record with its partition key: up to 10 MiB if the stream accepts
    /// that. Default: 1 MiB.
    #[must_use]
    pub fn with_max_record_bytes(mut self, bytes: usize) -> Self {
        self.max_record = bytes;
        self
    }

    async fn put(&self, traces: &[TraceBody]) -> Outcome {
        let too_large = |trace: &&TraceBody| trace.message.len() + KEY > self.max_record;
        if let Some(trace) = traces.iter().find(too_large) {
            let why = format!(
                "a record of {} bytes is larger than the limit of {}",
                trace.message.len() + KEY,
                self.max_record
            );
            return Outcome::TooLarge { why };
        }
        let (mut left, mut why) = (Vec::new(), String::new());
        let mut at = 0;
        while let Some(rest) = traces.get(at..).filter(|rest| !rest.is_empty()) {
            let call = rest.get(..fitting(rest)).unwrap_or_default();
            match self.call(call).await {
                Ok(refused) => {
                    for (place, reason) in refused {
                        left.push(at + place);
                        why = reason;
                    }
                }
                // Nothing has been put yet.
                Err(outcome) if at == 0 => return outcome,
                Err(outcome) => {
                    left.extend(at..traces.len());
                    why = format!("{outcome:?}");
                    break;
                }
            }
            at += call.len();
        }
        match left.is_empty() {
            true => Outcome::accepted(),
            false => Outcome::Incomplete { left, why },
        }
    }

    /// Makes one call. Returns the refused records and the reasons.
    async fn call(&self, traces: &[TraceBody]) -> Result<Vec<(usize, String)>, Outcome> {
        let entry = |trace: &TraceBody| {
            PutRecordsRequestEntry::builder()
                .partition_key(format!("{:032x}", u128::from_be_bytes(trace.trace_id)))
                .data(Blob::new(trace.message.to_vec()))
                .build()
        };
        let entries: Result<Vec<_>, _> = traces.iter().map(entry).collect();
        let entries = entries.map_err(|error| Outcome::Rejected {
            why: error.to_string(),
        })?;
        let call = self.client.put_records().set_records(Some(entries));
        let call = match self.stream.starts_with("arn:") {
            true => call.stream_arn(&self.stream),
            false => call.stream_name(&self.stream),
        };
        let answer = call.send().await.map_err(|error| outcome(&error))?;
        let refused = answer
            .records()
            .iter()
            .enumerate()
            .filter_map(|(place, record)| {
                let code = record.error_code()?;
                let message = record.error_message().unwrap_or_default();
                Some((place, format!("{code}: {message}")))
            });
        Ok(refused.collect())
    }
}

/// Length of a partition key, in bytes.
const KEY: usize = 32;

/// Returns the number of traces that fit into one call; at least one.
fn fitting(traces: &[TraceBody]) -> usize {
    let mut bytes = 0;
    let fits = |trace: &&TraceBody| {
        bytes += trace.message.len() + KEY;
        bytes <= MAX_CALL
    };
    let count = traces.iter().take(MAX_RECORDS).take_while(fits).count();
    count.max(1)
}

fn outcome(error: &SdkError<PutRecordsError>) -> Outcome {
    let why = DisplayErrorContext(error).to_string();
    let code = error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code);
    match code {
        // The error does not name the record at fault; smaller calls isolate it.
        Some("InvalidArgumentException" | "ValidationException" | "SerializationException") => {
            Outcome::TooLarge { why }
        }
        _ => Outcome::Retryable { after: None, why },
    }
}

impl Sink for KinesisSink {
    fn name(&self) -> &str {
        &self.name
    }

    fn send(&self, request: Request) -> BoxFuture<'_, Outcome> {
        Box::pin(async move {
            match &request.body {
                Body::ByTrace(traces) => self.put(traces).await,
                Body::Merged(_) => Outcome::Rejected {
                    why: "a Lamplight stream accepts spans, not metrics".to_owned(),
                },
            }
        })
    }

    fn layout(&self) -> Layout {
        Layout::ByTrace
    }
}

#[cfg(test)]
mod tests;
