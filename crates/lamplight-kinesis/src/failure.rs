//! What a failed PutRecords call, or a refused record of it, means for the spans.

mod of_call;

use crate::target::Target;
use lamplight_internal::diagnostics::warn_once;
use std::time::Duration;

/// The most that is told of what Kinesis says, in bytes.
const LONGEST: usize = 256;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    /// Nothing was taken, and it may work in a moment: throttling, a fault of the service or of the
    /// network.
    Retry,
    /// The connection broke under the request. One that was closed while the environment was frozen
    /// does that, so the request goes once more; but it may have been taken.
    Lost,
    /// It will not work before somebody changes something, or it may have been taken: the next flush
    /// will see.
    Wait,
    /// The request is larger than what somebody on the way takes.
    TooLarge,
    /// A record of the request is wrong, or the request itself.
    Refused,
}

/// A verdict, and the line about it, which is the same for a queue, where spans wait, and for a
/// processor that has dropped them. It is logged once for each cause where spans do not get
/// through because of it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) verdict: Verdict,
    cause: &'static str,
    text: String,
    /// What Kinesis said, where it may mean something else too.
    said: Option<String>,
}

impl Failure {
    fn new(verdict: Verdict, cause: &'static str, text: String) -> Self {
        Self {
            verdict,
            cause,
            text,
            said: None,
        }
    }

    pub(crate) fn with_verdict(mut self, verdict: Verdict) -> Self {
        self.verdict = verdict;
        self
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Logs it, unless its cause was logged before.
    pub(crate) fn log(self) {
        warn_once(self.cause, || self.text);
    }

    /// Returns what it means that nothing was heard for as long as `waited`.
    pub(crate) fn unanswered(target: &Target, waited: Duration) -> Self {
        Self::new(
            Verdict::Wait,
            "kinesis-no-answer",
            format!(
                "{target} could not be reached: no answer within {waited:.1?} (timeout); the \
                 next request waits longer. Check the function's network; \
                 LAMPLIGHT_KINESIS_TIMEOUT is the first wait"
            ),
        )
    }

    /// Returns whether a record that was refused by itself is worth another try.
    pub(crate) fn of_record(code: &str, target: &Target) -> Self {
        match head(code) {
            "ProvisionedThroughputExceededException" => throttled(code, target),
            // The other one that the API documents, and faults of the key service.
            "InternalFailure" => broken(code, target),
            code if is_of_the_key(code) => broken(code, target),
            code => Self::new(
                Verdict::Refused,
                "kinesis-record-refused",
                format!("{target} refused a record with {code}; its spans are dropped and counted"),
            ),
        }
    }

    /// Returns what it means that Kinesis answered for fewer records than there were.
    pub(crate) fn no_result(target: &Target) -> Self {
        broken("an answer that leaves out records", target)
    }

    /// Returns what it means that a request was too large: for one of a single record, that its spans
    /// are given up.
    pub(crate) fn too_large(target: &Target) -> Self {
        Self::new(
            Verdict::TooLarge,
            "kinesis-too-large",
            format!(
                "a record was too large for {target} or for a proxy in front of it (status 413); \
                 its spans are dropped and counted. Lower \
                 KinesisExporterBuilder::with_max_record_bytes and with_max_request_bytes"
            ),
        )
    }

    /// Returns the line about `count` spans that were too large for any record.
    pub(crate) fn oversized(count: usize, bytes: usize) -> Self {
        Self::new(
            Verdict::TooLarge,
            "kinesis-oversized",
            format!(
                "spans did not fit into a Kinesis record of {bytes} bytes however much was cut \
                 ({count} now); they are dropped and counted. Raise \
                 KinesisExporterBuilder::with_max_record_bytes, or make the resource smaller"
            ),
        )
    }

    /// Returns what the refusal of a record means where Kinesis has never taken one: the request itself
    /// seems to be wrong.
    pub(crate) fn of_the_request(self, target: &Target) -> Self {
        Self::new(
            Verdict::Wait,
            "kinesis-request-refused",
            format!(
                "{target} refuses every request ({}). Check LAMPLIGHT_KINESIS_STREAM, a stream's name \
                 or ARN, and AWS_REGION",
                self.said.as_deref().unwrap_or("no reason given")
            ),
        )
    }
}

fn throttled(code: &str, target: &Target) -> Failure {
    Failure::new(
        Verdict::Retry,
        "kinesis-throttled",
        format!(
            "{target} takes no more at the moment ({code}). If it lasts, give the stream more shards \
             or on-demand capacity"
        ),
    )
}

fn broken(what: &str, target: &Target) -> Failure {
    Failure::new(
        Verdict::Retry,
        "kinesis-broken",
        format!("{target} has a fault of its own ({what}); if it lasts, see AWS Health"),
    )
}

fn is_of_the_key(code: &str) -> bool {
    code.starts_with("KMS") || code.starts_with("Kms")
}

/// The first line of what Kinesis says, or whoever answers in its place, and not all of a long one.
fn head(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    line.get(..line.floor_char_boundary(LONGEST))
        .unwrap_or_default()
}
