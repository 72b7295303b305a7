//! What a failed PutRecords call, or a refused record of it, means for the spans.

use aws_sdk_kinesis::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kinesis::operation::put_records::PutRecordsError;
use lamplight_export::diagnostics::warn_once;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    /// It may work in a moment: throttling, a fault of the service or of the network.
    Retry,
    /// It will not work before somebody changes something; keep the spans for the next window.
    Wait,
    /// These records will never be accepted.
    Refused,
}

/// The verdict on a failed call. A lasting cause is logged once, with the remedy.
pub(crate) fn of_call(error: &SdkError<PutRecordsError>, stream: &str) -> Verdict {
    match error {
        SdkError::ConstructionFailure(_) => not_configured(error),
        // Neither network nor time: the call was not made at all, for want of credentials. A
        // connection that was closed under the request is "other" too, but of a kind.
        SdkError::DispatchFailure(failure)
            if failure.is_other() && failure.as_other().is_none() =>
        {
            not_configured(error)
        }
        SdkError::TimeoutError(_) | SdkError::ResponseError(_) | SdkError::DispatchFailure(_) => {
            warn_once("kinesis-unreachable", || unreachable_text(stream, error));
            Verdict::Retry
        }
        SdkError::ServiceError(context) => {
            let status = context.raw().status().as_u16();
            of_code(
                context.err().code().unwrap_or_default(),
                status,
                stream,
                error,
            )
        }
        _ => Verdict::Retry,
    }
}

/// Whether a record that was refused by itself is worth another try.
pub(crate) fn of_record(code: &str) -> Verdict {
    match code {
        // The two that the API documents, and faults of the key service.
        "ProvisionedThroughputExceededException" | "InternalFailure" => Verdict::Retry,
        code if code.starts_with("KMS") || code.starts_with("Kms") => Verdict::Retry,
        code => {
            warn_once("kinesis-record-refused", || {
                format!("Kinesis refused a record with {code}; its spans are dropped and counted")
            });
            Verdict::Refused
        }
    }
}

fn of_code(code: &str, status: u16, stream: &str, error: &SdkError<PutRecordsError>) -> Verdict {
    let remedy = match code {
        "ResourceNotFoundException" => {
            "the stream does not exist in this account and region; create it or correct \
             LAMPLIGHT_KINESIS_STREAM"
        }
        "AccessDeniedException" | "AccessDenied" => {
            "allow the action kinesis:PutRecords on the stream in the function's role"
        }
        "UnrecognizedClientException"
        | "InvalidSignatureException"
        | "InvalidClientTokenId"
        | "MissingAuthenticationTokenException"
        | "IncompleteSignature"
        | "ExpiredTokenException" => "the function's credentials are wrong or have expired",
        code if code.starts_with("KMS") || code.starts_with("Kms") => {
            if code.eq_ignore_ascii_case("KMSThrottlingException") {
                return Verdict::Retry;
            }
            "check the stream's KMS key and that the function's role may use it"
        }
        "ValidationException" | "InvalidArgumentException" | "SerializationException" => {
            warn_once("kinesis-request-refused", || {
                format!(
                    "Kinesis refused a request to {stream}: {}; its spans are dropped and \
                     counted. If records are too large for the stream, lower \
                     KinesisExporterBuilder::with_max_record_bytes",
                    describe(error)
                )
            });
            return Verdict::Refused;
        }
        _ if status == 413 => return Verdict::Refused,
        _ if (400..500).contains(&status) && !is_throttling(code) && status != 429 => {
            "see the error for what to correct"
        }
        _ => return Verdict::Retry,
    };
    warn_once("kinesis-rejected", || {
        format!(
            "spans cannot be sent to Kinesis stream {stream}: {}; {remedy}",
            describe(error)
        )
    });
    Verdict::Wait
}

fn not_configured(error: &SdkError<PutRecordsError>) -> Verdict {
    warn_once("kinesis-not-configured", || {
        format!(
            "spans cannot be sent to Kinesis: {}; the function needs credentials and AWS_REGION in \
             its environment",
            describe(error)
        )
    });
    Verdict::Wait
}

fn is_throttling(code: &str) -> bool {
    code.contains("Throttl") || code.contains("Throughput") || code.contains("LimitExceeded")
}

fn unreachable_text(stream: &str, error: &SdkError<PutRecordsError>) -> String {
    format!(
        "Kinesis stream {stream} could not be reached: {}; spans stay queued and are tried again. \
         Check the function's network (a VPC needs an endpoint or NAT), AWS_ENDPOINT_URL, and the \
         timeouts of KinesisExporterBuilder",
        describe(error)
    )
}

/// An error and its sources on one line.
fn describe(error: &SdkError<PutRecordsError>) -> String {
    let mut text = match (error.code(), error.message()) {
        (Some(code), Some(message)) => return format!("{code} ({message})"),
        (Some(code), None) => return code.to_owned(),
        _ => error.to_string(),
    };
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
