//! Invocations that are over.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use lamplight_codegen::Report;
use opentelemetry_sdk::Resource;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{Trace, api::Posted, conventions::Conventions, lambda::Ran};

/// An invocation that is over: its answer, and the spans that were delivered by its end.
#[derive(Debug)]
pub struct Invocation {
    request_id: String,
    outcome: Outcome,
    took: Duration,
    trace: Trace,
    resource: Arc<Resource>,
    conventions: Arc<Conventions>,
}

#[derive(Debug)]
enum Outcome {
    Response { body: Bytes, is_stream: bool },
    Error(FunctionError),
}

/// An error, as Lambda passes it on to the caller.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct FunctionError {
    /// The type of the error: of a handler's own error its Rust type, `&str` or `String` of a panic,
    /// `Sandbox.Timedout` of an invocation that took too long, `Function.ResponseSizeTooLarge` of a response
    /// over 6 MB.
    pub error_type: String,
    /// The text of the error.
    pub error_message: String,
}

impl fmt::Display for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error_type, self.error_message)
    }
}

impl std::error::Error for FunctionError {}

impl FunctionError {
    fn new(error_type: &str, error_message: String) -> Self {
        Self {
            error_type: error_type.to_owned(),
            error_message,
        }
    }
}

impl Outcome {
    fn of(posted: Option<Posted>, failure: Option<String>, took: Duration) -> Self {
        let Some(posted) = posted else {
            return Self::Error(match failure {
                Some(failure) => FunctionError::new("Runtime.ExitError", failure),
                None => {
                    let seconds = took.as_secs_f64();
                    let message = format!("Task timed out after {seconds:.2} seconds");
                    FunctionError::new("Sandbox.Timedout", message)
                }
            });
        };
        match posted.body {
            Err(_) => Self::Error(FunctionError::new(
                "Function.ResponseSizeTooLarge",
                format!(
                    "Response payload size exceeded {} bytes",
                    crate::api::MAX_RESPONSE
                ),
            )),
            Ok(body) if posted.is_error => Self::Error(
                serde_json::from_slice(&body)
                    .unwrap_or_else(|error| FunctionError::new("unknown", error.to_string())),
            ),
            Ok(body) => Self::Response {
                body,
                is_stream: posted.is_stream,
            },
        }
    }
}

impl Invocation {
    pub(crate) fn new(request_id: String, ran: Ran, conventions: Arc<Conventions>) -> Self {
        let outcome = Outcome::of(ran.posted, ran.failure, ran.took);
        Self {
            trace: Trace::new(ran.spans, Some(request_id.clone())),
            request_id,
            outcome,
            took: ran.took,
            resource: ran.resource,
            conventions,
        }
    }

    /// Returns the request id.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Returns the response's bytes, or the error.
    ///
    /// # Errors
    ///
    /// The error that the function answered with, or Lambda in its place.
    pub fn result(&self) -> Result<&[u8], &FunctionError> {
        match &self.outcome {
            Outcome::Response { body, .. } => Ok(body),
            Outcome::Error(error) => Err(error),
        }
    }

    /// Returns the response as JSON.
    ///
    /// # Panics
    ///
    /// If the function answered with an error, or its response is not JSON.
    #[track_caller]
    pub fn response(&self) -> Value {
        self.response_as()
    }

    /// Returns the response as a value of type `T`.
    ///
    /// # Panics
    ///
    /// If the function answered with an error, or its response is no such value.
    #[track_caller]
    pub fn response_as<T: DeserializeOwned>(&self) -> T {
        let body = self.body();
        match serde_json::from_slice(body) {
            Ok(value) => value,
            Err(error) => panic!(
                "the response does not deserialize: {error}\n{}",
                String::from_utf8_lossy(body)
            ),
        }
    }

    /// Returns the response as the HTTP response that its caller gets, of a function behind API Gateway, a
    /// load balancer or a function URL; buffered or streamed.
    ///
    /// # Panics
    ///
    /// If the function answered with an error, or its response is no HTTP response.
    #[track_caller]
    pub fn http(&self) -> http::Response<Bytes> {
        let body = self.body();
        let is_stream = matches!(
            self.outcome,
            Outcome::Response {
                is_stream: true,
                ..
            }
        );
        match crate::http_response::read(body, is_stream) {
            Ok(response) => response,
            Err(error) => panic!(
                "the response is no HTTP response: {error}\n{}",
                String::from_utf8_lossy(body)
            ),
        }
    }

    #[track_caller]
    fn body(&self) -> &[u8] {
        match self.result() {
            Ok(body) => body,
            Err(error) => panic!(
                "the function answered with an error: {error}\n{}",
                self.trace
            ),
        }
    }

    /// Returns the error.
    ///
    /// # Panics
    ///
    /// If the function answered without one.
    #[track_caller]
    pub fn error(&self) -> &FunctionError {
        match self.result() {
            Err(error) => error,
            Ok(body) => panic!(
                "the function answered without an error: {}\n{}",
                String::from_utf8_lossy(body),
                self.trace
            ),
        }
    }

    /// Returns whether the time was up before there was an answer. The environment is gone then.
    pub fn timed_out(&self) -> bool {
        matches!(&self.outcome, Outcome::Error(error) if error.error_type == "Sandbox.Timedout")
    }

    /// Returns the time from the event to the end of the flush, by Tokio's clock.
    pub fn took(&self) -> Duration {
        self.took
    }

    /// Returns the spans that were delivered by the end of the invocation, whatever their trace.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Returns the resource of the spans: the function that they are of.
    pub fn resource(&self) -> &Resource {
        &self.resource
    }

    /// Returns the comparison of the spans and their resource with Lamplight's registry of conventions and
    /// those of [`with_registry`](crate::LambdaBuilder::with_registry).
    ///
    /// # Panics
    ///
    /// If the sources of this crate, of which the registry is a part, are not where they were when the test
    /// was built.
    #[track_caller]
    pub fn conformance(&self) -> Report {
        self.conventions.check(self.trace.data(), &self.resource)
    }

    /// Panics if the spans or their resource are not as the registries have it.
    #[track_caller]
    pub fn assert_conforms(&self) -> &Self {
        let report = self.conformance();
        assert!(report.is_clean(), "{report}\n{}", self.trace);
        self
    }
}
