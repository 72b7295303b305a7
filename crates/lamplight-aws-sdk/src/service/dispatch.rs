//! The list of known services, and the dispatch of calls to them.

use aws_smithy_runtime_api::client::{
    interceptors::context::{Error, Input, Output},
    orchestrator::Metadata,
};
use opentelemetry::KeyValue;

use super::{definition::Service, request::Request};
use crate::{LamplightInterceptor, call::Call, error::Failure};

/// All services with a feature. One without operations of its own costs nothing.
const SERVICES: &[Service] = &[
    #[cfg(feature = "dynamodb")]
    super::dynamodb::SERVICE,
    #[cfg(feature = "eventbridge")]
    super::eventbridge::SERVICE,
    #[cfg(feature = "kinesis")]
    super::kinesis::SERVICE,
    #[cfg(feature = "lambda")]
    super::lambda::SERVICE,
    #[cfg(feature = "s3")]
    super::s3::SERVICE,
    #[cfg(feature = "secretsmanager")]
    super::secretsmanager::SERVICE,
    #[cfg(feature = "sfn")]
    super::sfn::SERVICE,
    #[cfg(feature = "sns")]
    super::sns::SERVICE,
    #[cfg(feature = "sqs")]
    super::sqs::SERVICE,
    Service::new("SSM"),
];

/// Returns the service of a call, if it is known.
fn find(metadata: &Metadata) -> Option<&'static Service> {
    let mut services = SERVICES.iter();
    services.find(|service| service.name == metadata.service())
}

/// Returns the name of the service of a call, if it is known.
pub(super) fn name(metadata: &Metadata) -> Option<&'static str> {
    find(metadata).map(|service| service.name)
}

/// Returns the input of an operation that has messages, or whose errors may quote personal data.
pub(crate) fn request<'a>(metadata: &Metadata, input: &'a Input) -> Option<&'a dyn Request> {
    (find(metadata)?.request)(metadata.name(), input)
}

/// Returns the same input, to be written to.
pub(crate) fn request_mut<'a>(
    metadata: &Metadata,
    input: &'a mut Input,
) -> Option<&'a mut dyn Request> {
    (find(metadata)?.request_mut)(metadata.name(), input)
}

/// Adds attributes of the input of any other operation.
pub(crate) fn describe(metadata: &Metadata, input: &Input, attributes: &mut Vec<KeyValue>) {
    if let Some(service) = find(metadata) {
        (service.describe)(metadata.name(), input, attributes);
    }
}

/// Records the output of an operation. Returns a failure that is not an error of the SDK.
pub(crate) fn response(
    metadata: &Metadata,
    output: &Output,
    lamplight: &LamplightInterceptor,
    call: &mut Call,
) -> Option<Failure> {
    (find(metadata)?.response)(metadata.name(), output, lamplight, call)
}

/// Returns whether an error means only that conditions in the request are false, if its code does not show
/// that.
pub(crate) fn is_false_condition(metadata: &Metadata, error: &Error) -> bool {
    find(metadata).is_some_and(|service| (service.is_false_condition)(error))
}
