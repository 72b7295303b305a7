//! A relay taken apart.

use super::{builder::Relay, core::Core, error::RelayError, source::Source};

impl Relay {
    /// Returns what is read, and a core that is given none of it yet: for who wants to decide and deliver
    /// nothing.
    ///
    /// # Errors
    ///
    /// Where there is nothing to read, or it has been taken before.
    pub fn dry(&mut self) -> Result<(Box<dyn Source>, Core), RelayError> {
        let source = self.source.take().ok_or(RelayError::NoSource)?;
        Ok((source, self.plan.core()))
    }
}
