//! The measuring code shared by all rivals, so that they are measured in the same way.
//!
//! * [`events`]: the bytes of the events, and the handlers for them.
//! * [`runtime`]: the services of `lambda_runtime` without its network: deserializes the event, calls the
//!   handler and serializes the response.
//! * [`Run`]: the measurement of one process, according to its arguments.
//! * [`spans`]: the place where the exporters of the rivals report their spans.
//! * [`Counting`]: the counting allocator.
//!
//! The crate does not use OpenTelemetry, whose versions differ between rivals.

mod allocations;
mod cpu;
pub mod events;
mod measure;
mod runtime;
pub mod spans;

pub use allocations::Counting;
pub use aws_lambda_events::sqs::SqsMessage;
pub use lambda_runtime;
pub use measure::{Run, Scenario};
pub use runtime::runtime;
