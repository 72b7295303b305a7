//! The settings of an [`Extractor`].

use std::sync::Arc;

use super::{Extractor, Source};
use crate::outbound::Pointer;

/// What the X-Ray header of an invocation or a message is good for, where there is no W3C context.
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
}

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

#[derive(Debug, Clone, Default)]
pub(super) struct Config {
    pub(super) xray: XRayPolicy,
    trust: Trust,
    source_trust: Vec<(Source, Trust)>,
    pub(super) envelopes: Vec<Pointer>,
    pub(super) datadog: bool,
    pub(super) item_attribute: Option<String>,
}

impl Config {
    pub(super) fn trust(&self, source: Source) -> Trust {
        let exception = self.source_trust.iter().rev().find(|(of, _)| *of == source);
        exception.map_or(self.trust, |(_, trust)| *trust)
    }
}

impl Extractor {
    /// An extractor with the defaults of every setting.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what X-Ray headers are good for. Default: [`XRayPolicy::LinkIfSampled`].
    #[must_use]
    pub fn with_xray(self, policy: XRayPolicy) -> Self {
        self.with(|config| config.xray = policy)
    }

    /// Sets whether callers are trusted, for every source. Default: [`Trust::Continue`].
    #[must_use]
    pub fn with_trust(self, trust: Trust) -> Self {
        self.with(|config| config.trust = trust)
    }

    /// Sets whether callers are trusted, for one source: the public API, say, but not the queue.
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

    fn with(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(Arc::make_mut(&mut self.config));
        self
    }
}
