//! The reason a request has no answer.

use std::{error::Error, fmt};

use super::super::received::BoxError;

/// The reason a request has no answer.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// No connection could be opened.
    Connect(BoxError),
    /// The connection or the request failed.
    Http2(h2::Error),
    /// The connection is gone: it does not even answer a ping.
    Silent,
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(_) => f.write_str("client error (Connect)"),
            Self::Http2(_) => f.write_str("http2 error"),
            Self::Silent => f.write_str("the connection is dead: no answer, not even to a ping"),
        }
    }
}

impl Error for Unanswered {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Connect(error) => Some(&**error),
            Self::Http2(error) => Some(error),
            Self::Silent => None,
        }
    }
}

impl From<h2::Error> for Unanswered {
    fn from(error: h2::Error) -> Self {
        Self::Http2(error)
    }
}
