//! Responses that the SDK treats as errors, but that a program may expect.

use aws_smithy_runtime_api::client::orchestrator::Metadata;

use crate::error::Failure;

/// An error response of a service, passed to
/// [`with_expected_errors`](crate::LamplightInterceptor::with_expected_errors).
#[derive(Debug, Clone, Copy)]
pub struct ServiceError<'a> {
    metadata: &'a Metadata,
    failure: &'a Failure,
    status: u16,
    /// True if all reasons of a canceled transaction are false conditions.
    is_false_condition: bool,
}

impl<'a> ServiceError<'a> {
    pub(crate) fn new(
        metadata: &'a Metadata,
        failure: &'a Failure,
        status: u16,
        is_false_condition: bool,
    ) -> Self {
        Self {
            metadata,
            failure,
            status,
            is_false_condition,
        }
    }

    /// Returns the service under the SDK's name, with which the span name begins: `S3`, `DynamoDB`, `Secrets
    /// Manager`.
    #[must_use]
    pub fn service(&self) -> &'a str {
        self.metadata.service()
    }

    /// Returns the operation: `HeadObject`.
    #[must_use]
    pub fn operation(&self) -> &'a str {
        self.metadata.name()
    }

    /// Returns the service's own error code, such as `ConditionalCheckFailedException`; if the response has
    /// none, the status code as text.
    #[must_use]
    pub fn code(&self) -> &'a str {
        &self.failure.error_type
    }

    /// Returns the status code of the response.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Returns whether the program has requested this response, as far as the request shows:
    ///
    /// * A condition in the request was false: status 304 and 412 of any service (RFC 9110, section 13),
    ///   `ConditionalCheckFailedException`, and a `TransactionCanceledException` all of whose reasons are
    ///   `ConditionalCheckFailed` (with the feature `dynamodb`).
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
