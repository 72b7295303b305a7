//! Finding OTLP in what it is kept in: records of a stream, lines of a log, requests.
//!
//! Whatever it was, it becomes requests in protobuf, which a [`Store`](crate::store::Store) takes.

mod found;
mod json;
mod lines;
mod unpack;

use std::{error::Error, fmt};

pub use found::Found;
pub use lines::Lines;
#[cfg(feature = "server")]
pub(crate) use unpack::inflate;
pub use unpack::unpack;

use lamplight_otlp::trace::{self, Span};

/// Content that holds no traces. Its text says what is wrong with it, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotTraces(String);

impl fmt::Display for NotTraces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for NotTraces {}

/// Returns an OTLP request in JSON as one in protobuf.
///
/// Members that are not known are passed over, as the specification asks for. Numbers may be strings,
/// and values of enums may be names.
///
/// # Errors
///
/// If it is no such request; the text names the first member that is not as it should be.
pub fn from_json(request: &[u8]) -> Result<Vec<u8>, NotTraces> {
    let value = serde_json::from_slice(request);
    json::request(&value.map_err(|error| NotTraces(format!("not JSON: {error}")))?)
}

/// Whether bytes are an OTLP request with spans in protobuf. Nothing in the format itself says what a
/// request is for, so one span has to look like one: requests for metrics and logs are read as
/// spans without a fault, but with strange ids.
fn is_request(bytes: &[u8]) -> bool {
    let mut has_span = false;
    let whole = trace::visit(bytes, |_, span| {
        let is_span = || {
            let lengths = (span.trace_id.len(), span.span_id.len());
            lengths == (16, 8) || Span::checked(span.message).is_ok()
        };
        has_span = has_span || is_span();
    });
    whole.is_ok() && has_span
}
