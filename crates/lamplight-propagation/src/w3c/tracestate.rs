//! The `tracestate` field (Trace Context level 2, section 3.3).

use std::{error, fmt};

use opentelemetry::{
    Context,
    trace::{SpanContext, TraceId, TraceState},
};

const MAX_MEMBERS: usize = 32;

/// Members longer than this are the first to be dropped when the list has to be shortened (section 3.3.1.5).
const LONG_MEMBER: usize = 128;

/// The reason a `tracestate` was discarded as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TracestateError {
    /// A member is not `key=value` in the characters and lengths the grammar allows.
    Member,
    /// There are more than 32 members.
    TooMany,
}

impl fmt::Display for TracestateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Member => "a member breaks the key or value grammar",
            Self::TooMany => "more than 32 members",
        })
    }
}

impl error::Error for TracestateError {}

/// A valid list and, if `TraceState` cannot hold it, its text.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    pub(crate) state: TraceState,
    /// Boxed, because it is rare and large.
    pub(crate) text: Option<Box<TracestateText>>,
}

/// The text of a valid list that [`TraceState`] does not accept.
///
/// `TraceState` applies the vendor rule of level 1 to keys with an `@`; level 2 does not have it. The text is
/// kept in the context beside the span context, and is written back as long as the state is unchanged.
#[derive(Debug, Clone)]
pub(crate) struct TracestateText {
    text: String,
    stands_for: TraceState,
    trace_id: TraceId,
}

/// Parses the list of one trace from all its header values, in order. Returns `None` if it is empty.
pub(crate) fn parse<'a>(
    trace_id: TraceId,
    values: impl IntoIterator<Item = &'a str>,
) -> Result<Option<Parsed>, TracestateError> {
    let mut members = Vec::new();
    for value in values {
        for member in value.split(',') {
            let member = member.trim_matches([' ', '\t']);
            if member.is_empty() {
                continue;
            }
            let pair = member.split_once('=').ok_or(TracestateError::Member)?;
            if !valid_key(pair.0) || !valid_value(pair.1) {
                return Err(TracestateError::Member);
            }
            if members.len() == MAX_MEMBERS {
                return Err(TracestateError::TooMany);
            }
            members.push(pair);
        }
    }
    if members.is_empty() {
        return Ok(None);
    }
    if let Ok(state) = TraceState::from_key_value(members.iter().copied()) {
        return Ok(Some(Parsed { state, text: None }));
    }
    let holdable = members
        .iter()
        .copied()
        .filter(|pair| TraceState::from_key_value([*pair]).is_ok());
    let state = TraceState::from_key_value(holdable).unwrap_or_default();
    let text = members
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect::<Vec<_>>();
    let text = TracestateText {
        text: text.join(","),
        stands_for: state.clone(),
        trace_id,
    };
    Ok(Some(Parsed {
        state,
        text: Some(Box::new(text)),
    }))
}

/// Returns the list to write for the span of `cx`, or `None` if there is none.
pub(crate) fn to_text(cx: &Context, span: &SpanContext) -> Option<String> {
    if let Some(kept) = cx.get::<TracestateText>()
        && kept.trace_id == span.trace_id()
        && kept.stands_for == *span.trace_state()
    {
        return Some(kept.text.clone());
    }
    let mut text = String::new();
    for (key, value) in span.trace_state() {
        // Another propagator or a sampler may have added an invalid member.
        if valid_key(key) && valid_value(value) {
            if !text.is_empty() {
                text.push(',');
            }
            text.push_str(key);
            text.push('=');
            text.push_str(value);
        }
    }
    (!text.is_empty()).then_some(text)
}

/// Shortens a list by whole members until `fits` holds: first the members over 128 characters, rightmost
/// first, then from the right (section 3.3.1.5). Returns `None` if no member is left.
pub(crate) fn truncate(text: &str, fits: impl Fn(&str) -> bool) -> Option<String> {
    if fits(text) {
        return Some(text.to_owned());
    }
    let mut members: Vec<&str> = text.split(',').collect();
    while !members.is_empty() {
        let last_long = members
            .iter()
            .rposition(|member| member.len() > LONG_MEMBER);
        members.remove(last_long.unwrap_or(members.len() - 1));
        let shorter = members.join(",");
        if !shorter.is_empty() && fits(&shorter) {
            return Some(shorter);
        }
    }
    None
}

/// Returns whether a key matches `( lcalpha / DIGIT ) 0*255 ( lcalpha / DIGIT / "_" / "-" / "*" / "/" / "@"
/// )`.
fn valid_key(key: &str) -> bool {
    let first = key.bytes().next();
    key.len() <= 256
        && first.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        && key.bytes().all(|b| {
            b.is_ascii_lowercase()
                || b.is_ascii_digit()
                || matches!(b, b'_' | b'-' | b'*' | b'/' | b'@')
        })
}

/// Returns whether a value has 1 to 256 printable characters except `,` and `=`, the last not a space.
fn valid_value(value: &str) -> bool {
    value.len() <= 256
        && value
            .bytes()
            .all(|b| matches!(b, b' '..=b'~') && b != b',' && b != b'=')
        && value.bytes().next_back().is_some_and(|b| b != b' ')
}
