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

use crate::w3c::{fields::Fields, hex};

/// The name of the HTTP header.
pub const X_AMZN_TRACE_ID: &str = "x-amzn-trace-id";

/// The name of the SQS message system attribute, which does not count towards the ten attributes of a
/// message.
pub const AWS_TRACE_HEADER: &str = "AWSTraceHeader";

/// The maximum length of the `TraceHeader` that EventBridge accepts, in characters.
pub const EVENTBRIDGE_TRACE_HEADER_LIMIT: usize = 500;

/// A parsed tracing header that borrows its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct XRayHeader<'a> {
    text: &'a str,
    trace_id: Option<TraceId>,
    parent_id: Option<SpanId>,
    sampled: Option<bool>,
}

impl<'a> XRayHeader<'a> {
    /// Parses a header. Unreadable fields count as absent. No header is rejected as a whole, because fields
    /// unknown to this crate have to be propagated too.
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
                header.parent_id = value.as_bytes().try_into().ok().and_then(span_id);
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

    /// Returns the sampling decision; `None` if the field is absent, `?` or unreadable.
    pub fn sampled(&self) -> Option<bool> {
        self.sampled
    }

    /// Returns the remote span that the header names; `None` without a readable root and parent.
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

    /// Returns the header for `span`, with all fields of this one except `Root`, `Parent` and `Sampled`.
    ///
    /// Lambda detects recursive loops by `Lineage`, so it must be preserved. Returns `None` for an invalid
    /// span, or if the result has more than `limit` characters.
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

/// Parses `1-` and a trace id with a `-` after eight digits.
fn root(value: &str) -> Option<TraceId> {
    let (time, random) = value.strip_prefix("1-")?.split_once('-')?;
    let mut digits = [0; 32];
    *digits.first_chunk_mut::<8>()? = time.as_bytes().try_into().ok()?;
    *digits.last_chunk_mut::<24>()? = random.as_bytes().try_into().ok()?;
    let id = TraceId::from(hex::trace_id(&digits)?);
    (id != TraceId::INVALID).then_some(id)
}

fn span_id(digits: &[u8; 16]) -> Option<SpanId> {
    let id = SpanId::from(hex::span_id(digits)?);
    (id != SpanId::INVALID).then_some(id)
}

fn fields(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(';').filter_map(|field| {
        let (name, value) = field.split_once('=')?;
        Some((name.trim(), value.trim()))
    })
}

impl Fields {
    /// Returns an X-Ray header for the same span, with the unknown fields (`Lineage`, `Self`) of the
    /// `existing` one. Returns `None` without a span, or if the header would exceed `limit` characters; the
    /// existing header then remains. See the [module docs](crate::xray) for the names and limits.
    pub fn xray_header(&self, existing: Option<&str>, limit: usize) -> Option<String> {
        XRayHeader::parse(existing.unwrap_or_default()).with_span(self.span.as_ref()?, limit)
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::TraceFlags;
    use proptest::prelude::*;

    use super::XRayHeader;

    const ROOT: &str = "Root=1-5759e988-bd862e3fe1be46a994272793";

    #[test]
    fn fields_are_read_in_any_order_and_case() {
        let header = format!("Sampled=1 ; parent=53995c3f42cd8ad8;{ROOT};Lineage=a:1");
        let span = XRayHeader::parse(&header).span_context().unwrap();
        assert_eq!(
            span.trace_id().to_string(),
            "5759e988bd862e3fe1be46a994272793"
        );
        assert_eq!(span.span_id().to_string(), "53995c3f42cd8ad8");
        assert_eq!(span.trace_flags(), TraceFlags::SAMPLED);
        assert!(span.is_remote());
    }

    #[test]
    fn what_does_not_say_sampled_is_not() {
        for (field, expected) in [
            (";Sampled=1", Some(true)),
            (";Sampled=0", Some(false)),
            (";Sampled=?", None),
            (";Sampled=", None),
            ("", None),
        ] {
            let header = format!("{ROOT};Parent=53995c3f42cd8ad8{field}");
            let header = XRayHeader::parse(&header);
            assert_eq!(header.sampled(), expected);
            assert_eq!(
                header.span_context().unwrap().is_sampled(),
                expected == Some(true)
            );
        }
    }

    #[test]
    fn a_header_without_readable_ids_names_no_span() {
        for header in [
            "",
            "Sampled=1",
            ROOT,
            "Parent=53995c3f42cd8ad8",
            "Root=2-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8",
            "Root=1-5759e98-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8",
            "Root=1-5759E988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8",
            "Root=1-00000000-000000000000000000000000;Parent=53995c3f42cd8ad8",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=0000000000000000",
        ] {
            assert_eq!(XRayHeader::parse(header).span_context(), None, "{header}");
        }
    }

    proptest! {
        #[test]
        fn writing_what_was_read_changes_nothing(
            root in 1..u128::MAX, parent in 1..u64::MAX, sampled in any::<bool>(),
            rest in "(;[A-Z][a-z]{3,8}=[0-9a-z:|]{1,20}){0,3}",
        ) {
            let root = format!("{root:032x}");
            let (time, random) = root.split_at(8);
            let text = format!(
                "Root=1-{}-{};Parent={parent:016x};Sampled={}{rest}",
                time, random, u8::from(sampled),
            );
            prop_assume!(!rest.contains("Root=") && !rest.contains("Parent=") && !rest.contains("Sampled="));
            let header = XRayHeader::parse(&text);
            let span = header.span_context().unwrap();
            prop_assert_eq!(header.with_span(&span, 1000), Some(text.clone()));
        }

        #[test]
        fn any_text_is_read_without_panic(text in ".{0,300}") {
            let _ = XRayHeader::parse(&text).span_context();
        }
    }
}
