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
//! The invocation's span is named after the route that matched, has the response's status, and is an
//! error for a status of 500 and above.
//!
//! For responses that are streamed, for other services than routers, and to set telemetry up in code,
//! give `Telemetry::run` the service as [`streaming`] or [`buffered`] makes it:
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

/// Runs a router for every invocation, with the telemetry of [`init`](crate::init), which is called
/// unless it was.
///
/// # Errors
///
/// Those of `lambda_http::run`: the runtime lost its connection to Lambda.
///
/// # Panics
///
/// As `lambda_http::run` does outside Lambda, when Lambda's own environment variables are missing.
pub async fn run(router: Router) -> Result<(), Error> {
    let service = router.layer(RouteLayer::new());
    of_process().run(buffered(service)).await
}

/// A handler of a service whose responses are sent as a whole, as `lambda_http::run` does.
pub fn buffered<'a, S, R>(service: S) -> Adapter<'a, R, S>
where
    S: Service<Request, Response = R>,
    S::Future: Send + 'a,
    R: IntoResponse,
{
    Adapter::from(service)
}

/// A handler of a service whose responses are streamed, as
/// `lambda_http::run_with_streaming_response` does.
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
