//! The one error of the demo: the step that failed and its cause.

use std::{error::Error as StdError, fmt};

/// The step that failed, with its cause as [`source`](StdError::source).
#[derive(Debug)]
pub struct Error {
    doing: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// Shorthand of the runner's functions.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error without a deeper cause.
    pub fn new(doing: impl Into<String>) -> Self {
        Self {
            doing: doing.into(),
            source: None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.doing)?;
        let mut cause = self.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

/// The message of the local AWS's client names the step and the cause already.
impl From<lamplight_local_aws::Error> for Error {
    fn from(error: lamplight_local_aws::Error) -> Self {
        Self::new(error.to_string())
    }
}

/// Conversion of any other error, with the step that it came up in.
pub(crate) trait Context<T> {
    /// Wraps the error; `doing` reads like "start cargo".
    fn context(self, doing: impl Into<String>) -> Result<T>;
}

impl<T, E: Into<Box<dyn StdError + Send + Sync>>> Context<T> for std::result::Result<T, E> {
    fn context(self, doing: impl Into<String>) -> Result<T> {
        self.map_err(|source| Error {
            doing: doing.into(),
            source: Some(source.into()),
        })
    }
}
