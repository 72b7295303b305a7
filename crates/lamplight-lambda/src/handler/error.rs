use std::fmt;

use lambda_runtime::Diagnostic;

use crate::{
    outcome::{self, Failure},
    panics,
    span::ActiveSpan,
};

/// A handler's error after [`HandlerService`](super::HandlerService) has recorded it.
///
/// The runtime turns it into the same response and the same log line as the error itself: it carries the
/// [`Diagnostic`] that the error was converted to, and the error's `Debug` output.
#[derive(Clone)]
pub struct HandlerError {
    diagnostic: Diagnostic,
    debug: String,
    /// `None` if the type of the error is unknown.
    error_type: Option<String>,
    causes: Option<String>,
}

impl HandlerError {
    pub(super) fn new<E: Into<Diagnostic> + fmt::Debug + 'static>(error: E) -> Self {
        let debug = outcome::text_of(|| format!("{error:?}"));
        // Read before the error is consumed.
        let mut causes = panics::catch(|| outcome::causes_of(&error, &debug)).unwrap_or_default();
        let boxed = panics::catch(|| outcome::boxed_type(&error)).unwrap_or_default();
        let diagnostic: Diagnostic = error.into();
        // The runtime's name of the error is its type, or the function's own name for it, except for boxes
        // and texts.
        let error_type = match outcome::is_opaque(&diagnostic.error_type) {
            true => boxed,
            // The runtime obtains the name through a reference.
            false => Some(diagnostic.error_type.trim_start_matches('&').to_owned()),
        };
        if causes.as_deref() == Some(diagnostic.error_message.as_str()) {
            causes = None;
        }
        Self {
            diagnostic,
            debug,
            error_type,
            causes,
        }
    }

    /// Returns the diagnostic that the runtime reports to Lambda.
    pub fn diagnostic(&self) -> &Diagnostic {
        &self.diagnostic
    }

    pub(super) fn record(&self, span: &ActiveSpan) {
        let message = &self.diagnostic.error_message;
        Failure::of(self.error_type.clone(), message, self.causes.clone()).record(span);
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
