//! Functions that answer HTTP requests, with `axum` or any other service of `lambda_http`.
//!
//! ```no_run
//! use axum::{Router, routing::get};
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), lambda_http::Error> {
//!     lamplight::http::run(Router::new().route("/orders/{id}", get(async || "an order"))).await
//! }
//! ```
//!
//! The invocation's span is named after the matched route, has the response's status code, and is an error
//! for codes of 500 and above.
//!
//! To stream responses, to use a service other than a router, or to set up telemetry in code, pass the
//! service to `Telemetry::run` through [`streaming`] or [`buffered`]:
//!
//! ```no_run
//! # use axum::Router;
//! use lamplight::http::{RouteLayer, streaming};
//!
//! # async fn example(router: Router) -> Result<(), lambda_http::Error> {
//! lamplight::init().run(streaming(router.layer(RouteLayer::new()))).await
//! # }
//! ```

use std::fmt::Debug;

use axum::Router;
use bytes::Bytes;
use lambda_http::{Adapter, IntoResponse, Request, Response, StreamAdapter};
use lambda_runtime::{Error, tower::Service};

use crate::process::of_process;

pub use lamplight_lambda::{RouteLayer, RouteService};

/// Runs a router for every invocation, with the telemetry of [`init`](crate::init), which is called if
/// necessary.
///
/// # Errors
///
/// Returns the errors of `lambda_http::run`: the runtime lost its connection to Lambda.
///
/// # Panics
///
/// Panics outside Lambda, if Lambda's own environment variables are missing, like `lambda_http::run`.
pub async fn run(router: Router) -> Result<(), Error> {
    let service = router.layer(RouteLayer::new());
    of_process().run(buffered(service)).await
}

/// Returns a handler for a service whose responses are sent as a whole, as in `lambda_http::run`.
pub fn buffered<'a, S, R>(service: S) -> Adapter<'a, R, S>
where
    S: Service<Request, Response = R>,
    S::Future: Send + 'a,
    R: IntoResponse,
{
    Adapter::from(service)
}

/// Returns a handler for a service whose responses are streamed, as in
/// `lambda_http::run_with_streaming_response`.
pub fn streaming<'a, S, B>(service: S) -> StreamAdapter<'a, S, B>
where
    S: Service<Request, Response = Response<B>>,
    S::Future: Send + 'a,
    B: http_body::Body + Unpin + Send + 'static,
    B::Data: Into<Bytes> + Send,
    B::Error: Into<Error> + Send + Debug,
{
    StreamAdapter::from(service)
}
