//! Placeholder.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![expect(clippy::panic, reason = "a test fails by a panic")]

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
