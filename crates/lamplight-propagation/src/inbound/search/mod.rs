//! The search for context in an invocation: the part that all places share.
//!
//! | file | places |
//! |---|---|
//! | `document` | objects, and the documents in their strings |
//! | `carriers` | single carriers: headers, message attributes, envelopes |
//! | `fields` | the W3C fields as each kind of carrier spells them |

mod carriers;
mod document;
pub(super) mod fields;
mod front;

use std::borrow::Cow;

use opentelemetry::{
    KeyValue,
    trace::{Link, SpanContext},
};

use super::{
    Note, NoteReason, XRayPolicy,
    config::Config,
    explain::Log,
    findings::{Findings, FoundContext},
    path::Path,
};
use crate::{w3c::Received, xray::XRayHeader};

/// The maximum depth of nested documents: EventBridge in SNS in SQS is two.
pub(super) const MAX_DEPTH: u8 = 3;

/// The maximum size of a nested document, in bytes: the size limit of SQS and SNS.
pub(super) const MAX_NESTED: usize = 1024 * 1024;

/// The search of one invocation: the settings and, for explanations, the log.
#[derive(Debug)]
pub(in crate::inbound) struct ContextSearch<'l> {
    pub(in crate::inbound) config: &'l Config,
    log: Option<&'l mut Log>,
    /// True if only the context is needed.
    context_only: bool,
}

impl<'l> ContextSearch<'l> {
    /// Returns a search for context, links and attributes.
    pub(in crate::inbound) fn new(config: &'l Config, log: Option<&'l mut Log>) -> Self {
        Self {
            config,
            log,
            context_only: false,
        }
    }

    /// Returns a search for the context alone: no links, no attributes.
    pub(in crate::inbound) fn for_context(config: &'l Config) -> Self {
        Self {
            context_only: true,
            ..Self::new(config, None)
        }
    }

    /// Returns empty findings, with capacity for the attributes that this search will add.
    pub(in crate::inbound) fn findings(&self) -> Findings {
        Findings::new(self.describes())
    }

    /// Returns whether links and attributes are needed.
    pub(in crate::inbound) fn describes(&self) -> bool {
        !self.context_only
    }

    pub(in crate::inbound) fn explaining(&self) -> bool {
        self.log.is_some()
    }

    pub(in crate::inbound) fn note(&mut self, at: &Path<'_>, reason: NoteReason) {
        let carrier = self.explaining().then(|| at.to_string());
        self.note_at(carrier, reason);
    }

    pub(in crate::inbound) fn note_at(&mut self, carrier: Option<String>, reason: NoteReason) {
        if let (Some(log), Some(carrier)) = (&mut self.log, carrier) {
            log.notes.push(Note { carrier, reason });
        }
    }

    /// Returns the current length of the log, for [`ContextSearch::move_below`].
    pub(in crate::inbound) fn mark(&self) -> (usize, usize) {
        let log = self.log.as_ref();
        log.map_or((0, 0), |log| (log.notes.len(), log.link_carriers.len()))
    }

    /// Prepends a path to everything that has been logged since a mark.
    pub(in crate::inbound) fn move_below(&mut self, (notes, links): (usize, usize), above: &str) {
        let Some(log) = &mut self.log else { return };
        let notes = log.notes.iter_mut().skip(notes);
        let links = log.link_carriers.iter_mut().skip(links);
        for carrier in notes.map(|note| &mut note.carrier).chain(links) {
            carrier.insert_str(0, above);
        }
    }

    /// Logs the place of the parent.
    pub(in crate::inbound) fn parent_at(&mut self, carrier: Option<String>) {
        if let Some(log) = &mut self.log {
            log.parent_carrier = carrier;
        }
    }

    /// Adds a link, or counts it if the limit is reached.
    pub(in crate::inbound) fn link(
        &mut self,
        findings: &mut Findings,
        of: FoundContext,
        attributes: impl FnOnce() -> Vec<KeyValue>,
    ) {
        let Some(span) = of.received.span else {
            return;
        };
        findings.linked = true;
        if !self.describes() {
            return;
        }
        if findings.links.len() >= self.config.link_limit {
            findings.dropped_links = findings.dropped_links.saturating_add(1);
            return;
        }
        findings.links.push(Link::new(span, attributes(), 0));
        if let (Some(log), Some(carrier)) = (&mut self.log, of.carrier) {
            log.link_carriers.push(carrier);
        }
    }

    /// Returns the context of a carrier that has an X-Ray header too: the header's, if it has precedence or
    /// no span was found, otherwise `found`.
    pub(in crate::inbound) fn prefer_xray<'h>(
        &mut self,
        found: Option<FoundContext>,
        header: impl FnOnce() -> Option<Cow<'h, str>>,
        at: &Path<'_>,
    ) -> Option<FoundContext> {
        let policy = self.config.xray;
        if policy == XRayPolicy::Ignore
            || policy != XRayPolicy::ParentBeforeW3c
                && found.as_ref().is_some_and(FoundContext::has_span)
        {
            return found;
        }
        let header = header().and_then(|header| self.xray(&header, at));
        let Some(mut header) = header else {
            return found;
        };
        // Keeps baggage that came with another span, or without a span.
        header.received.baggage = found.and_then(|found| found.received.baggage);
        Some(header)
    }

    /// Returns the context of an X-Ray header, according to the policy.
    pub(in crate::inbound) fn xray(&mut self, header: &str, at: &Path<'_>) -> Option<FoundContext> {
        if self.config.xray == XRayPolicy::Ignore {
            return None;
        }
        let header = XRayHeader::parse(header);
        let span = header.span_context().filter(SpanContext::is_sampled);
        if span.is_none() {
            self.note(at, NoteReason::XRayNotSampled);
        }
        let carrier = self.explaining().then(|| at.to_string());
        let received = Received {
            span: Some(span?),
            ..Received::default()
        };
        let link_only = self.config.xray == XRayPolicy::LinkIfSampled;
        Some(FoundContext {
            received,
            carrier,
            link_only,
        })
    }
}
