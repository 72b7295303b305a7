//! The settings of an [`EventExtractor`].

use std::{error::Error, fmt, str::FromStr, sync::Arc};

use super::{ClientAddress, EventExtractor, Source};
use crate::{
    envelope::Pointer,
    propagators::{Propagators, XRay},
};

/// The maximum number of links of an invocation, unless [`EventExtractor::with_link_limit`] sets another:
/// OpenTelemetry's default limit for a span. Further records are counted in
/// [`Incoming::dropped_links`](super::Incoming::dropped_links).
pub const MAX_LINKS: usize = 128;

/// The use of the X-Ray header of an invocation or a message when there is no W3C context.
///
/// Parsed from `ignore`, `link`, `parent` or `parent-before-w3c`.
///
/// A header with `Sampled=0` never has any effect: Lambda sends one with every invocation that X-Ray does not
/// record, and that must not turn off a trace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum XRayPolicy {
    /// Ignored.
    Ignore,
    /// Recorded as a link if it has `Sampled=1`.
    #[default]
    LinkIfSampled,
    /// The parent if it has `Sampled=1`. For users who export to X-Ray.
    Parent,
    /// The parent if it has `Sampled=1`, even where there is W3C context, which then becomes a link.
    ParentBeforeW3c,
}

impl FromStr for XRayPolicy {
    type Err = UnknownXRayPolicy;

    fn from_str(text: &str) -> Result<Self, UnknownXRayPolicy> {
        match text {
            "ignore" => Ok(Self::Ignore),
            "link" => Ok(Self::LinkIfSampled),
            "parent" => Ok(Self::Parent),
            "parent-before-w3c" => Ok(Self::ParentBeforeW3c),
            _ => Err(UnknownXRayPolicy { _private: () }),
        }
    }
}

/// Error returned when parsing an unknown [`XRayPolicy`] name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownXRayPolicy {
    _private: (),
}

impl fmt::Display for UnknownXRayPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "unknown X-Ray policy; allowed are `ignore`, `link`, `parent` and `parent-before-w3c`",
        )
    }
}

impl Error for UnknownXRayPolicy {}

/// The treatment of a caller's context.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trust {
    /// The caller's span becomes the parent, with its sampling decision and baggage.
    #[default]
    Continue,
    /// A new trace starts, with a link to the caller's span; the caller's sampling decision and baggage are
    /// ignored. For public endpoints.
    StartNew,
}

/// The use of the context that records of a batch carry.
///
/// Parsed from `continue`, `continue-and-link` or `link`, as in an environment variable.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordPolicy {
    /// Each record's own span continues the record's trace. A batch of one record makes the invocation a
    /// child of the record's span, so that everything is one trace.
    #[default]
    Continue,
    /// Like [`Continue`](Self::Continue), and each span that continues a record's trace also has a link to
    /// its parent, as the messaging conventions ask. Tools that follow only links then find the origin of
    /// every message, at the cost of one link per record.
    ContinueAndLink,
    /// Links only, also for a batch of one: the spans of records stay in the invocation's trace. This is the
    /// strict reading of the messaging conventions, which keeps a batch in one trace, separate from the
    /// traces of its producers. The handler of a record still gets the record's baggage.
    Link,
}

impl FromStr for RecordPolicy {
    type Err = UnknownRecordPolicy;

    fn from_str(text: &str) -> Result<Self, UnknownRecordPolicy> {
        match text {
            "continue" => Ok(Self::Continue),
            "continue-and-link" => Ok(Self::ContinueAndLink),
            "link" => Ok(Self::Link),
            _ => Err(UnknownRecordPolicy { _private: () }),
        }
    }
}

/// Error returned when parsing an unknown [`RecordPolicy`] name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRecordPolicy {
    _private: (),
}

impl fmt::Display for UnknownRecordPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown record policy; allowed are `continue`, `continue-and-link` and `link`")
    }
}

impl Error for UnknownRecordPolicy {}

#[derive(Debug, Clone)]
pub(super) struct Config {
    pub(super) propagators: Propagators,
    pub(super) xray: XRayPolicy,
    /// Ignores the header of the invocation, but not the headers in the event.
    pub(super) without_xray_lambda: bool,
    pub(super) records: RecordPolicy,
    /// Header names in lower case.
    pub(super) request_headers: Vec<String>,
    pub(super) sensitive_query_parameters: Vec<String>,
    /// The complete list of known methods; `None` stands for those of the conventions.
    pub(super) known_methods: Option<Vec<String>>,
    pub(super) client_address: ClientAddress,
    trust: Trust,
    source_trust: Vec<(Source, Trust)>,
    pub(super) envelopes: Vec<Pointer>,
    pub(super) datadog: bool,
    pub(super) item_attribute: Option<String>,
    pub(super) link_limit: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            propagators: Propagators::default(),
            xray: XRayPolicy::default(),
            without_xray_lambda: false,
            records: RecordPolicy::default(),
            request_headers: Vec::new(),
            sensitive_query_parameters: Vec::new(),
            known_methods: None,
            client_address: ClientAddress::default(),
            trust: Trust::default(),
            source_trust: Vec::new(),
            envelopes: Vec::new(),
            datadog: false,
            item_attribute: None,
            link_limit: MAX_LINKS,
        }
    }
}

impl Config {
    /// Returns whether the header of the invocation may become the parent when nothing else does.
    pub(super) fn takes_runtime_header(&self) -> bool {
        self.xray == XRayPolicy::Parent && !self.without_xray_lambda
    }

