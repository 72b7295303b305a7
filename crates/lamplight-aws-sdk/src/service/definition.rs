//! The functions that define a service.

use aws_smithy_runtime_api::client::interceptors::context::{Error, Input, Output};
use opentelemetry::KeyValue;

use super::request::Request;
use crate::{LamplightInterceptor, call::Call, error::Failure};

/// A service known to this crate. The first argument of the functions is the name of the operation; they
/// ignore inputs and outputs of unknown operations.
pub(super) struct Service {
    /// The name of the service in the SDK.
    pub(super) name: &'static str,
    /// Returns the input of an operation that has messages, or whose errors may quote personal data.
    pub(super) request: for<'a> fn(&str, &'a Input) -> Option<&'a dyn Request>,
    /// Returns the same input, to be written to.
    pub(super) request_mut: for<'a> fn(&str, &'a mut Input) -> Option<&'a mut dyn Request>,
    /// Adds attributes of the input of any other operation.
    pub(super) describe: fn(&str, &Input, &mut Vec<KeyValue>),
    /// Records the output of an operation. Returns a failure that is not an error of the SDK.
    pub(super) response: fn(&str, &Output, &LamplightInterceptor, &mut Call) -> Option<Failure>,
    /// Returns whether an error means only that conditions in the request are false, if its code does not
    /// show that.
    pub(super) is_false_condition: fn(&Error) -> bool,
}

impl Service {
    /// Returns a service without operations of its own.
    pub(super) const fn new(name: &'static str) -> Self {
        Self {
            name,
            request: |_, _| None,
            request_mut: |_, _| None,
            describe: |_, _, _| {},
            response: |_, _, _, _| None,
            is_false_condition: |_| false,
        }
    }
}
