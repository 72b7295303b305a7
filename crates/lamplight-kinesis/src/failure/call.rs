//! Failures of whole calls, with their meaning and a hint for the user.

use std::{error::Error, io};

use aws_sdk_kinesis::{
    error::{ProvideErrorMetadata, SdkError},
    operation::put_records::PutRecordsError,
};

use super::{Failure, FailureKind, broken, head, is_of_kms_key, throttled};
use crate::stream::Stream;

impl Failure {
    /// Returns the failure of a call that failed as a whole.
    pub(crate) fn of_call(error: &SdkError<PutRecordsError>, stream: &Stream) -> Self {
        let status = error.raw_response().map(|answer| answer.status().as_u16());
        match error {
            // Any status 413 counts: it may come from a proxy instead of Kinesis.
            _ if status == Some(413) => Self::too_large(stream),
            SdkError::ConstructionFailure(_) => not_configured(error, stream),
            SdkError::TimeoutError(_) => may_have_been_taken(error, stream),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => {
                // A user-provided client has its own timeouts, and names the one that expired.
                if describe(error, stream).contains("read timeout") {
                    may_have_been_taken(error, stream)
                } else {
                    no_connection(error, stream)
                }
            }
            // Neither network nor time: the call was not made, because credentials or a region are missing.
            // Failures of connections can be "other" too, but come from the HTTP client.
            SdkError::DispatchFailure(failure)
                if failure.is_other() && !describe(error, stream).contains("client error (") =>
            {
                not_configured(error, stream)
            }
            SdkError::DispatchFailure(_) => unreachable(error, stream),
            SdkError::ResponseError(_) => not_an_answer(error, status, stream),
            SdkError::ServiceError(context) => {
                let code = context.err().code().unwrap_or_default();
                of_code(code, status.unwrap_or_default(), error, stream)
            }
            _ => may_have_been_taken(error, stream),
        }
    }
}

fn of_code(code: &str, status: u16, error: &SdkError<PutRecordsError>, stream: &Stream) -> Failure {
    let remedy = match code {
        "ResourceNotFoundException" => {
            "the stream does not exist in this account and region; create it or correct \
             LAMPLIGHT_KINESIS_STREAM or AWS_REGION"
        }
        "AccessDeniedException" | "AccessDenied" => {
            "allow the action kinesis:PutRecords on the stream in the function's role"
        }
        "UnrecognizedClientException"
        | "InvalidSignatureException"
        | "InvalidClientTokenId"
        | "MissingAuthenticationTokenException"
        | "IncompleteSignature"
        | "ExpiredTokenException" => {
            "the function's credentials are wrong or have expired; check that AWS_ACCESS_KEY_ID, \
             AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN are those of its role"
        }
        code if code.eq_ignore_ascii_case("KMSThrottlingException") => {
            return throttled(code, stream);
        }
        code if is_of_kms_key(code) => {
            "check the stream's KMS key and that the function's role may use it"
        }
        "ValidationException" | "InvalidArgumentException" | "SerializationException" => {
            let said = describe(error, stream);
            let failure = Failure::new(
                FailureKind::Permanent,
                "kinesis-record-refused",
                format!(
                    "{stream} refused a record: {said}; its spans are dropped and counted. If records \
                     are too large for the stream, lower \
                     KinesisExporterBuilder::with_max_record_bytes"
                ),
            );
            return Failure {
                said: Some(said),
                ..failure
            };
        }
        _ if is_throttling(code) || status == 429 => return throttled(code, stream),
        _ if (400..500).contains(&status) => "see the error for what to correct",
        _ => return broken(&describe(error, stream), stream),
    };
    Failure::new(
        FailureKind::NeedsIntervention,
        "kinesis-rejected",
        format!(
            "spans cannot be sent to {stream}: {}; {remedy}",
            describe(error, stream)
        ),
    )
}

fn may_have_been_taken(error: &SdkError<PutRecordsError>, stream: &Stream) -> Failure {
    Failure::new(
        FailureKind::OutcomeUnknown,
        "kinesis-no-answer",
        format!(
            "{stream} could not be reached: no answer: {}; the next flush tries again. Check the \
             function's network and the timeouts of the client",
            describe(error, stream)
        ),
    )
}

fn not_configured(error: &SdkError<PutRecordsError>, stream: &Stream) -> Failure {
    let text = describe(error, stream);
    let is_endpoint = text.contains("apply endpoint") || text.contains("unsupported scheme");
    let remedy = if is_endpoint {
        "check AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_KINESIS, for example http://localhost:4566"
    } else {
        "the function needs credentials (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) and AWS_REGION in \
         its environment"
    };
    Failure::new(
        FailureKind::NeedsIntervention,
        "kinesis-not-configured",
        format!("spans cannot be sent to {stream}: {text}; {remedy}"),
    )
}

