//! Messages about failed exports: the endpoint, the reason and advice.

use lamplight_otlp::client::{Failure, FailureKind};

use crate::environment::Endpoint;

/// The message about a failure.
pub(super) trait Advice {
    /// Returns the endpoint, the reason and the advice.
    fn text(&self, endpoint: &Endpoint) -> String;

    /// Returns the name of the cause, which is reported once.
    fn cause(&self) -> &'static str;
}

impl Advice for Failure {
    fn text(&self, endpoint: &Endpoint) -> String {
        match remedy(self.kind(), endpoint.variable()) {
            remedy if remedy.is_empty() => format!("{endpoint}: {self}"),
            remedy => format!("{endpoint}: {self}; {remedy}"),
        }
    }

    fn cause(&self) -> &'static str {
        match self.kind() {
            FailureKind::Busy => "export-throttled",
            FailureKind::Exhausted => "export-exhausted",
            FailureKind::Faulty => "export-faulty",
            FailureKind::Forbidden => "export-forbidden",
            FailureKind::NotFound | FailureKind::Redirect => "export-not-found",
            FailureKind::NotOtlp => "export-refused",
            FailureKind::TooLarge => "export-too-large",
            _ => "export-failed",
        }
    }
}

fn remedy(kind: FailureKind, variable: &str) -> String {
    match kind {
        FailureKind::NoRuntime => String::new(),
        FailureKind::Busy => format!("if it lasts, give what {variable} names more capacity"),
        FailureKind::Exhausted => format!(
            "what {variable} names has no room for them, and does not say when to try again: \
                 check its quota"
        ),
        FailureKind::Faulty => {
            format!("the fault is in what {variable} names, or behind it: see the log there")
        }
        FailureKind::Forbidden => {
            "check OTEL_EXPORTER_OTLP_HEADERS, which has to say who you are".to_owned()
        }
        FailureKind::NotFound if variable.contains("TRACES") => format!(
            "check {variable}, which is used as it is: over HTTP its path is usually /v1/traces"
        ),
        FailureKind::NotFound => format!(
            "check {variable} and OTEL_EXPORTER_OTLP_PROTOCOL: over HTTP the path /v1/traces is \
                 appended; for another, set OTEL_EXPORTER_OTLP_TRACES_ENDPOINT to the whole URL"
        ),
        FailureKind::Redirect => {
            format!("set {variable} to where it leads: redirections are not followed")
        }
        FailureKind::TooLarge => {
            "it was too large even by itself: raise the limit of the endpoint, or \
                 set OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT"
                .to_owned()
        }
        FailureKind::NotOtlp => format!(
            "check {variable} and OTEL_EXPORTER_OTLP_PROTOCOL: is this an OTLP endpoint of that \
                 protocol?"
        ),
        FailureKind::Proxy => "check HTTPS_PROXY and HTTP_PROXY, or name the endpoint's host in \
                 NO_PROXY"
            .to_owned(),
        FailureKind::Refused => {
            format!("check {variable}: nothing listens there, or another protocol's port was meant")
        }
        FailureKind::UnknownHost => {
            format!("check the host in {variable}, and whether the function's VPC resolves names")
        }
        FailureKind::Tls => format!(
            "check the scheme of {variable}, without which gRPC uses TLS, the certificates that \
                 vouch for it (OTEL_EXPORTER_OTLP_CERTIFICATE, SSL_CERT_FILE) and the client's"
        ),
        FailureKind::Timeout => format!(
            "check {variable}, the function's network (VPC, security groups) and \
                 OTEL_EXPORTER_OTLP_TIMEOUT, which is in milliseconds"
        ),
        _ => format!("check {variable} and the function's network"),
    }
}
