//! What a failed call means, and what to look at.

use super::{Failure, Verdict, broken, head, is_of_the_key, throttled};
use crate::target::Target;
use aws_sdk_kinesis::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kinesis::operation::put_records::PutRecordsError;
use std::error::Error;
use std::io;

impl Failure {
    /// Returns what it means that a call failed as a whole.
    pub(crate) fn of_call(error: &SdkError<PutRecordsError>, target: &Target) -> Self {
        let status = error.raw_response().map(|answer| answer.status().as_u16());
        match error {
            // Whoever says so, and however: it need not be Kinesis.
            _ if status == Some(413) => Self::too_large(target),
            SdkError::ConstructionFailure(_) => not_configured(error, target),
            SdkError::TimeoutError(_) => may_have_been_taken(error, target),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => {
                // With timeouts of its own, a given client says which one it was.
                if describe(error, target).contains("read timeout") {
                    may_have_been_taken(error, target)
                } else {
                    no_connection(error, target)
                }
            }
            // Neither network nor time: the call was not made at all, for want of credentials or a
            // region. What happens to a connection can be "other" too, but is the HTTP client's.
            SdkError::DispatchFailure(failure)
                if failure.is_other() && !describe(error, target).contains("client error (") =>
            {
                not_configured(error, target)
            }
            SdkError::DispatchFailure(_) => unreachable(error, target),
            SdkError::ResponseError(_) => not_an_answer(error, status, target),
            SdkError::ServiceError(context) => {
                let code = context.err().code().unwrap_or_default();
                of_code(code, status.unwrap_or_default(), error, target)
            }
            _ => may_have_been_taken(error, target),
        }
    }
}

fn of_code(code: &str, status: u16, error: &SdkError<PutRecordsError>, target: &Target) -> Failure {
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
            return throttled(code, target);
        }
        code if is_of_the_key(code) => {
            "check the stream's KMS key and that the function's role may use it"
        }
        "ValidationException" | "InvalidArgumentException" | "SerializationException" => {
            let said = describe(error, target);
            let failure = Failure::new(
                Verdict::Refused,
                "kinesis-record-refused",
                format!(
                    "{target} refused a record: {said}; its spans are dropped and counted. If records \
                     are too large for the stream, lower \
                     KinesisExporterBuilder::with_max_record_bytes"
                ),
            );
            return Failure {
                said: Some(said),
                ..failure
            };
        }
        _ if is_throttling(code) || status == 429 => return throttled(code, target),
        _ if (400..500).contains(&status) => "see the error for what to correct",
        _ => return broken(&describe(error, target), target),
    };
    Failure::new(
        Verdict::Wait,
        "kinesis-rejected",
        format!(
            "spans cannot be sent to {target}: {}; {remedy}",
            describe(error, target)
        ),
    )
}

fn may_have_been_taken(error: &SdkError<PutRecordsError>, target: &Target) -> Failure {
    Failure::new(
        Verdict::Wait,
        "kinesis-no-answer",
        format!(
            "{target} could not be reached: no answer: {}; the next flush tries again. Check the \
             function's network and the timeouts of the client",
            describe(error, target)
        ),
    )
}

fn not_configured(error: &SdkError<PutRecordsError>, target: &Target) -> Failure {
    let text = describe(error, target);
    let is_endpoint = text.contains("apply endpoint") || text.contains("unsupported scheme");
    let remedy = if is_endpoint {
        "check AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_KINESIS, for example http://localhost:4566"
    } else {
        "the function needs credentials (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) and AWS_REGION in \
         its environment"
    };
    Failure::new(
        Verdict::Wait,
        "kinesis-not-configured",
        format!("spans cannot be sent to {target}: {text}; {remedy}"),
    )
}

fn no_connection(error: &SdkError<PutRecordsError>, target: &Target) -> Failure {
    let text = describe(error, target);
    not_reached(
        Verdict::Retry,
        "kinesis-connect-timeout",
        target,
        &format!("no connection (timeout): {text}"),
        "Check the function's network: a VPC needs an endpoint for Kinesis or a NAT gateway, and \
         security groups that let it through; and AWS_ENDPOINT_URL and HTTPS_PROXY",
    )
}

/// The connection failed, before the request or under it.
fn unreachable(error: &SdkError<PutRecordsError>, target: &Target) -> Failure {
    let text = describe(error, target);
    if text.contains("unsupported scheme") {
        return not_configured(error, target);
    }
    if text.contains("dns error") || text.contains("lookup address") {
        return not_reached(
            Verdict::Retry,
            "kinesis-dns",
            target,
            &format!("its name is not known: {text}"),
            "Check AWS_REGION, AWS_ENDPOINT_URL, and the DNS of the function's network",
        );
    }
    let (verdict, what) = match io_error(error) {
        Some(io::ErrorKind::ConnectionRefused) => (Verdict::Retry, "connection refused: "),
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            (Verdict::Retry, "no route: ")
        }
        kind if kind == Some(io::ErrorKind::InvalidData) || is_about_tls(&text) => {
            return not_reached(
                Verdict::Wait,
                "kinesis-tls",
                target,
                &format!("no TLS connection: {text}"),
                "Check AWS_ENDPOINT_URL (http:// or https://) and the certificates of a proxy in \
                 the function's network",
            );
        }
        _ => (Verdict::Lost, "the connection broke: "),
    };
    not_reached(
        verdict,
        "kinesis-unreachable",
        target,
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
    verdict: Verdict,
    cause: &'static str,
    target: &Target,
    why: &str,
    remedy: &str,
) -> Failure {
    Failure::new(
        verdict,
        cause,
        format!("{target} could not be reached: {why}. {remedy}"),
    )
}

/// Something answered that is not Kinesis, or an answer broke off.
fn not_an_answer(
    error: &SdkError<PutRecordsError>,
    status: Option<u16>,
    target: &Target,
) -> Failure {
    let status = status.unwrap_or_default();
    Failure::new(
        match status {
            // It was probably taken, or goes to somebody who answers yes to everything.
            200..300 => Verdict::Wait,
            429 | 500.. => Verdict::Retry,
            _ => Verdict::Wait,
        },
        "kinesis-not-an-answer",
        format!(
            "{target} could not be reached: what answered with status {status} is not Kinesis, or \
             broke off ({}). Check AWS_ENDPOINT_URL and proxies in the function's network",
            describe(error, target)
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

/// An error and its sources.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// An error and its sources on one line, without secrets.
fn describe(error: &SdkError<PutRecordsError>, target: &Target) -> String {
    let text = match (error.code().map(head), error.message()) {
        // The words about a signature quote what was signed, session token and all.
        (Some(code), Some(message)) if !code.contains("Signature") => {
            format!("{code} ({})", head(message))
        }
        (Some(code), _) => code.to_owned(),
        _ => {
            let causes = chain(error).map(|cause| without_quotes(&cause.to_string()).to_owned());
            causes.collect::<Vec<_>>().join(": ")
        }
    };
    target.without_secrets(&text)
}

/// Returns what the SDK says up to where it quotes something: an endpoint that it cannot read, or a
/// whole request.
fn without_quotes(text: &str) -> &str {
    let ends = [" `", " (details: "].map(|mark| text.find(mark));
    let end = ends.into_iter().flatten().min().unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}
