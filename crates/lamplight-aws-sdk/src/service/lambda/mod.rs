//! Lambda: invocations of functions, and event source mappings.

mod function;
mod invoke;
mod mapping;

use aws_sdk_lambda::operation::{
    invoke::{InvokeInput, InvokeOutput},
    invoke_with_response_stream::InvokeWithResponseStreamInput,
};
use aws_smithy_runtime_api::client::interceptors::context::Output;

use self::mapping::describe;
use super::{definition::Service, macros::requests};
use crate::{
    LamplightInterceptor,
    call::Call,
    error::{Failure, OTHER},
};

pub(super) const SERVICE: Service = Service {
    request,
    request_mut,
    describe,
    response,
    ..Service::new("Lambda")
};

requests! {
    "Invoke" InvokeInput;
    "InvokeWithResponseStream" InvokeWithResponseStreamInput;
}

/// Records the failure of an invoked function, which is a successful call to the service, or an event source
/// mapping.
fn response(
    _operation: &str,
    output: &Output,
    _lamplight: &LamplightInterceptor,
    call: &mut Call,
) -> Option<Failure> {
    let Some(invoked) = output.downcast_ref::<InvokeOutput>() else {
        mapping::response(output, call);
        return None;
    };
    let error = invoked.function_error()?;
    Some(Failure::named(error, OTHER, "the invoked function failed"))
}
