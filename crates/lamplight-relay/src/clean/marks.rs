//! Marks of sampling on spans.

use lamplight_otlp::{
    Malformed, Value,
    trace::{Attribute, Span, field},
};
use lamplight_semconv::lamplight::relay;
use memchr::memmem::Finder;

use super::splice::{Splice, bytes, fields, string_attribute, varint_attribute};
use crate::sampling::{Heads, Rewritten, Threshold, TraceState, rewrite};

/// The attribute with the name of the rule that kept a span.
const RULE: &[u8] = relay::RULE.as_bytes();

/// The attribute of spans whose trace was dropped before they arrived.
const INCOMPLETE: &[u8] = relay::INCOMPLETE.as_bytes();

/// The prefix of all keys of these attributes.
const OURS: &[u8] = b"lamplight.relay.";

/// The decision on a trace, for the marks on its spans.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Stamp<'a> {
    /// The trace.
    pub trace_id: [u8; 16],
    /// Its threshold; `None` if the probability of the decision is unknown, which removes those of
    /// the spans.
    pub threshold: Option<Threshold>,
    /// The name of the rule that kept it.
    pub rule: Option<&'a str>,
    /// True if spans of the trace are known to be missing, because they were dropped before.
    pub incomplete: bool,
    /// The interpretation of spans without a threshold.
    pub heads: Heads,
}

impl<'a> Stamp<'a> {
    /// Returns the stamp of a trace that was kept with this threshold.
    pub fn new(trace_id: [u8; 16], threshold: Option<Threshold>) -> Self {
        Self {
            trace_id,
            threshold,
            rule: None,
            incomplete: false,
            heads: Heads::default(),
        }
    }

    /// Sets the name of the rule that kept it.
    #[must_use]
    pub fn rule(mut self, name: &'a str) -> Self {
        self.rule = Some(name);
        self
    }

    /// Sets whether spans of the trace are known to be missing.
    #[must_use]
    pub fn incomplete(mut self, incomplete: bool) -> Self {
        self.incomplete = incomplete;
        self
    }

    /// Sets the interpretation of spans without a threshold.
    #[must_use]
    pub fn heads(mut self, heads: Heads) -> Self {
        self.heads = heads;
        self
    }
}

/// The marks to write on the spans of a trace.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// The decision to write, if any.
    decision: Option<Decision>,
    /// The encoded fields of the attributes that are added to all spans.
    attributes: Vec<u8>,
    has_rule: bool,
    has_incomplete: bool,
    /// The key of the sample rate.
    rate_key: Box<[u8]>,
    rate_finder: Option<Finder<'static>>,
    ours: Option<Finder<'static>>,
    last: Last,
}

#[derive(Debug, Clone, Copy)]
struct Decision {
    trace_id: [u8; 16],
    threshold: Option<Threshold>,
    heads: Heads,
}

/// The last tracestate and the result for it: most spans of a trace have the same one.
#[derive(Debug, Default)]
struct Last {
    known: bool,
    before: Vec<u8>,
    /// True if it is changed to `after`.
    changes: bool,
    after: Vec<u8>,
    rate: Option<u64>,
}

impl Marks {
    /// Returns marks with only a sample rate under this key.
    pub(super) fn new(rate_key: Option<&[u8]>) -> Self {
        let rate_key = rate_key.unwrap_or_default();
        Self {
            rate_key: rate_key.into(),
            rate_finder: (!rate_key.is_empty()).then(|| Finder::new(rate_key).into_owned()),
            ours: Some(Finder::new(OURS).into_owned()),
            ..Self::default()
        }
    }

    /// Starts another trace.
    pub(super) fn begin(&mut self, stamp: Option<&Stamp<'_>>) {
        self.last.known = false;
        self.attributes.clear();
        self.decision = stamp.map(|stamp| Decision {
            trace_id: stamp.trace_id,
            threshold: stamp.threshold,
            heads: stamp.heads,
        });
        let rule = stamp.and_then(|stamp| stamp.rule);
        self.has_rule = rule.is_some();
        self.has_incomplete = stamp.is_some_and(|stamp| stamp.incomplete);
        if let Some(rule) = rule {
            string_attribute(
                &mut self.attributes,
                field::ATTRIBUTES,
                RULE,
                rule.as_bytes(),
            );
        }
        if self.has_incomplete {
            varint_attribute(&mut self.attributes, field::ATTRIBUTES, INCOMPLETE, 2, 1);
        }
    }

    /// Writes a span with its marks. Returns whether the span changed; if not, nothing is written.
    pub(super) fn write(&mut self, span: &Span<'_>, out: &mut Vec<u8>) -> Result<bool, Malformed> {
        self.look_at(span.trace_state);
        let rate = self.last.rate.filter(|_| !self.rate_key.is_empty());
        if !self.last.changes && self.attributes.is_empty() && rate.is_none() {
            return Ok(false);
        }
        let replaces = self.replaces_some(span.message, rate.is_some());
        // If nothing is replaced, the whole span is copied.
        let is_added = !replaces && span.trace_state.is_empty();
        let replaced = if is_added { &[] } else { span.message };
        let mut splice = Splice::new(span.message, out);
        let mut has_state = false;
        for field in fields(replaced) {
            let field = field?;
            match (field.number as u32, field.value) {
                (field::TRACE_STATE, Value::Bytes(_)) if self.last.changes => {
                    let out = splice.replace(&field);
                    if !has_state && !self.last.after.is_empty() {
                        bytes(out, field::TRACE_STATE, &self.last.after);
                    }
                    has_state = true;
                }
                (field::ATTRIBUTES, Value::Bytes(attribute))
                    if replaces
                        && self.is_replaced(Attribute::new(attribute)?.key, rate.is_some()) =>
                {
                    splice.replace(&field);
                }
                _ => {}
            }
        }
        let end = splice.end();
        if self.last.changes && !has_state && !self.last.after.is_empty() {
            bytes(end, field::TRACE_STATE, &self.last.after);
        }
        end.extend_from_slice(&self.attributes);
        if let Some(rate) = rate {
            varint_attribute(end, field::ATTRIBUTES, &self.rate_key, 3, rate);
        }
        Ok(splice.finish())
    }

    /// Returns whether the span may have attributes that are to be replaced, which is the case if
    /// it passed through a relay before.
    fn replaces_some(&self, message: &[u8], has_rate: bool) -> bool {
        let is_in = |finder: &Option<Finder<'_>>| {
            finder
                .as_ref()
                .is_some_and(|finder| finder.find(message).is_some())
        };
        !self.attributes.is_empty() && is_in(&self.ours) || has_rate && is_in(&self.rate_finder)
    }

    fn is_replaced(&self, key: &[u8], has_rate: bool) -> bool {
        self.has_rule && key == RULE
            || self.has_incomplete && key == INCOMPLETE
            || has_rate && *key == *self.rate_key
    }

    fn look_at(&mut self, trace_state: &[u8]) {
        let last = &mut self.last;
        if last.known && last.before == trace_state {
            return;
        }
        last.known = true;
        last.before.clear();
        last.before.extend_from_slice(trace_state);
        last.changes = match &self.decision {
            Some(decision) => {
                let Decision {
                    trace_id,
                    threshold,
                    heads,
                } = decision;
                let rewritten = rewrite(trace_state, trace_id, *threshold, *heads, &mut last.after);
                rewritten == Rewritten::Written
            }
            None => false,
        };
        let outgoing = if last.changes {
            &last.after
        } else {
            &last.before
        };
        let threshold = TraceState::new(outgoing).threshold();
        last.rate = threshold.map(|threshold| threshold.adjusted_count().round() as u64);
    }
}
