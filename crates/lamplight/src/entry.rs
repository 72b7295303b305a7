//! The shortest ways in, for functions that need no options.

use std::fmt::Debug;

use futures_core::Stream;
use lambda_runtime::{
    Diagnostic, Error, IntoFunctionResponse, LambdaEvent, LambdaInvocation, Runtime, service_fn,
    tower::Service,
};
use lamplight_lambda::Invocation;
use serde::{Deserialize, Serialize};

use crate::{process, telemetry::Telemetry};

/// Sets telemetry up as the environment configures it. The same as `Telemetry::builder().init()`.
#[must_use = "telemetry does nothing until it runs the handler: `init().run(handler)`"]
pub fn init() -> Telemetry {
    Telemetry::builder().init()
}

/// Returns the runtime of a function that is one `async fn`, with the telemetry of [`init`], which is
/// called unless it was.
///
/// It is `init().wrap(service_fn(handler))`, and is called inside a Tokio runtime.
///
/// ```no_run
/// use lambda_runtime::{Error, LambdaEvent};
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), Error> {
///     lamplight::wrap(handler).run().await
/// }
///
/// async fn handler(event: LambdaEvent<String>) -> Result<String, Error> {
///     Ok(event.payload)
/// }
/// ```
///
/// # Panics
///
/// As [`Telemetry::wrap`] does outside Lambda.
pub fn wrap<'a, H, F, X, T, R, B, S, D, E>(
    handler: H,
) -> Runtime<
    impl Service<LambdaInvocation, Response = (), Error = Error> + use<'a, H, F, X, T, R, B, S, D, E>,
>
where
    H: FnMut(LambdaEvent<T>) -> F,
    F: Future<Output = Result<R, X>> + 'a,
    X: Into<Diagnostic> + Debug + 'static,
    T: for<'de> Deserialize<'de>,
    R: IntoFunctionResponse<B, S>,
    B: Serialize + 'a,
    S: Stream<Item = Result<D, E>> + Unpin + Send + 'static,
    D: Into<bytes::Bytes> + Send,
    E: Into<Error> + Send + Debug,
{
    process::of_process().wrap(service_fn(handler))
}

/// Returns the invocation under way, and its span. Outside an invocation it does nothing.
pub fn current() -> Invocation {
    Invocation::current()
}