fn no_connection(error: &SdkError<PutRecordsError>, stream: &Stream) -> Failure {
    let text = describe(error, stream);
    not_reached(
        FailureKind::Transient,
        "kinesis-connect-timeout",
        stream,
        &format!("no connection (timeout): {text}"),
        "Check the function's network: a VPC needs an endpoint for Kinesis or a NAT gateway, and \
         security groups that let it through; and AWS_ENDPOINT_URL and HTTPS_PROXY",
    )
}

/// Returns the failure of a connection, before or during the request.
fn unreachable(error: &SdkError<PutRecordsError>, stream: &Stream) -> Failure {
    let text = describe(error, stream);
    if text.contains("unsupported scheme") {
        return not_configured(error, stream);
    }
    if text.contains("dns error") || text.contains("lookup address") {
        return not_reached(
            FailureKind::Transient,
            "kinesis-dns",
            stream,
            &format!("its name is not known: {text}"),
            "Check AWS_REGION, AWS_ENDPOINT_URL, and the DNS of the function's network",
        );
    }
    let (kind, what) = match io_error(error) {
        Some(io::ErrorKind::ConnectionRefused) => (FailureKind::Transient, "connection refused: "),
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            (FailureKind::Transient, "no route: ")
        }
        error if error == Some(io::ErrorKind::InvalidData) || is_about_tls(&text) => {
            return not_reached(
                FailureKind::NeedsIntervention,
                "kinesis-tls",
                stream,
                &format!("no TLS connection: {text}"),
                "Check AWS_ENDPOINT_URL (http:// or https://) and the certificates of a proxy in \
                 the function's network",
            );
        }
        _ => (FailureKind::ConnectionLost, "the connection broke: "),
    };
    not_reached(
        kind,
        "kinesis-unreachable",
        stream,
        &format!("{what}{text}"),
        "Check AWS_ENDPOINT_URL, AWS_REGION, HTTPS_PROXY and the function's network (a VPC needs an \
         endpoint for Kinesis or a NAT gateway)",
    )
}

fn is_about_tls(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["certificate", "tls", "handshake"]
        .iter()
        .any(|word| text.contains(word))
}

fn not_reached(
    kind: FailureKind,
    cause: &'static str,
    stream: &Stream,
    why: &str,
    remedy: &str,
) -> Failure {
    Failure::new(
        kind,
        cause,
        format!("{stream} could not be reached: {why}. {remedy}"),
    )
}

/// Returns the failure of a call with a truncated answer, or with one that is not from Kinesis.
fn not_an_answer(
    error: &SdkError<PutRecordsError>,
    status: Option<u16>,
    stream: &Stream,
) -> Failure {
    let status = status.unwrap_or_default();
    Failure::new(
        match status {
            // The request was probably accepted, or went to a server that accepts everything.
            200..300 => FailureKind::OutcomeUnknown,
            429 | 500.. => FailureKind::Transient,
            _ => FailureKind::NeedsIntervention,
        },
        "kinesis-not-an-answer",
        format!(
            "{stream} could not be reached: what answered with status {status} is not Kinesis, or \
             broke off ({}). Check AWS_ENDPOINT_URL and proxies in the function's network",
            describe(error, stream)
        ),
    )
}

fn is_throttling(code: &str) -> bool {
    code.contains("Throttl") || code.contains("Throughput") || code.contains("LimitExceeded")
}

fn io_error(error: &(dyn Error + 'static)) -> Option<io::ErrorKind> {
    chain(error)
        .filter_map(|error| error.downcast_ref::<io::Error>())
        .map(io::Error::kind)
        .last()
}

/// Returns an error and its sources.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// Describes an error and its sources on one line, without secrets.
fn describe(error: &SdkError<PutRecordsError>, stream: &Stream) -> String {
    let text = match (error.code().map(head), error.message()) {
        // Messages about signatures quote the signed text, including the session token.
        (Some(code), Some(message)) if !code.contains("Signature") => {
            format!("{code} ({})", head(message))
        }
        (Some(code), _) => code.to_owned(),
        _ => {
            let causes = chain(error).map(|cause| without_quotes(&cause.to_string()).to_owned());
            causes.collect::<Vec<_>>().join(": ")
        }
    };
    stream.without_secrets(&text)
}

/// Returns the SDK's message up to its first quotation, which may be an invalid endpoint or a whole request.
fn without_quotes(text: &str) -> &str {
    let ends = [" `", " (details: "].map(|mark| text.find(mark));
    let end = ends.into_iter().flatten().min().unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}
