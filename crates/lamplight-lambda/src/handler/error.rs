use lambda_runtime::Diagnostic;
use std::fmt;

/// A handler's error after [`HandlerService`](super::HandlerService) has recorded it.
///
/// The runtime turns it into the same answer, and the same log line, as the error itself: it
/// carries the [`Diagnostic`] the error became and its `Debug` output.
#[derive(Clone)]
pub struct HandlerError {
    diagnostic: Diagnostic,
    debug: String,
}

impl HandlerError {
    pub(super) fn new<E: Into<Diagnostic> + fmt::Debug>(error: E) -> Self {
        let debug = format!("{error:?}");
        Self {
            diagnostic: error.into(),
            debug,
        }
    }

    /// What the runtime reports to Lambda.
    pub fn diagnostic(&self) -> &Diagnostic {
        &self.diagnostic
    }

    pub(super) fn error_type(&self) -> String {
        crate::outcome::error_type(&self.diagnostic.error_type, &self.debug)
    }
}

impl fmt::Debug for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.debug)
    }
}

impl From<HandlerError> for Diagnostic {
    fn from(error: HandlerError) -> Self {
        error.diagnostic
    }
}