    pub(super) fn trust(&self, source: Source) -> Trust {
        let exception = self.source_trust.iter().rev().find(|(of, _)| *of == source);
        exception.map_or(self.trust, |(_, trust)| *trust)
    }
}

impl EventExtractor {
    /// Returns an extractor with default settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the formats that are read.
    #[must_use]
    pub fn propagators(&self) -> Propagators {
        self.config.propagators
    }

    /// Sets the formats that are read, and with them the use of X-Ray headers: they become parents if the
    /// formats include X-Ray, and are ignored if other formats are named. Default: [`Propagators::default`].
    #[must_use]
    pub fn with_propagators(self, propagators: Propagators) -> Self {
        self.with(|config| {
            config.propagators = propagators;
            config.without_xray_lambda = !propagators.xray_lambda;
            config.xray = match propagators.xray {
                XRay::Neighbor => XRayPolicy::LinkIfSampled,
                XRay::Off => XRayPolicy::Ignore,
                XRay::BelowW3c => XRayPolicy::Parent,
                XRay::AboveW3c => XRayPolicy::ParentBeforeW3c,
            };
        })
    }

    /// Sets the use of X-Ray headers, independently of the formats that are read. Default:
    /// [`XRayPolicy::LinkIfSampled`].
    #[must_use]
    pub fn with_xray(self, policy: XRayPolicy) -> Self {
        self.with(|config| {
            config.xray = policy;
            config.without_xray_lambda = false;
        })
    }

    /// Sets whether callers are trusted, for all sources. Default: [`Trust::Continue`].
    #[must_use]
    pub fn with_trust(self, trust: Trust) -> Self {
        self.with(|config| config.trust = trust)
    }

    /// Sets whether callers are trusted, for one source: for example the public API, but not the queue.
    ///
    /// Context that a caller adds beside an event it passes on with Invoke counts as [`Source::Invoke`]. An
    /// event inside the event of a destination or a durable function is trusted only if both its own source
    /// and the outer one are.
    #[must_use]
    pub fn with_source_trust(self, source: Source, trust: Trust) -> Self {
        self.with(|config| config.source_trust.push((source, trust)))
    }

    /// Adds a place to search for context in JSON that users write: event details, message bodies, records,
    /// payloads. These places are searched before [`DEFAULT_KEY`](crate::outbound::DEFAULT_KEY), in the order
    /// in which they were added.
    ///
    /// The pointer leads to an object with `traceparent`, `tracestate` and `baggage`; or, in the structured
    /// form, with `"traceparent": {"trace_id": "0x..", "span_id": "0x.."}` and `"baggage": {"key": "value"}`.
    /// The structured form without `trace_flags` counts as sampled.
    ///
    /// # Examples
    ///
    /// ```
    /// use lamplight_propagation::inbound::{EventExtractor, RawInvocation};
    /// use opentelemetry::trace::TraceContextExt;
    ///
    /// let extractor = EventExtractor::new().with_envelope("/metadata/otel");
    /// let body = br#"{
    ///     "detail-type": "OrderPlaced", "source": "shop",
    ///     "detail": {"order": 17, "metadata": {"otel": {
    ///         "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    ///     }}}
    /// }"#;
    /// let incoming = extractor.extract(&RawInvocation::new(body, "orders"));
    /// assert!(incoming.parent.span().span_context().is_remote());
    /// ```
    #[must_use]
    pub fn with_envelope(self, pointer: impl Into<Pointer>) -> Self {
        let pointer = pointer.into();
        self.with(|config| config.envelopes.push(pointer))
    }

    /// Sets whether the W3C fields in the `_datadog` objects of Datadog's tracers are read. Default: no.
    #[must_use]
    pub fn with_datadog(self, enabled: bool) -> Self {
        self.with(|config| config.datadog = enabled)
    }

    /// Adds the name of an attribute of DynamoDB items that holds context: a map with the W3C fields, or a
    /// `traceparent` as a string. By default no attribute is searched, and stream records have no context.
    #[must_use]
    pub fn with_item_attribute(self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.with(|config| config.item_attribute = Some(name))
    }

    /// Sets the maximum number of links of an invocation; records beyond it are counted. It should equal the
    /// limit of the tracer provider, which the `lamplight` crate takes from `OTEL_SPAN_LINK_COUNT_LIMIT`.
    /// Default: [`MAX_LINKS`].
    #[must_use]
    pub fn with_link_limit(self, links: usize) -> Self {
        self.with(|config| config.link_limit = links)
    }

    /// Sets the use of the context of records. Default: [`RecordPolicy::Continue`].
    #[must_use]
    pub fn with_records(self, policy: RecordPolicy) -> Self {
        self.with(|config| config.records = policy)
    }

    /// Sets the headers of HTTP requests that become attributes `http.request.header.<name>`. Names may be in
    /// any case. Headers hold secrets, so only those named here are recorded. Default: none.
    ///
    /// Specification: <https://opentelemetry.io/docs/specs/semconv/registry/attributes/http/>.
    #[must_use]
    pub fn with_request_headers<N: AsRef<str>>(self, names: impl IntoIterator<Item = N>) -> Self {
        let names = names.into_iter().map(|it| it.as_ref().to_ascii_lowercase());
        let names = names.collect();
        self.with(|config| config.request_headers = names)
    }

    /// Sets query parameters whose values are replaced by `REDACTED`, in addition to the seven that the
    /// conventions name. Names are case-sensitive. Default: none.
    #[must_use]
    pub fn with_sensitive_query_parameters<N: Into<String>>(
        self,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        let names = names.into_iter().map(Into::into).collect();
        self.with(|config| config.sensitive_query_parameters = names)
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(Arc::make_mut(&mut self.config));
        self
    }
}
