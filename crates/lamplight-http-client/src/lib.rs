//! A client span and W3C context for every outgoing HTTP request.
//!
//! ```
//! use http::{Request, Response};
//! use lamplight_http_client::{HttpClientLayer, UrlTemplate};
//! use tower::{Layer, Service, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), std::io::Error> {
//! # let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder().build();
//! # opentelemetry::global::set_tracer_provider(provider);
//! // A stand-in for a client, of which the request has its headers when it arrives there.
//! let client = service_fn(|request: Request<String>| async move {
//!     assert!(request.headers().contains_key("traceparent"));
//!     Ok::<_, std::io::Error>(Response::new("shipped"))
//! });
//!
//! let mut client = HttpClientLayer::new().layer(client);
//!
//! let request = Request::get("https://shop.example/orders/42")
//!     .extension(UrlTemplate::new("/orders/{id}"))
//!     .body(String::new())
//!     .expect("a request");
//! // In a span with the name `GET /orders/{id}`.
//! let response = client.call(request).await?;
//! assert_eq!(*response.body(), "shipped");
//! # Ok(())
//! # }
//! ```
//!
//! # Clients
//!
//! | client | way |
//! |---|---|
//! | `hyper-util`'s `Client`, stacks of `tower-http`, any `Service<http::Request<_>>` with an `http::Response` | [`HttpClientLayer::new().layer(client)`](HttpClientLayer) |
//! | `reqwest` 0.13, feature `reqwest` | `client.get(url).lamplight().send().await`, by `LamplightExt` |
//! | `tonic`'s `Channel` | `OrdersClient::new(layer.layer(channel))`, the layer [with the channel's origin](HttpClientLayer::with_origin) |
//!
//! The span is a child of the one that is current where the request is handed to the layer, so that the layer
//! belongs above a `tower::buffer`, whose worker has no context.
//!
//! Bodies and the types of requests, responses and errors stay what they are; a body that streams goes on
//! streaming.
//!
//! # Attributes
//!
//! Name, kind, attributes and status are those of the [HTTP conventions] at version 1.44. The name is the
//! method, with the template of the path if the request has a [`UrlTemplate`]. The URL is recorded without
//! user, password and fragment, and with the values of parameters that sign requests replaced; of headers
//! only those that are asked for are recorded.
//!
//! # Errors
//!
//! A response of 400 or above has an error status, and its status code as `error.type`. A request without a
//! response has
//!
//! | `error.type` | cause |
//! |---|---|
//! | `cancelled` | the future was dropped; whether the request was carried out is unknown |
//! | `timeout` | a timeout below the layer: one of `reqwest`, `tower::timeout`, the system |
//! | `connect`, `request`, `redirect`, `body`, `decode`, `builder` | the kinds of errors of `reqwest` |
//! | `panic` | the client below panicked |
//! | the name of a type | any other error; in a box that of the first cause that can be told |
//! | `_OTHER` | an error that is a text in a box |
//!
//! The text of an error is not recorded, since clients quote the URL in it.
//!
//! # The end of a span
//!
//! A span ends when the head of the response is there, or an error is. The convention allows this point and
//! one at the end of the body; only this one is certain to come while the code that made the request still
//! runs, since it may leave the body unread. The time to read a body is therefore not in the span, nor is an
//! error in it.
//!
//! # Retries and redirects
//!
//! Each request that passes the layer is a span, as the convention wants it. With a retry above the layer
//! each attempt has one, and [`ResendCount`] numbers them. What a client does by itself is within one span:
//! `reqwest` follows redirects and retries below, so that the URL is the one that was asked for, and status
//! and duration are those of the last answer. `reqwest` sends the headers of the first request to each server
//! that it is redirected to, `traceparent` and `baggage` among them: where third parties must not get them,
//! use `reqwest::redirect::Policy::none()`, or a policy that stays on one host.
//!
//! # `reqwest`
//!
//! `reqwest` has no hook for layers of requests, so that a request is marked as it is sent. The alternative,
//! the crate `reqwest-middleware`, has a client type, a builder of requests and an error type of its own,
//! which replace `reqwest`'s wherever a program names these, and boxes each request's future; a request that
//! is marked keeps all types, and costs what the layer costs. Code that is given a `reqwest::Client` and
//! sends with it by itself cannot be reached in either way.
//!
//! # gRPC
//!
//! A call is an HTTP request, and its span that of one: `POST` and the path, which is the method of the
//! service and `url.template`. Its status comes behind the body, when the span has ended, and is not on it.
//! A server that answers with nothing but a status puts it in the head: then a status other than `OK` is an
//! error with its name as `error.type`, such as `NOT_FOUND`.
//!
//! # Where nothing is recorded
//!
//! Without a provider, and in a trace that is not sampled, the caller's context and baggage are written all
//! the same, as the formats in `OTEL_PROPAGATORS` say. Requests of exporters, which suppress telemetry, are
//! left alone.
//!
//! # Cost
//!
//! The span of a request and its `traceparent` take 11 allocations beside those of the client, its name, its four
//! texts, its context and the map of headers among them; a request that is not recorded takes 10. Counted by
//! `cargo test -p lamplight-http-client --test cost -- --nocapture`, with the instructions.
//!
//! # Features
//!
//! `reqwest`, off by default, adds `LamplightExt` and depends on `reqwest` without its default features.
//!
//! [HTTP conventions]: https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span

#![cfg_attr(docsrs, feature(doc_cfg))]

mod call;
mod describe;
mod error;
mod extensions;
mod future;
mod grpc;
mod guard;
mod headers;
mod hosts;
mod layer;
mod message;
#[cfg(feature = "reqwest")]
mod reqwest;
mod service;
mod settings;

#[cfg(feature = "reqwest")]
#[cfg_attr(docsrs, doc(cfg(feature = "reqwest")))]
pub use self::reqwest::{InstrumentedRequest, LamplightExt};
pub use self::{
    extensions::{ResendCount, UrlTemplate},
    future::HttpClientFuture,
    layer::HttpClientLayer,
    message::{HttpRequest, HttpResponse},
    service::HttpClientService,
    settings::{
        LAMPLIGHT_HTTP_BAGGAGE_HOSTS, LAMPLIGHT_HTTP_CONTEXT_HOSTS,
        OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST,
        OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE,
    },
};
