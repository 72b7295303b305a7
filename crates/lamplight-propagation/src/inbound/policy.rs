//! The policy that decides which context is continued and which are only linked.

use opentelemetry::trace::SpanContext;

use super::{
    NoteReason, RecordPolicy, Source, Trust, XRayPolicy,
    findings::{Findings, FoundContext},
    path::Path,
    search::ContextSearch,
};
use crate::w3c::Received;

/// The decision on a context.
#[derive(Debug)]
pub(super) struct Applied {
    /// The continued part: a span, baggage, or both.
    pub(super) continued: Option<FoundContext>,
    /// The span to link to.
    pub(super) linked: Option<FoundContext>,
}

impl FoundContext {
    /// Decides whether the context is continued, linked, or both, from the trust in its sender, the policy
    /// for records (`Continue` for everything else), and [`FoundContext::link_only`].
    #[inline]
    pub(super) fn apply(mut self, trust: Trust, records: RecordPolicy) -> Applied {
        let is_trusted = trust == Trust::Continue;
        let is_continued = is_trusted && !self.link_only && records != RecordPolicy::Link;
        if is_continued && records != RecordPolicy::ContinueAndLink {
            return Applied {
                continued: Some(self),
                linked: None,
            };
        }
        let span = match is_continued {
            true => self.received.span.clone(),
            false => {
                self.received.text = None;
                self.received.span.take()
            }
        };
        if !is_trusted {
            self.received.baggage = None;
        }
        let linked = span.map(|span| Self {
            received: Received {
                span: Some(span),
                ..Received::default()
            },
            carrier: self.carrier.clone(),
            link_only: true,
        });
        Applied {
            continued: Self::new(self.received, self.carrier),
            linked,
        }
    }
}

/// Chooses the parent from all contexts, and makes links of the others. The caller comes before contexts
/// deeper in the event, and the header of the invocation comes last.
pub(super) fn choose_parent(
    search: &mut ContextSearch<'_>,
    source: Source,
    callers: impl IntoIterator<Item = (FoundContext, Source)>,
    findings: &mut Findings,
    xray_header: Option<&str>,
) -> Received {
    let at = Path::Root.member("xray_trace_id");
    let mut header = match search.config.without_xray_lambda {
        true => None,
        false => xray_header,
    };
    let own = findings.context.take();
    let mut parent = Received::default();
    if search.config.xray == XRayPolicy::ParentBeforeW3c {
        let header = header.take().and_then(|header| search.xray(header, &at));
        if let Some(header) = header {
            settle(search, findings, &mut parent, source, header);
        }
    }
    for (caller, from) in callers {
        settle(search, findings, &mut parent, from, caller);
    }
    if let Some(own) = own {
        settle(search, findings, &mut parent, source, own);
    }
    if parent.span.is_none() && !findings.linked {
        let header = header.and_then(|header| search.xray(header, &at));
        if let Some(header) = header {
            settle(search, findings, &mut parent, source, header);
        }
    }
    parent
}

/// Makes a context the parent if there is none yet and the policy allows it, otherwise a link.
fn settle(
    search: &mut ContextSearch<'_>,
    findings: &mut Findings,
    parent: &mut Received,
    from: Source,
    context: FoundContext,
) {
    let trust = search.config.trust(from);
    if trust != Trust::Continue {
        if context.has_span() {
            search.note_at(context.carrier.clone(), NoteReason::UntrustedParent);
        }
        if context.received.baggage.is_some() {
            search.note_at(context.carrier.clone(), NoteReason::UntrustedBaggage);
        }
    }
    let applied = context.apply(trust, RecordPolicy::Continue);
    let mut linked = applied.linked;
    if let Some(mut continued) = applied.continued {
        let baggage = continued.received.baggage.take();
        if parent.baggage.is_none() {
            parent.baggage = baggage;
        }
        if parent.span.is_some() {
            linked = Some(continued);
        } else if continued.has_span() {
            search.parent_at(continued.carrier);
            parent.span = continued.received.span;
            parent.text = continued.received.text;
        }
    }
    let Some(linked) = linked else { return };
    let Some(span) = &linked.received.span else {
        return;
    };
    let is_same = |known: &SpanContext| {
        known.span_id() == span.span_id() && known.trace_id() == span.trace_id()
    };
    // Two carriers may hold the same span.
    let mut known = findings.links.iter().map(|link| &link.span_context);
    if !parent.span.as_ref().is_some_and(is_same) && !known.any(is_same) {
        search.link(findings, linked, Vec::new);
    }
}
