//! The records of a batch, each in its own span.

mod sqs;

pub use sqs::sqs;
