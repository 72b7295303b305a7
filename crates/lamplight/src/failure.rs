//! What is said of an export over OTLP that failed: where to, why, and what to look at.

use crate::environment::Endpoint;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use std::error::Error;
use std::fmt;

/// An exporter whose errors say where the spans should have gone, why they did not, and which
/// variable to look at. Its `Debug` output shows where, and no headers.
pub(crate) struct Explained<E> {
    exporter: E,
    endpoint: Endpoint,
    /// Returns the cause, where it knows it better than the exporter.
    cause: Box<dyn Fn() -> Option<String> + Send + Sync>,
}

impl<E> Explained<E> {
    pub(crate) fn new(exporter: E, endpoint: Endpoint) -> Self {
        Self {
            exporter,
            endpoint,
            cause: Box::new(|| None),
        }
    }

    /// Asks `cause` first for the cause of an error.
    #[cfg(feature = "otlp")]
    pub(crate) fn with_cause(
        mut self,
        cause: impl Fn() -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.cause = Box::new(cause);
        self
    }
}

impl<E: SpanExporter> SpanExporter for Explained<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.exporter.export(batch).await.map_err(|error| {
            let cause = (self.cause)().unwrap_or_else(|| match error {
                OTelSdkError::InternalFailure(reason) => reason,
                other => other.to_string(),
            });
            // What comes before is a name of the crate below.
            let cause = cause
                .split_once("gRPC code: ")
                .map_or(&*cause, |(_, it)| it);
            OTelSdkError::InternalFailure(explain(&self.endpoint, cause))
        })
    }

    fn shutdown_with_timeout(&self, timeout: std::time::Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn shutdown(&self) -> OTelSdkResult {
        self.exporter.shutdown()
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

impl<E> fmt::Debug for Explained<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtlpExporter")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

/// Returns an error with the errors behind it, each one once.
pub(crate) fn causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let inner = error.to_string();
        if !text.contains(&inner) {
            text = format!("{text}: {inner}");
        }
        cause = error.source();
    }
    text
}

/// Returns where, why, and what to do.
fn explain(endpoint: &Endpoint, cause: &str) -> String {
    let remedy = remedy(endpoint, cause);
    format!("{endpoint}: {cause}; {remedy}")
}

/// The first of these words in a cause tells its kind. Statuses are those of HTTP and of gRPC;
/// the others are the words of the operating system and of the crates below.
const KINDS: [(&[&str], Kind); 9] = [
    (
        &[
            "status 401",
            "status 403",
            "Unauthenticated",
            "PermissionDenied",
        ],
        Kind::Forbidden,
    ),
    (
        &["status 404", "status 405", "Unimplemented"],
        Kind::NotFound,
    ),
    (&["status 3"], Kind::Redirect),
    (&["status 413", "ResourceExhausted"], Kind::TooLarge),
    (
        &["status 400", "status 415", "InvalidArgument"],
        Kind::NotOtlp,
    ),
    (&["onnection refused"], Kind::Refused),
    (&["dns error", "failed to lookup"], Kind::Unknown),
    (
        &[
            "certificate",
            "InvalidContentType",
            "tls",
            "TLS",
            "HandshakeFailure",
        ],
        Kind::Tls,
    ),
    (
        &[
            "deadline has elapsed",
            "timed out",
            "Timeout expired",
            "DeadlineExceeded",
        ],
        Kind::Timeout,
    ),
];

#[derive(Clone, Copy)]
enum Kind {
    Forbidden,
    NotFound,
    Redirect,
    TooLarge,
    NotOtlp,
    Refused,
    Unknown,
    Tls,
    Timeout,
}

fn remedy(endpoint: &Endpoint, cause: &str) -> String {
    let variable = endpoint.variable();
    let kind = KINDS
        .iter()
        .find(|(words, _)| words.iter().any(|word| cause.contains(word)));
    match kind.map(|(_, kind)| *kind) {
        Some(Kind::Forbidden) => {
            "check OTEL_EXPORTER_OTLP_HEADERS, which has to say who you are".to_owned()
        }
        Some(Kind::NotFound) if variable.contains("TRACES") => format!(
            "check {variable}, which is used as it is: over HTTP its path is usually /v1/traces"
        ),
        Some(Kind::NotFound) => format!(
            "check {variable} and OTEL_EXPORTER_OTLP_PROTOCOL: over HTTP the path /v1/traces is \
             appended; for another, set OTEL_EXPORTER_OTLP_TRACES_ENDPOINT to the whole URL"
        ),
        Some(Kind::Redirect) => {
            format!("set {variable} to where it leads: redirections are not followed")
        }
        Some(Kind::TooLarge) => "lower OTEL_BSP_MAX_EXPORT_BATCH_SIZE".to_owned(),
        Some(Kind::NotOtlp) => format!(
            "check {variable} and OTEL_EXPORTER_OTLP_PROTOCOL: is this an OTLP endpoint of that \
             protocol?"
        ),
        Some(Kind::Refused) => {
            format!("check {variable}: nothing listens there, or another protocol's port was meant")
        }
        Some(Kind::Unknown) => {
            format!("check the host in {variable}, and whether the function's VPC resolves names")
        }
        Some(Kind::Tls) => format!(
            "check the scheme of {variable}, without which gRPC uses TLS, and the root certificates \
             (SSL_CERT_FILE)"
        ),
        Some(Kind::Timeout) => format!(
            "check {variable}, the function's network (VPC, security groups) and \
             OTEL_EXPORTER_OTLP_TIMEOUT"
        ),
        None => format!("check {variable} and the function's network"),
    }
}
