//! Failures of PutRecords calls and of single records, and their consequences for the spans.

mod call;

use std::time::Duration;

use lamplight_internal::diagnostics::warn_once;

use crate::{stream::Stream, truncate};

/// The maximum length of a logged message from Kinesis, in bytes.
const MAX_SAID: usize = 256;

/// The consequence of a failure for the spans of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// Nothing was accepted, but a retry may succeed: throttling, or a fault of the service or of the
    /// network.
    Transient,
    /// The connection broke during the request. This happens to connections that were closed while the
    /// environment was frozen, so the request is sent once more; but it may have been accepted.
    ConnectionLost,
    /// The request may have been accepted: the next flush offers its spans again.
    OutcomeUnknown,
    /// Nothing will be accepted until the user changes something: the next flush tries again.
    NeedsIntervention,
    /// The request is larger than a server or a proxy accepts.
    TooLarge,
    /// A record of the request, or the request itself, is invalid.
    Permanent,
}

/// The reason spans did not arrive, and the log line about it, which fits both a queue, where spans wait, and
/// a processor that has dropped them. It is logged once per cause.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: FailureKind,
    cause: &'static str,
    text: String,
    /// The message from Kinesis, if it may have another meaning.
    said: Option<String>,
}

impl Failure {
    fn new(kind: FailureKind, cause: &'static str, text: String) -> Self {
        Self {
            kind,
            cause,
            text,
            said: None,
        }
    }

    pub(crate) fn with_kind(mut self, kind: FailureKind) -> Self {
        self.kind = kind;
        self
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Logs the failure, unless its cause was logged before.
    pub(crate) fn log(self) {
        warn_once(self.cause, || self.text);
    }

    /// Returns the failure of a call that was unanswered after `waited`.
    pub(crate) fn unanswered(stream: &Stream, waited: Duration) -> Self {
        Self::new(
            FailureKind::OutcomeUnknown,
            "kinesis-no-answer",
            format!(
                "{stream} could not be reached: no answer within {waited:.1?} (timeout); the \
                 next request waits longer. Check the function's network; \
                 LAMPLIGHT_KINESIS_TIMEOUT is the first wait"
            ),
        )
    }

    /// Returns the failure of a single record that was rejected.
    pub(crate) fn of_record(code: &str, stream: &Stream) -> Self {
        match head(code) {
            "ProvisionedThroughputExceededException" => throttled(code, stream),
            // The other code that the API documents, and codes of the key service.
            "InternalFailure" => broken(code, stream),
            code if is_of_kms_key(code) => broken(code, stream),
            code => Self::new(
                FailureKind::Permanent,
                "kinesis-record-refused",
                format!("{stream} refused a record with {code}; its spans are dropped and counted"),
            ),
        }
    }

    /// Returns the failure of a record without a result in the answer.
    pub(crate) fn no_result(stream: &Stream) -> Self {
        broken("an answer that leaves out records", stream)
    }

    /// Returns the failure of a request that was too large. If it had a single record, its spans are given
    /// up.
    pub(crate) fn too_large(stream: &Stream) -> Self {
        Self::new(
            FailureKind::TooLarge,
            "kinesis-too-large",
            format!(
                "a record was too large for {stream} or for a proxy in front of it (status 413); \
                 its spans are dropped and counted. Lower \
                 KinesisExporterBuilder::with_max_record_bytes and with_max_request_bytes"
            ),
        )
    }

    /// Returns the failure of `count` spans that were too large for any record.
    pub(crate) fn oversized(count: usize, bytes: usize) -> Self {
        Self::new(
            FailureKind::TooLarge,
            "kinesis-oversized",
            format!(
                "spans did not fit into a Kinesis record of {bytes} bytes however much was cut \
                 ({count} now); they are dropped and counted. Raise \
                 KinesisExporterBuilder::with_max_record_bytes, or make the resource smaller"
            ),
        )
    }

    /// Returns the failure of the whole request that this failure of a record indicates if the stream has
    /// never accepted a record.
    pub(crate) fn of_request(self, stream: &Stream) -> Self {
        Self::new(
            FailureKind::NeedsIntervention,
            "kinesis-request-refused",
            format!(
                "{stream} refuses every request ({}). Check LAMPLIGHT_KINESIS_STREAM, a stream's name \
                 or ARN, and AWS_REGION",
                self.said.as_deref().unwrap_or("no reason given")
            ),
        )
    }
}

fn throttled(code: &str, stream: &Stream) -> Failure {
    Failure::new(
        FailureKind::Transient,
        "kinesis-throttled",
        format!(
            "{stream} takes no more at the moment ({code}). If it lasts, give the stream more shards \
             or on-demand capacity"
        ),
    )
}

fn broken(what: &str, stream: &Stream) -> Failure {
    Failure::new(
        FailureKind::Transient,
        "kinesis-broken",
        format!("{stream} has a fault of its own ({what}); if it lasts, see AWS Health"),
    )
}

fn is_of_kms_key(code: &str) -> bool {
    code.starts_with("KMS") || code.starts_with("Kms")
}

/// Returns the first line of a message from Kinesis, or from a server in its place, shortened if it is long.
fn head(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    truncate::text(line, MAX_SAID)
}
