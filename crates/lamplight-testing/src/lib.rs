//! Tests of Lambda functions: invoke a handler as Lambda would, and look at its answer and its trace.
//!
//! ```
//! use lambda_runtime::{Error, LambdaEvent, service_fn};
//! use lamplight_testing::{Lambda, events};
//! use opentelemetry::{global, trace::Tracer};
//! use serde_json::{Value, json};
//!
//! // The function, as `main` runs it: `lamplight::init().run(service_fn(handler))`.
//! async fn handler(event: LambdaEvent<Value>) -> Result<Value, Error> {
//!     let body = event.payload["body"].as_str().unwrap_or_default();
//!     let order: Value = serde_json::from_str(body)?;
//!     drop(global::tracer("shop").start("reserve"));
//!     Ok(json!({"statusCode": 202, "body": order["product"]}))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! // In a test: `#[tokio::test] async fn an_order_is_taken() {`
//! let caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
//! let mut lambda = Lambda::new(service_fn(handler));
//! let request = events::api_gateway_v2()
//!     .post("/orders")
//!     .json(&json!({"product": "tea"}))
//!     .with_trace(caller);
//!
//! let invocation = lambda.invoke(request).await;
//!
//! assert_eq!(invocation.response()["statusCode"], 202);
//! let root = invocation.trace().root();
//! root.has("faas.trigger", "http").has_parent(caller).has_no_error();
//! root.child("reserve").has_children(0);
//! invocation.assert_conforms();
//! # }
//! ```
//!
//! An assertion that does not hold panics on the line of the test, and its message has the trace as a tree:
//!
//! ```text
//! the span "POST /orders" has http.response.status_code = 202, and not 201
//! trace 0af7651916cd43dd8448eb211c80319c
//!   POST /orders [SERVER] 1.4 ms
//!       faas.coldstart = true
//!       http.response.status_code = 202
//!       ...
//!     reserve [INTERNAL] 0.0 ms
//! ```
//!
//! # Parts
//!
//! | to | there is |
//! |---|---|
//! | run a handler | [`Lambda::new`], [`Lambda::builder`] with options, `Lambda::http` for a router of `axum` |
//! | make an event | [`events`], a builder for each source; any JSON value is one too |
//! | say more than the event | [`Invoke`]: request id, ARN, client context, Cognito identity, X-Ray header |
//! | look at the answer | [`Invocation`]: response, error, timeout, HTTP response |
//! | look at spans | [`Trace`] and [`Span`] |
//! | check conventions | [`Invocation::assert_conforms`], with [registries of your own](LambdaBuilder::with_registry) |
//! | stand in for AWS | `aws::replay`: canned answers for clients of the AWS SDK, and their requests |
//!
//! # What is real, and what is not
//!
//! The handler runs on the stack of `lambda_runtime` and of Lamplight that it runs on in Lambda: the event is
//! read from bytes, panics are caught, and the answer is posted over HTTP to a Runtime API, which listens on
//! a port of loopback. There is no other network, and no process but the test's.
//!
//! - *Variables of the environment* belong to a whole process. `AWS_LAMBDA_*`, those of
//!   [`with_variable`](LambdaBuilder::with_variable) and no others of `LAMPLIGHT_*` and `OTEL_*` are set while
//!   a [`Lambda`] is built, one at a time, and put back. They are not there while the handler runs, and
//!   `_X_AMZN_TRACE_ID` is never set.
//! - *Time.* The deadline is real: [`with_timeout`](LambdaBuilder::with_timeout) says when the handler is
//!   dropped. With Tokio's clock paused (`#[tokio::test(start_paused = true)]`) a handler that sleeps or waits
//!   for its deadline takes no time. Only Tokio's timers follow that clock. The times of spans, of events and
//!   of `SystemTime::now()` stay those of the system; a streamed response and a frozen environment need the
//!   real clock.
//! - *Freezing.* Lambda freezes a function between invocations. [`LambdaBuilder::build_frozen`] does so with
//!   the handler's tasks and timers, though not with threads of its own.
//! - *An end.* After a timeout the environment is gone, as in Lambda. The handler is dropped there, where
//!   Lambda would kill its process: a destructor still runs. Out of memory and `SIGTERM` cannot be had in a
//!   process that goes on.
//! - Each environment handles one invocation at a time; `run_concurrent` is not there.
//!
//! # Spans of the handler
//!
//! OpenTelemetry has one global provider in a process. The first [`Lambda`] makes it one that hands each span
//! to the environment it belongs to, so tests run in parallel: the environment whose invocation is in the
//! span's context, or for spans without a context (in a task that was spawned without one), the environment
//! that was invoked last on the same thread. That suits `#[tokio::test]`, which has one thread; in tests with
//! several, spawn with the context (`FutureExt::with_context`), as functions do that want a whole trace.
//! Spans of the AWS SDK's calls, which use the global provider, come with the others. Propagators are those of
//! W3C. Neither set a global provider in a test, nor call `lamplight::init`.
//!
//! With the feature `tracing`, spans of `#[instrument]` and events are there while the handler runs; a task
//! that it spawns takes them along by `.with_current_subscriber()`.
//!
//! Where spans are delivered later than at the end of their invocation, as with `FlushPolicy::Adaptive`, they
//! are found in the [`Trace`] of a later one.
//!
//! # Features
//!
//! None is on by default.
//!
//! - `http`: routers of `axum`.
//! - `tracing`: spans and events of `tracing`.
//! - `aws-sdk`: answers for clients of the AWS SDK.

#![cfg_attr(docsrs, feature(doc_cfg))]
// A test fails by a panic: this crate runs in tests only.
#![allow(clippy::panic)]

mod api;
#[cfg(feature = "aws-sdk")]
#[cfg_attr(docsrs, doc(cfg(feature = "aws-sdk")))]
pub mod aws;
mod collect;
mod conventions;
pub mod events;
mod http_response;
mod invocation;
mod invoke;
mod lambda;
mod route;
mod trace;
mod variables;

pub use invocation::{FunctionError, Invocation};
pub use invoke::Invoke;
pub use lambda::{Lambda, LambdaBuilder};
pub use lamplight_codegen::Report;
pub use trace::{Expected, Span, Trace};

/// The code of the README runs.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
