//! The tracestate of a kept span.

use super::{
    randomness::Randomness,
    threshold::Threshold,
    tracestate::{MAX_MEMBERS, MAX_VALUE, State, TraceState, members, split_once},
};

/// The interpretation of spans without a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Heads {
    /// No head sampler has sampled them: most SDKs do not write a threshold. The default.
    #[default]
    Unsampled,
    /// It is unknown whether they were sampled: they stay without a threshold, and their adjusted
    /// count is not raised.
    Unknown,
}

/// The result of [`rewrite`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Rewritten {
    /// The tracestate stays as it is.
    Unchanged,
    /// A new tracestate has been written; it may be empty.
    Written,
}

/// Writes the tracestate of a kept span to `out`, which is cleared first. Writes nothing if the
/// tracestate stays as it is.
///
/// The new threshold is the higher one of the span's own and `threshold`, which is that of its
/// trace. It is removed if the trace's randomness is below it, or if `threshold` is `None`, which
/// stands for a decision of unknown probability. `ot` comes first, as W3C requires for changed
/// members; other members and sub-keys keep their order. If there is one member too many, the last
/// one is dropped. If `ot` would be too long, the threshold is omitted. A malformed tracestate, or
/// one with a malformed threshold, stays as it is.
///
/// ```
/// use lamplight_relay::sampling::{Heads, Rewritten, Threshold, rewrite};
///
/// let (trace_id, mut out) = ([0xff; 16], Vec::new());
/// let tenth = Some(Threshold::from_probability(0.1));
/// let before = b"vendor=1,ot=th:8;p:7";
/// let rewritten = rewrite(before, &trace_id, tenth, Heads::Unsampled, &mut out);
/// assert_eq!(rewritten, Rewritten::Written);
/// assert_eq!(out, b"ot=th:e666;p:7,vendor=1");
/// ```
pub fn rewrite(
    trace_state: &[u8],
    trace_id: &[u8; 16],
    threshold: Option<Threshold>,
    heads: Heads,
    out: &mut Vec<u8>,
) -> Rewritten {
    out.clear();
    let view = TraceState::new(trace_state);
    if view.state == State::Malformed {
        return Rewritten::Unchanged;
    }
    let given = view.sub_key(b"th");
    let own = view.threshold();
    if given.is_some() && own.is_none() {
        return Rewritten::Unchanged;
    }
    let randomness = view
        .randomness()
        .unwrap_or_else(|| Randomness::of_trace_id(trace_id));
    let new = match (own, threshold) {
        (Some(own), Some(threshold)) => Some(own.max(threshold)),
        (None, Some(threshold)) if heads == Heads::Unsampled => Some(threshold),
        _ => None,
    };
    // A threshold that the span has not passed is unrelated to the probability of keeping such
    // spans.
    let new = new.filter(|new| new.keeps(randomness));
    if new == own {
        return Rewritten::Unchanged;
    }
    let room = new.filter(|new| fits(&view, *new));
    if room.is_none() && given.is_none() {
        return Rewritten::Unchanged;
    }
    write(&view, room, out);
    Rewritten::Written
}

/// Returns whether `ot` has room for a threshold.
fn fits(view: &TraceState<'_>, threshold: Threshold) -> bool {
    let new = b"th:".len() + threshold.th().as_bytes().len();
    let others: usize = others(view).map(|pair| pair.len() + 1).sum();
    others + new <= MAX_VALUE
}

/// Returns the pairs of `ot` other than the threshold.
fn others<'a>(view: &TraceState<'a>) -> impl Iterator<Item = &'a [u8]> {
    let pairs = view.ot.split(|byte| *byte == b';');
    pairs.filter(|pair| {
        let key = split_once(pair, b':').map(|(key, _)| key);
        !matches!(key, None | Some(b"th"))
    })
}

fn write(view: &TraceState<'_>, threshold: Option<Threshold>, out: &mut Vec<u8>) {
    let is_ot = |member: &&[u8]| split_once(member, b'=').is_some_and(|(key, _)| key == b"ot");
    let mut between = &b"ot="[..];
    if let Some(threshold) = threshold {
        out.extend_from_slice(b"ot=th:");
        out.extend_from_slice(threshold.th().as_bytes());
        between = b";";
    }
    for pair in others(view) {
        out.extend_from_slice(between);
        out.extend_from_slice(pair);
        between = b";";
    }
    let most = MAX_MEMBERS - usize::from(!out.is_empty());
    for member in members(view.text)
        .filter(|member| !is_ot(member))
        .take(most)
    {
        if !out.is_empty() {
            out.push(b',');
        }
        out.extend_from_slice(member);
    }
}
