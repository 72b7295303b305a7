//! Macros that generate the functions of a [`Service`](super::definition::Service) from a list of operations
//! and the types of their inputs.

/// Generates `request` and `request_mut` of a service.
#[cfg(feature = "_messages")]
macro_rules! requests {
    ($($operation:literal $input:ty;)+) => {
        fn request<'a>(
            operation: &str,
            input: &'a aws_smithy_runtime_api::client::interceptors::context::Input,
        ) -> Option<&'a dyn $crate::service::Request> {
            Some(match operation {
                $($operation => input.downcast_ref::<$input>()? as &dyn $crate::service::Request,)+
                _ => return None,
            })
        }

        fn request_mut<'a>(
            operation: &str,
            input: &'a mut aws_smithy_runtime_api::client::interceptors::context::Input,
        ) -> Option<&'a mut dyn $crate::service::Request> {
            Some(match operation {
                $($operation => {
                    input.downcast_mut::<$input>()? as &mut dyn $crate::service::Request
                })+
                _ => return None,
            })
        }
    };
}
#[cfg(feature = "_messages")]
pub(super) use requests;

/// Makes `describe` of a service: attributes alone, since there is nothing to carry context in.
#[cfg(any(
    feature = "dynamodb",
    feature = "lambda",
    feature = "s3",
    feature = "secretsmanager"
))]
macro_rules! describing {
    ($($operation:literal $input:ty: |$this:ident, $to:ident| $body:block)+) => {
        pub(in $crate::service) fn describe(
            operation: &str,
            input: &aws_smithy_runtime_api::client::interceptors::context::Input,
            to: &mut Vec<opentelemetry::KeyValue>,
        ) {
            match operation {
                $($operation => {
                    if let Some($this) = input.downcast_ref::<$input>() {
                        let $to = to;
                        $body
                    }
                })+
                _ => {}
            }
        }
    };
}
#[cfg(any(
    feature = "dynamodb",
    feature = "lambda",
    feature = "s3",
    feature = "secretsmanager"
))]
pub(super) use describing;
