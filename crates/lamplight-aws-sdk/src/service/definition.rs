//! The functions that a service is known by.

use aws_smithy_runtime_api::client::interceptors::context::{Error, Input, Output};
use opentelemetry::KeyValue;

use super::request::Request;
use crate::{LamplightInterceptor, call::Call, error::Failure};

/// A service that this crate knows. The functions get the name of the operation first; inputs and outputs
/// of operations that they do not know are none of their business.
pub(super) struct Service {
    /// The name of the service in the SDK.
    pub(super) name: &'static str,
    /// Returns the input of an operation that has messages, or whose errors may quote persons.
    pub(super) request: for<'a> fn(&str, &'a Input) -> Option<&'a dyn Request>,
    /// Returns the same input, to be written to.
    pub(super) request_mut: for<'a> fn(&str, &'a mut Input) -> Option<&'a mut dyn Request>,
    /// Adds attributes of the input of any other operation.
    pub(super) describe: fn(&str, &Input, &mut Vec<KeyValue>),
    /// Records the output of an operation. Returns a failure that the SDK does not call one.
    pub(super) response: fn(&str, &Output, &LamplightInterceptor, &mut Call) -> Option<Failure>,
    /// Returns whether an error means that conditions in the request are false, and nothing else, where
    /// its code does not tell.
    pub(super) is_false_condition: fn(&Error) -> bool,
}

impl Service {
    /// Returns a service that is known by its name alone.
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
