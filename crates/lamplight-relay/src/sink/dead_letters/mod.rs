//! Dead letters: data that cannot be delivered, and stores for it.

mod file;
mod letter;
#[cfg(feature = "dead-letters-s3")]
mod s3;
#[cfg(feature = "dead-letters-sqs")]
mod sqs;
mod stdout;
#[cfg(all(test, feature = "dead-letters-s3", feature = "dead-letters-sqs"))]
mod tests;

#[cfg(feature = "dead-letters-s3")]
pub use self::s3::S3DeadLetters;
#[cfg(feature = "dead-letters-sqs")]
pub use self::sqs::SqsDeadLetters;
pub use self::{
    file::FileDeadLetters,
    letter::{DeadLetter, DeadLetters},
    stdout::StdoutDeadLetters,
};
