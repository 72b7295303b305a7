//! What every rival is measured with, so that all of them are measured alike.
//!
//! * [`events`]: the bytes of the events, and the handlers that take them.
//! * [`runtime`]: the stack of `lambda_runtime` without its network: it deserializes the event,
//!   calls the handler and serializes the answer.
//! * [`Run`]: what one process measures, as its arguments say.
//! * [`spans`]: where the exporters of the rivals report what they were given.
//! * [`Counting`]: the allocator that counts.
//!
//! Nothing in here knows OpenTelemetry, whose versions differ from rival to rival.

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
