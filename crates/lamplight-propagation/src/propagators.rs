//! The formats in which context is read and written.

use std::sync::LazyLock;

use opentelemetry::{
    Context,
    propagation::{Extractor, Injector, TextMapPropagator, text_map_propagator::FieldIter},
    trace::SpanContext,
};

use crate::{
    w3c::{
        BAGGAGE, Received, TRACEPARENT, TRACESTATE,
        fields::{Fields, inject_headers},
    },
    xray::{X_AMZN_TRACE_ID, XRayHeader},
};

/// The maximum length of an X-Ray header that is written, in characters.
const XRAY_LIMIT: usize = 500;

/// The names accepted in `OTEL_PROPAGATORS`.
const NAMES: &str = "`tracecontext`, `baggage`, `xray`, `xray-lambda` and `none`";

/// The formats in which context is read and written, as `OTEL_PROPAGATORS` names them. A format that is not
/// named is neither read nor written.
///
/// | name | read | written |
/// |---|---|---|
/// | `tracecontext` | `traceparent`, `tracestate` | the same |
/// | `baggage` | `baggage` | the same |
/// | `xray` | `X-Amzn-Trace-Id` of a request, `AWSTraceHeader` of a message, if they have `Sampled=1` | `X-Amzn-Trace-Id` |
/// | `xray-lambda` | the same, and before it the header of the invocation, whose span Lambda itself sends to X-Ray | `X-Amzn-Trace-Id` |
/// | `none` | nothing | nothing |
///
/// Choose `xray-lambda` for traces that are stored in X-Ray. With any other backend, Lambda's own span would
/// be a parent that is missing from the trace.
///
/// The default is W3C Trace Context and Baggage, with X-Ray as a fallback: an X-Ray header is linked if there
/// is nothing better, see [`XRayPolicy::LinkIfSampled`](crate::inbound::XRayPolicy), and is not written. The
/// explicit value `tracecontext,baggage` stands for these two alone.
///
/// The type is also a propagator, for all OpenTelemetry interfaces that accept one, such as
/// [`set_text_map_propagator`](opentelemetry::global::set_text_map_propagator).
///
/// Specification: [Propagators Distribution] and [`OTEL_PROPAGATORS`].
///
/// [Propagators Distribution]: https://opentelemetry.io/docs/specs/otel/context/api-propagators/
/// [`OTEL_PROPAGATORS`]: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
///
/// ```
/// use lamplight_propagation::Propagators;
///
/// let (propagators, complaint) = Propagators::parse("baggage, b3");
/// assert!(propagators.has_baggage() && !propagators.has_trace_context());
/// assert!(complaint.expect("there is no such propagator here").contains("b3"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Propagators {
    trace_context: bool,
    baggage: bool,
    pub(crate) xray: XRay,
    /// True if the header of the invocation is used too.
    pub(crate) xray_lambda: bool,
}

/// The use of X-Ray headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum XRay {
    /// The default, if no format is named.
    Neighbor,
    /// Not named.
    Off,
    /// Named before `tracecontext`, which is read later and therefore wins.
    BelowW3c,
    /// Named after `tracecontext`, or without it.
    AboveW3c,
}

impl Default for Propagators {
    fn default() -> Self {
        Self {
            trace_context: true,
            baggage: true,
            xray: XRay::Neighbor,
            xray_lambda: true,
        }
    }
}

