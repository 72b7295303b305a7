//! JSON texts that carry context: a detail, a record, a payload, an input.

use lamplight_propagation::inbound::Invocation;
use lamplight_propagation::outbound;
use lamplight_propagation::w3c::TRACEPARENT;
use opentelemetry::trace::{Link, TraceContextExt as _};

use super::Injection;
use crate::carrier::Carrier;
use crate::{Lamplight, diagnostics};

/// The least that context adds to an object: `"_otel":{"traceparent":"<55 characters>"},`.
const LEAST: usize = 82;

/// A text that a rehearsal has spliced, for the injection that follows it.
pub(crate) struct Draft {
    of: Task,
    text: String,
    /// Where in `text` the stand-in's `traceparent` begins.
    traceparent: usize,
}

/// Where a text is, how long it is, and how long it may become.
type Task = (usize, usize, usize);

fn task(text: &str, longest: usize) -> Task {
    (text.as_ptr().addr(), text.len(), longest)
}

impl Draft {
    /// The text with this `traceparent`, which is as long as the stand-in's.
    fn finish(mut self, traceparent: &str) -> String {
        let end = self.traceparent + traceparent.len();
        self.text.replace_range(self.traceparent..end, traceparent);
        self.text
    }
}

/// Whether [`splice`] would find room in this text. To find out is all of its work, which is kept
/// as the injection's draft.
pub(super) fn rehearse(text: &str, injection: &Injection<'_>, longest: usize) -> bool {
    let fields = injection.fields();
    let envelope = injection.lamplight.envelope.as_ref();
    let Some(spliced) = outbound::inject_json(text, envelope, fields, longest) else {
        return false;
    };
    // What is written begins where the texts begin to differ, or a little before; so the first
    // stand-in from there on is ours, whatever the user's own text holds before or behind.
    let same = text.bytes().zip(spliced.text.bytes());
    let same = same.take_while(|(before, after)| before == after).count();
    let stand_in = fields.traceparent();
    let place = stand_in.and_then(|stand_in| spliced.text.get(same..)?.find(stand_in));
    injection.draft.set(place.map(|place| Draft {
        of: task(text, longest),
        text: spliced.text,
        traceparent: same + place,
    }));
    true
}

/// The text with context in it, of at most `longest` bytes, if it is an object with room.
pub(super) fn splice(
    text: &str,
    injection: &Injection<'_>,
    carrier: Carrier,
    longest: usize,
) -> Option<String> {
    let draft = injection.draft.take();
    match (draft, injection.fields().traceparent()) {
        (Some(draft), Some(traceparent)) if draft.of == task(text, longest) => {
            return Some(draft.finish(traceparent));
        }
        (draft, _) => injection.draft.set(draft),
    }
    let envelope = injection.lamplight.envelope.as_ref();
    let spliced = outbound::inject_json(text, envelope, injection.fields(), longest);
    if spliced.is_none()
        && text.len().saturating_add(LEAST) > longest
        && text.trim_ascii_start().starts_with('{')
        && !text.contains(TRACEPARENT)
    {
        diagnostics::no_room(carrier);
    }
    Some(spliced?.text)
}

/// The context that the text already carries, as a link to it: the user's own, which stays.
pub(super) fn own_context(lamplight: &Lamplight, text: &str) -> Option<Link> {
    if !text.contains(TRACEPARENT) {
        return None;
    }
    let incoming = lamplight
        .extractor
        .extract(&Invocation::new(text.as_bytes(), ""));
    let span = incoming.parent.span().span_context().clone();
    span.is_valid().then(|| Link::new(span, Vec::new(), 0))
}
