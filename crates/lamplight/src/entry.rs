//! Entry points for functions that need no options.

use std::fmt::Debug;

use futures_core::Stream;
use lambda_runtime::{
    Diagnostic, Error, IntoFunctionResponse, LambdaEvent, LambdaInvocation, Runtime, service_fn,
    tower::Service,
};
use lamplight_lambda::Invocation;
use serde::{Deserialize, Serialize};

use crate::{process, telemetry::Telemetry};

/// Sets up telemetry from the environment. Equivalent to `Telemetry::builder().init()`.
///
/// Call it once, at the start of `main`, and run the handler with the result.
///
/// ```no_run
/// use lambda_runtime::{Error, LambdaEvent, service_fn};
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), Error> {
///     let telemetry = lamplight::init();
///     telemetry.run(service_fn(handler)).await
/// }
///
/// async fn handler(event: LambdaEvent<String>) -> Result<String, Error> {
///     Ok(event.payload)
/// }
/// ```
#[must_use = "telemetry does nothing until it runs the handler: `init().run(handler)`"]
pub fn init() -> Telemetry {
    Telemetry::builder().init()
}

/// Returns the runtime of a function that is one `async fn`, with the telemetry of [`init`], which is called
/// if necessary.
///
/// Equivalent to `init().wrap(service_fn(handler))`. Must be called inside a Tokio runtime.
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
/// Panics outside Lambda, like [`Telemetry::wrap`].
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

/// Returns the current invocation, to write to its span. Outside an invocation, its methods do nothing.
///
/// ```
/// use lambda_runtime::{Error, LambdaEvent};
/// use lamplight::opentelemetry::KeyValue;
///
/// async fn handler(event: LambdaEvent<Vec<String>>) -> Result<usize, Error> {
///     let invocation = lamplight::current();
///     invocation.set_attribute(KeyValue::new("app.tenant", "acme"));
///     invocation.add("app.rows.read", 3_i64);
///     Ok(event.payload.len())
/// }
/// ```
pub fn current() -> Invocation {
    Invocation::current()
}
