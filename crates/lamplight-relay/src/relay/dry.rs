//! A relay as its parts.

use super::{builder::Relay, core::Core, error::RelayError, source::Source};

impl Relay {
    /// Returns the source and a core that has received no records, for callers that decide without
    /// delivering.
    ///
    /// # Errors
    ///
    /// Returns an error if the relay has no source, or if it has been taken before.
    pub fn dry(&mut self) -> Result<(Box<dyn Source>, Core), RelayError> {
        let source = self.source.take().ok_or(RelayError::NoSource)?;
        Ok((source, self.plan.core()))
    }
}
