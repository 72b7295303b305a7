//! Where what nobody takes is kept.

mod file;
mod letter;
#[cfg(feature = "dead-letters-s3")]
mod s3;
#[cfg(feature = "dead-letters-sqs")]
mod sqs;
mod stdout;

#[cfg(feature = "dead-letters-s3")]
pub use self::s3::S3DeadLetters;
#[cfg(feature = "dead-letters-sqs")]
pub use self::sqs::SqsDeadLetters;
pub use self::{
    file::FileDeadLetters,
    letter::{DeadLetter, DeadLetters},
    stdout::StdoutDeadLetters,
};
