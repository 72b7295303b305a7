//! The response to the event source mapping.

use serde::{Serialize, Serializer, ser::SerializeStruct as _};

use crate::record::SequenceNumber;

/// The response to the event source mapping.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// The first record that was not delivered; Lambda retries it and all later records.
    pub failed: Option<SequenceNumber>,
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let failures = self.failed.iter().map(Failure);
        let failures: Vec<_> = failures.collect();
        let mut answer = serializer.serialize_struct("Answer", 1)?;
        answer.serialize_field("batchItemFailures", &failures)?;
        answer.end()
    }
}

struct Failure<'a>(&'a SequenceNumber);

impl Serialize for Failure<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut failure = serializer.serialize_struct("Failure", 1)?;
        failure.serialize_field("itemIdentifier", self.0.as_str())?;
        failure.end()
    }
}
