//! The AWS X-Ray tracing header: `X-Amzn-Trace-Id`, the `AWSTraceHeader` attribute of SQS, the
//! `TraceHeader` of EventBridge and the `Lambda-Runtime-Trace-Id` of the Runtime API.
//!
//! ```
//! use lamplight_propagation::xray::XRayHeader;
//!
//! let header = XRayHeader::parse(
//!     "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a:1|b:2",
//! );
//! let span = header.span_context().expect("root and parent are there");
//! assert_eq!(span.trace_id().to_string(), "5759e988bd862e3fe1be46a994272793");
//! ```

use std::fmt::Write as _;

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

use crate::w3c::traceparent::hex;

/// The name of the HTTP header.
pub const X_AMZN_TRACE_ID: &str = "x-amzn-trace-id";

/// The name of the SQS message system attribute, which does not count towards the ten attributes
/// of a message.
pub const AWS_TRACE_HEADER: &str = "AWSTraceHeader";

/// The longest `TraceHeader` EventBridge takes, in characters.
pub const EVENTBRIDGE_TRACE_HEADER_LIMIT: usize = 500;

/// A tracing header, its fields looked at but not copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct XRayHeader<'a> {
    text: &'a str,
    trace_id: Option<TraceId>,
    parent_id: Option<SpanId>,
    sampled: Option<bool>,
}

impl<'a> XRayHeader<'a> {
    /// Reads a header. Fields that cannot be read count as absent; nothing is refused as a whole,
    /// because the fields nobody here understands still have to be carried on.
    pub fn parse(text: &'a str) -> Self {
        let mut header = Self {
            text,
            trace_id: None,
            parent_id: None,
            sampled: None,
        };
        for (name, value) in fields(text) {
            if name.eq_ignore_ascii_case("root") {
                header.trace_id = root(value);
            } else if name.eq_ignore_ascii_case("parent") {
                header.parent_id = hex(value.as_bytes())
                    .map(SpanId::from_bytes)
                    .filter(|id| *id != SpanId::INVALID);
            } else if name.eq_ignore_ascii_case("sampled") {
                header.sampled = match value {
                    "0" => Some(false),
                    "1" => Some(true),
                    _ => None,
                };
            }
        }
        header
    }

    /// The sampling decision: `None` when the field is absent, `?` or unreadable.
    pub fn sampled(&self) -> Option<bool> {
        self.sampled
    }

    /// The remote span the header names, or `None` without a readable root and parent.
    pub fn span_context(&self) -> Option<SpanContext> {
        let flags = match self.sampled {
            Some(true) => TraceFlags::SAMPLED,
            _ => TraceFlags::NOT_SAMPLED,
        };
        Some(SpanContext::new(
            self.trace_id?,
            self.parent_id?,
            flags,
            true,
            TraceState::NONE,
        ))
    }

    /// The header for `span` with every field of this one but `Root`, `Parent` and `Sampled`.
    ///
    /// `Lineage` is what Lambda detects recursive loops by, so it must survive. `None` for an
    /// invalid span, and when the result has more than `limit` characters.
    pub fn with_span(&self, span: &SpanContext, limit: usize) -> Option<String> {
        if !span.is_valid() {
            return None;
        }
        let trace_id = span.trace_id().to_string();
        let (time, random) = trace_id.split_at_checked(8)?;
        let sampled = u8::from(span.is_sampled());
        let mut text = String::with_capacity(80);
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "Root=1-{time}-{random};Parent={};Sampled={sampled}",
            span.span_id()
        );
        for (name, value) in fields(self.text) {
            if !["root", "parent", "sampled"]
                .iter()
                .any(|known| name.eq_ignore_ascii_case(known))
            {
                let _ = write!(text, ";{name}={value}");
            }
        }
        (text.len() <= limit).then_some(text)
    }
}

/// `1-` and the trace id with a `-` after eight digits.
fn root(value: &str) -> Option<TraceId> {
    let (time, random) = value.strip_prefix("1-")?.split_once('-')?;
    let mut bytes = [0; 16];
    let (first, last) = bytes.split_at_mut_checked(4)?;
    first.copy_from_slice(&hex::<4>(time.as_bytes())?);
    last.copy_from_slice(&hex::<12>(random.as_bytes())?);
    Some(TraceId::from_bytes(bytes)).filter(|id| *id != TraceId::INVALID)
}

fn fields(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(';').filter_map(|field| {
        let (name, value) = field.split_once('=')?;
        Some((name.trim(), value.trim()))
    })
}