impl Propagators {
    /// Returns the empty set of formats: nothing is read, not even for links, and nothing is written.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            trace_context: false,
            baggage: false,
            xray: XRay::Off,
            xray_lambda: false,
        }
    }

    /// Parses a value of `OTEL_PROPAGATORS`: names separated by commas, in any case. Returns the formats, and
    /// a log message if part of the value is invalid.
    ///
    /// If two formats both contain a span, the one named later wins, as in a composite propagator. If a name
    /// occurs twice, the first occurrence counts. Unknown names are ignored. An empty value, or one without
    /// any known name, gives the default.
    #[must_use]
    pub fn parse(value: &str) -> (Self, Option<String>) {
        let mut named = Self::none();
        let (mut is_none, mut unknown) = (false, Vec::new());
        let names = value.split(',').map(str::trim);
        for name in names.filter(|name| !name.is_empty()) {
            match name.to_ascii_lowercase().as_str() {
                "tracecontext" => {
                    if !named.trace_context && named.xray == XRay::AboveW3c {
                        named.xray = XRay::BelowW3c;
                    }
                    named.trace_context = true;
                }
                "baggage" => named.baggage = true,
                name @ ("xray" | "xray-lambda") => {
                    named.xray_lambda |= name == "xray-lambda";
                    if named.xray == XRay::Off {
                        named.xray = XRay::AboveW3c;
                    }
                }
                "none" => is_none = true,
                _ => unknown.push(name),
            }
        }
        let is_empty = named == Self::none();
        let complaint = match (is_none, is_empty) {
            (true, false) => Some(format!(
                "OTEL_PROPAGATORS={value:?} names `none` and others; allowed is `none` alone; using `none`"
            )),
            _ if unknown.is_empty() => None,
            _ => Some(format!(
                "OTEL_PROPAGATORS: {unknown:?} is unknown; allowed are {NAMES}; using {}",
                match is_none {
                    true => "`none`",
                    false if is_empty => "the default, `tracecontext,baggage`",
                    false => "the others",
                }
            )),
        };
        let propagators = match (is_none, is_empty) {
            (true, _) => Self::none(),
            (false, true) => Self::default(),
            (false, false) => named,
        };
        (propagators, complaint)
    }

    /// Returns whether `traceparent` and `tracestate` are read and written.
    #[must_use]
    pub const fn has_trace_context(&self) -> bool {
        self.trace_context
    }

    /// Returns whether baggage is read and written.
    #[must_use]
    pub const fn has_baggage(&self) -> bool {
        self.baggage
    }

    /// Returns whether X-Ray headers are read as parents, and written.
    #[must_use]
    pub const fn has_xray(&self) -> bool {
        matches!(self.xray, XRay::BelowW3c | XRay::AboveW3c)
    }

    /// Returns whether something was received in a format that is not read.
    pub(crate) fn leave_out(&self, received: &Received) -> bool {
        !self.trace_context && received.span.is_some()
            || !self.baggage && received.baggage.is_some()
    }

    /// Removes everything that was received in a format that is not read.
    pub(crate) fn filter(&self, received: &mut Received) {
        if !self.trace_context {
            (received.span, received.text) = (None, None);
            (received.traceparent_error, received.tracestate_error) = (None, None);
        }
        if !self.baggage {
            received.baggage = None;
        }
    }
}

impl Fields {
    /// Returns the fields of a context in the written formats. The baggage of a context may be written even
    /// if its span is not.
    pub fn of(cx: &Context, propagators: &Propagators) -> Self {
        let mut fields = Self::from_context(cx);
        if !propagators.has_trace_context() {
            (fields.traceparent, fields.tracestate) = (None, None);
        }
        if !propagators.has_baggage() {
            fields.baggage = None;
        }
        fields
    }
}

impl TextMapPropagator for Propagators {
    fn inject_context(&self, cx: &Context, injector: &mut dyn Injector) {
        let fields = Fields::of(cx, self);
        inject_headers(injector, &fields);
        if self.has_xray()
            && let Some(header) = Fields::from_context(cx).xray_header(None, XRAY_LIMIT)
        {
            injector.set(X_AMZN_TRACE_ID, header);
        }
    }

    fn extract_with_context(&self, cx: &Context, extractor: &dyn Extractor) -> Context {
        let all = |name| {
            let values = extractor.get_all(name).unwrap_or_default();
            values.into_iter().map(str::as_bytes)
        };
        let mut received = Received::read(all(TRACEPARENT), all(TRACESTATE), all(BAGGAGE));
        self.filter(&mut received);
        let span = match self.has_xray() {
            true => extractor.get(X_AMZN_TRACE_ID),
            false => None,
        };
        let span = span.and_then(|header| XRayHeader::parse(header).span_context());
        let span = span.filter(SpanContext::is_sampled);
        if let Some(span) = span
            && (self.xray == XRay::AboveW3c || received.span.is_none())
        {
            received.text = None;
            received.span = Some(span);
        }
        received.into_context(cx)
    }

    fn fields(&self) -> FieldIter<'_> {
        static FIELDS: LazyLock<[Vec<String>; 8]> = LazyLock::new(|| {
            std::array::from_fn(|formats| {
                let names = [
                    (1, TRACEPARENT),
                    (1, TRACESTATE),
                    (2, BAGGAGE),
                    (4, X_AMZN_TRACE_ID),
                ];
                let names = names.iter().filter(|(format, _)| formats & format != 0);
                names.map(|(_, name)| (*name).to_owned()).collect()
            })
        });
        let has = [self.trace_context, self.baggage, self.has_xray()];
        let formats = has
            .iter()
            .rev()
            .fold(0, |formats, has| formats << 1 | usize::from(*has));
        FieldIter::new(FIELDS.get(formats).map_or(&[], Vec::as_slice))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use opentelemetry::{baggage::BaggageExt as _, trace::TraceContextExt as _};

    use super::*;

    const W3C: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const X_RAY: &str =
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

