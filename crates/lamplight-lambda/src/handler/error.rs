use crate::outcome::{self, Failure};
use crate::panics;
use crate::wide::Wide;
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
    causes: Option<String>,
}

impl HandlerError {
    pub(super) fn new<E: Into<Diagnostic> + fmt::Debug + 'static>(error: E) -> Self {
        let debug = outcome::text_of(|| format!("{error:?}"));
        // Before the error is taken apart, while its causes can still be asked.
        let mut causes = panics::catch(|| outcome::causes_of(&error, &debug)).unwrap_or_default();
        let diagnostic: Diagnostic = error.into();
        if causes.as_deref() == Some(diagnostic.error_message.as_str()) {
            causes = None;
        }
        Self {
            diagnostic,
            debug,
            causes,
        }
    }

    /// What the runtime reports to Lambda.
    pub fn diagnostic(&self) -> &Diagnostic {
        &self.diagnostic
    }

    pub(super) fn record(&self, span: &Wide) {
        let error_type = outcome::error_type(&self.diagnostic.error_type, &self.debug);
        Failure {
            error_type: &error_type,
            exception_type: &error_type,
            message: &self.diagnostic.error_message,
            details: self.causes.clone(),
        }
        .record(span);
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
