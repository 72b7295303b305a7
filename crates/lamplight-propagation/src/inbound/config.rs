//! The settings of an [`EventExtractor`].

use std::{error::Error, fmt, str::FromStr, sync::Arc};

use super::{ClientAddress, EventExtractor, Source};
use crate::{
    envelope::Pointer,
    propagators::{Propagators, XRay},
};

/// The most links an invocation gets unless [`EventExtractor::with_link_limit`] says otherwise;
/// OpenTelemetry's default limit for a span. Further records are counted in
/// [`Incoming::dropped_links`](super::Incoming::dropped_links).
pub const MAX_LINKS: usize = 128;

/// What the X-Ray header of an invocation or a message is good for, where there is no W3C context.
///
/// A setting can be written as on a command line: `ignore`, `link`, `parent`, `parent-before-w3c`.
///
/// A header that says `Sampled=0` never has any effect: Lambda sends one with every invocation
/// that X-Ray does not record, and a trace must not be turned off by it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum XRayPolicy {
    /// Nothing.
    Ignore,
    /// A link, when it says `Sampled=1`.
    #[default]
    LinkIfSampled,
    /// The parent, when it says `Sampled=1`: for those who export to X-Ray.
    Parent,
    /// The parent, when it says `Sampled=1`, even where there is W3C context, which becomes a link.
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

/// The name is none of an [`XRayPolicy`].
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

/// Whether a caller's context is continued.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trust {
    /// The caller's span becomes the parent, with its sampling decision and baggage.
    #[default]
    Continue,
    /// A new trace starts, linked with the caller's span; its sampling decision and its baggage are
    /// ignored. For endpoints anybody can call.
    StartNew,
}

/// What the context of a batch's records is good for.
///
/// A setting can be written as in an environment variable: `continue`, `continue-and-link`, `link`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordPolicy {
    /// Each record's own span continues the record's trace; a batch of one makes the invocation a
    /// child, so that all is one trace.
    #[default]
    Continue,
    /// The same, and what continues a record's trace is linked with the span it came from too, its
    /// parent. The conventions for messaging ask for it: who follows only links then finds every
    /// message's origin, for a link a record.
    ContinueAndLink,
    /// Links only, also for a batch of one: the spans of records stay in the invocation's trace. The
    /// strict reading of the conventions for messaging, which keeps a batch together and parts it
    /// from its producers. A record's baggage is its handler's all the same.
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

/// The name is none of a [`RecordPolicy`].
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
    /// The header of the invocation is left out, those in the event are not.
    pub(super) without_xray_lambda: bool,
    pub(super) records: RecordPolicy,
    /// Names in lower case.
    pub(super) request_headers: Vec<String>,
    pub(super) sensitive_query_parameters: Vec<String>,
    /// All of them; `None` for those of the conventions.
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
    /// Whether the header of the invocation is a parent where nothing else is one.
    pub(super) fn takes_runtime_header(&self) -> bool {
        self.xray == XRayPolicy::Parent && !self.without_xray_lambda
    }

    pub(super) fn trust(&self, source: Source) -> Trust {
        let exception = self.source_trust.iter().rev().find(|(of, _)| *of == source);
        exception.map_or(self.trust, |(_, trust)| *trust)
    }
}

impl EventExtractor {
    /// An extractor with the defaults of every setting.
    pub fn new() -> Self {
        Self::default()
    }

    /// The formats that are read.
    #[must_use]
    pub fn propagators(&self) -> Propagators {
        self.config.propagators
    }

    /// Sets the formats that are read, and with them what X-Ray headers are good for: the parent
    /// where they are named, nothing where others are. Default: [`Propagators::default`].
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

    /// Sets what X-Ray headers are good for, whatever formats are read otherwise. Default:
    /// [`XRayPolicy::LinkIfSampled`].
    #[must_use]
    pub fn with_xray(self, policy: XRayPolicy) -> Self {
        self.with(|config| {
            config.xray = policy;
            config.without_xray_lambda = false;
        })
    }

    /// Sets whether callers are trusted, for every source. Default: [`Trust::Continue`].
    #[must_use]
    pub fn with_trust(self, trust: Trust) -> Self {
        self.with(|config| config.trust = trust)
    }

    /// Sets whether callers are trusted, for one source: the public API, say, but not the queue. What
    /// the caller of an event that was passed on by Invoke has put beside it is of [`Source::Invoke`]. The event
    /// that a destination or a durable function holds is trusted as its own source is, if theirs is.
    #[must_use]
    pub fn with_source_trust(self, source: Source, trust: Trust) -> Self {
        self.with(|config| config.source_trust.push((source, trust)))
    }

    /// Adds a place to look for context in JSON that users make: event details, message bodies,
    /// records, payloads. These places come before [`DEFAULT_KEY`](crate::outbound::DEFAULT_KEY),
    /// in the order they were added.
    ///
    /// The pointer leads to an object with `traceparent`, `tracestate` and `baggage`; or, in the
    /// structured form, with `"traceparent": {"trace_id": "0x..", "span_id": "0x.."}` and
    /// `"baggage": {"key": "value"}`. The structured form without `trace_flags` counts as sampled.
    #[must_use]
    pub fn with_envelope(self, pointer: impl Into<Pointer>) -> Self {
        let pointer = pointer.into();
        self.with(|config| config.envelopes.push(pointer))
    }

    /// Reads the W3C fields in the `_datadog` objects which Datadog's tracers write. Default: no.
    #[must_use]
    pub fn with_datadog(self, enabled: bool) -> Self {
        self.with(|config| config.datadog = enabled)
    }

    /// Names an attribute of DynamoDB items that holds context: a map with the W3C fields, or a
    /// `traceparent` as a string. Default: none, a stream record then has no context.
    #[must_use]
    pub fn with_item_attribute(self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.with(|config| config.item_attribute = Some(name))
    }

    /// Sets how many links an invocation gets at most; records beyond that are counted. It is to be the
    /// limit of the tracer provider, which the `lamplight` crate takes from
    /// `OTEL_SPAN_LINK_COUNT_LIMIT`. Default: [`MAX_LINKS`].
    #[must_use]
    pub fn with_link_limit(self, links: usize) -> Self {
        self.with(|config| config.link_limit = links)
    }

    /// Sets what the context of records is good for. Default: [`RecordPolicy::Continue`].
    #[must_use]
    pub fn with_records(self, policy: RecordPolicy) -> Self {
        self.with(|config| config.records = policy)
    }

    /// Records these headers of HTTP requests as attributes, `http.request.header.<name>`. Names are
    /// in any case. Headers hold secrets, so none is recorded that is not named here. Default: none.
    ///
    /// Specification: <https://opentelemetry.io/docs/specs/semconv/registry/attributes/http/>.
    #[must_use]
    pub fn with_request_headers<N: AsRef<str>>(self, names: impl IntoIterator<Item = N>) -> Self {
        let names = names.into_iter().map(|it| it.as_ref().to_ascii_lowercase());
        let names = names.collect();
        self.with(|config| config.request_headers = names)
    }

    /// Replaces the values of these query parameters, too, by `REDACTED`, beside the seven that the
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
