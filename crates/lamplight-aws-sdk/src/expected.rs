//! Answers of services that the SDK calls errors and a program may have asked for.

use aws_smithy_runtime_api::client::interceptors::context::Error;
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata, OrchestratorError};

use crate::error::Failure;
use crate::service;

/// An error that a service has answered with: what
/// [`with_expected_errors`](crate::LamplightInterceptor::with_expected_errors) decides on.
#[derive(Debug, Clone, Copy)]
pub struct ServiceError<'a> {
    metadata: &'a Metadata,
    failure: &'a Failure,
    status: u16,
    /// The reasons of a canceled transaction are false conditions, all of them.
    is_false_condition: bool,
}

impl<'a> ServiceError<'a> {
    /// `None` for a call that ended without an answer, or with one that makes no sense.
    pub(crate) fn new(
        metadata: &'a Metadata,
        error: &OrchestratorError<Error>,
        failure: &'a Failure,
        response: Option<&HttpResponse>,
    ) -> Option<Self> {
        Some(Self {
            metadata,
            failure,
            status: response?.status().as_u16(),
            is_false_condition: service::is_false_condition(error.as_operation_error()?),
        })
    }

    /// The service as the SDK calls it, which is how the name of the span begins: `S3`, `DynamoDB`,
    /// `Secrets Manager`.
    #[must_use]
    pub fn service(&self) -> &'a str {
        self.metadata.service()
    }

    /// The operation: `HeadObject`.
    #[must_use]
    pub fn operation(&self) -> &'a str {
        self.metadata.name()
    }

    /// The service's own error code, such as `ConditionalCheckFailedException`; where the answer has
    /// none, the status code as text.
    #[must_use]
    pub fn code(&self) -> &'a str {
        &self.failure.error_type
    }

    /// The status code of the answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether the program has asked for this answer, as far as the request tells:
    ///
    /// * a condition in the request was false: status 304 and 412 of any service (RFC 9110, section
    ///   13), `ConditionalCheckFailedException`, and a `TransactionCanceledException` all of whose
    ///   reasons are `ConditionalCheckFailed` (with the feature `dynamodb`);
    /// * S3 `HeadObject` and `HeadBucket` found nothing: status 404.
    #[must_use]
    pub fn is_expected_by_default(&self) -> bool {
        match self.status {
            304 | 412 => true,
            404 => {
                self.service() == "S3" && matches!(self.operation(), "HeadObject" | "HeadBucket")
            }
            _ => self.is_false_condition || self.code() == "ConditionalCheckFailedException",
        }
    }
}
