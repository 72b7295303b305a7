//! Search for OTLP in records of a stream, lines of a log, and requests.
//!
//! The results are requests in protobuf, as a [`Store`](crate::store::Store) accepts them.

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

/// The error of content without traces. Its text describes the problem and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotTraces(String);

impl fmt::Display for NotTraces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for NotTraces {}

/// Converts an OTLP request from JSON to protobuf.
///
/// Unknown members are ignored, as the specification requires. Numbers may be strings, and values
/// of enums may be names.
///
/// # Errors
///
/// Returns an error if it is not such a request; the text names the first invalid member.
pub fn from_json(request: &[u8]) -> Result<Vec<u8>, NotTraces> {
    let value = serde_json::from_slice(request);
    json::request(&value.map_err(|error| NotTraces(format!("not JSON: {error}")))?)
}

/// Returns whether bytes are an OTLP request with spans in protobuf. The format does not identify
/// the signal, so one span must look like one: requests with metrics and logs parse as spans
/// without an error, but with invalid ids.
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