    /// Returns the context read from a map with all formats, and the fields that are written again.
    fn through(value: &str) -> (Option<SpanContext>, bool, Vec<String>) {
        let (propagators, complaint) = Propagators::parse(value);
        assert_eq!(complaint, None, "{value}");
        let carrier: HashMap<_, _> = [
            (TRACEPARENT, W3C),
            (TRACESTATE, "vendor=1"),
            (BAGGAGE, "k=v"),
            (X_AMZN_TRACE_ID, X_RAY),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let cx = propagators.extract(&carrier);
        let mut written = HashMap::new();
        propagators.inject_context(&cx, &mut written);
        let mut written: Vec<_> = written.into_keys().collect();
        written.sort();
        let mut fields: Vec<_> = propagators.fields().map(str::to_owned).collect();
        fields.sort();
        if cx.span().span_context().trace_state().header() != "" {
            assert_eq!(fields, written, "{value}");
        }
        let span = cx.span().span_context().clone();
        (
            span.is_valid().then_some(span),
            !cx.baggage().is_empty(),
            written,
        )
    }

    #[test]
    fn formats_left_out_are_neither_read_nor_written() {
        let trace = |span: Option<SpanContext>| span.map(|span| span.trace_id().to_string());
        let (w3c, xray) = (W3C.get(3..35), Some("5759e988bd862e3fe1be46a994272793"));
        let (tp, ts, b, x) = (TRACEPARENT, TRACESTATE, BAGGAGE, X_AMZN_TRACE_ID);
        let cases: [(&str, Option<&str>, bool, &[&str]); 12] = [
            ("", w3c, true, &[b, tp, ts]),
            ("tracecontext,baggage", w3c, true, &[b, tp, ts]),
            (" TraceContext , ", w3c, false, &[tp, ts]),
            ("baggage", None, true, &[b]),
            ("none", None, false, &[]),
            ("xray", xray, false, &[x]),
            ("xray-lambda,baggage", xray, true, &[b, x]),
            // The later wins, as in a composite propagator.
            ("tracecontext,xray", xray, false, &[tp, x]),
            ("xray,tracecontext", w3c, false, &[tp, ts, x]),
            ("tracecontext,baggage,xray", xray, true, &[b, tp, x]),
            // Registered once.
            ("xray,tracecontext,xray", w3c, false, &[tp, ts, x]),
            ("tracecontext,xray,tracecontext", xray, false, &[tp, x]),
        ];
        for (value, span, baggage, fields) in cases {
            let found = through(value);
            assert_eq!(trace(found.0).as_deref(), span, "{value}");
            assert_eq!(found.1, baggage, "{value}");
            assert_eq!(found.2, fields, "{value}");
        }
    }

    /// Like in the event of an invocation: Lambda and API Gateway send a header with `Sampled=0` whenever
    /// X-Ray does not record, and that must not turn off a trace.
    #[test]
    fn an_xray_header_that_is_not_sampled_ends_no_trace() {
        for value in ["xray", "tracecontext,xray", "xray,tracecontext"] {
            let (propagators, _) = Propagators::parse(value);
            for sampled in ["Sampled=0", "Sampled=?", ""] {
                let header = X_RAY.replace("Sampled=1", sampled);
                let mut carrier = HashMap::from([(X_AMZN_TRACE_ID.to_owned(), header)]);
                let cx = propagators.extract(&carrier);
                assert!(!cx.span().span_context().is_valid(), "{value} {sampled}");
                carrier.insert(TRACEPARENT.to_owned(), W3C.to_owned());
                let cx = propagators.extract(&carrier);
                let is_w3c = cx.span().span_context().is_sampled();
                assert_eq!(is_w3c, value != "xray", "{value} {sampled}");
            }
        }
    }

    #[test]
    fn what_is_not_understood_is_said_and_cuts_nothing() {
        let (found, complaint) = Propagators::parse("b3,jaeger");
        assert_eq!(found, Propagators::default());
        let complaint = complaint.unwrap();
        assert!(
            complaint.contains("b3") && complaint.contains("jaeger"),
            "{complaint}"
        );
        assert!(complaint.contains("using the default"), "{complaint}");

        let (found, complaint) = Propagators::parse("b3,tracecontext");
        assert!(found.has_trace_context() && !found.has_baggage());
        assert!(!complaint.unwrap().contains("default"));

        let (found, complaint) = Propagators::parse("none,baggage");
        assert_eq!(found, Propagators::none());
        assert!(complaint.unwrap().contains("using `none`"));
        assert_eq!(Propagators::parse("none"), (Propagators::none(), None));
    }

    #[test]
    fn without_a_header_the_other_format_counts() {
        for value in ["tracecontext,xray", "xray,tracecontext"] {
            let (propagators, _) = Propagators::parse(value);
            for (name, header) in [(TRACEPARENT, W3C), (X_AMZN_TRACE_ID, X_RAY)] {
                let carrier = HashMap::from([(name.to_owned(), header.to_owned())]);
                let cx = propagators.extract(&carrier);
                assert!(cx.span().span_context().is_valid(), "{value} {name}");
            }
        }
    }
}
