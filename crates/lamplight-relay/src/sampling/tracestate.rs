//! Parsing of tracestates, as far as sampling needs it.

use super::{randomness::Randomness, threshold::Threshold};

/// Maximum number of members of a tracestate.
pub(super) const MAX_MEMBERS: usize = 32;

/// Maximum length of the member `ot`, in bytes.
pub(super) const MAX_VALUE: usize = 256;

/// A tracestate, with the sampling values of its member `ot`.
///
/// A tracestate that violates the W3C or OpenTelemetry specification has no values and is not
/// changed: one with members without `=` or with duplicate keys, more than 32 members, an `ot` of
/// more than 256 bytes, sub-keys without `:` or duplicate ones, or invalid characters.
#[derive(Debug, Clone, Copy)]
pub struct TraceState<'a> {
    pub(super) text: &'a [u8],
    /// The value of the member `ot`; empty if there is none.
    pub(super) ot: &'a [u8],
    pub(super) state: State,
}

/// The validity of a tracestate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// There are no members.
    Empty,
    /// There are members, and all are well-formed.
    Valid,
    /// It is malformed.
    Malformed,
}

impl<'a> TraceState<'a> {
    /// Parses the text of a header, which may be empty.
    #[inline]
    pub fn new(text: &'a [u8]) -> Self {
        // The most common case.
        if text.is_empty() {
            let (ot, state) = (text, State::Empty);
            return Self { text, ot, state };
        }
        Self::parse(text)
    }

    fn parse(text: &'a [u8]) -> Self {
        let mut ot = None;
        let mut keys = [&b""[..]; MAX_MEMBERS];
        let mut free = keys.iter_mut();
        let mut count = 0;
        for member in members(text) {
            count += 1;
            let split = split_once(member, b'=');
            let valid = split.is_some_and(|(key, value)| is_key(key) && is_value(value));
            let (Some((key, value)), Some(slot), true) = (split, free.next(), valid) else {
                return Self::malformed(text);
            };
            *slot = key;
            if key == b"ot" {
                // `ot=` is allowed, as an empty value.
                if !value.is_empty() && !is_list(value) {
                    return Self::malformed(text);
                }
                ot = Some(value);
            }
        }
        let keys = keys.get_mut(..count).unwrap_or_default();
        keys.sort_unstable();
        if keys
            .windows(2)
            .any(|pair| matches!(pair, [first, second] if first == second))
        {
            return Self::malformed(text);
        }
        let state = match count {
            0 => State::Empty,
            _ => State::Valid,
        };
        let ot = ot.unwrap_or_default();
        Self { text, ot, state }
    }

    fn malformed(text: &'a [u8]) -> Self {
        let (ot, state) = (&[][..], State::Malformed);
        Self { text, ot, state }
    }

    /// Returns whether it is valid; an empty one is.
    pub fn is_valid(&self) -> bool {
        self.state != State::Malformed
    }

    /// Returns the threshold that was passed so far (`th`); `None` if it is missing or invalid.
    #[inline]
    pub fn threshold(&self) -> Option<Threshold> {
        Threshold::from_th(self.sub_key(b"th")?)
    }

    /// Returns the explicit randomness (`rv`).
    #[inline]
    pub fn randomness(&self) -> Option<Randomness> {
        Randomness::from_rv(self.sub_key(b"rv")?)
    }

    /// Returns the value of a sub-key of `ot`.
    pub(super) fn sub_key(&self, wanted: &[u8]) -> Option<&'a [u8]> {
        if self.ot.is_empty() {
            return None;
        }
        let mut pairs = self.ot.split(|byte| *byte == b';');
        pairs.find_map(|pair| {
            let (key, value) = split_once(pair, b':')?;
            (key == wanted).then_some(value)
        })
    }
}

impl Randomness {
    /// Returns the explicit randomness of a span's tracestate (`rv` in `ot`), or else the last 56
    /// bits of its trace id.
    ///
    /// Trace ids in X-Ray's format have the time in their first four bytes only, so their last bits
    /// are random too.
    #[inline]
    pub fn of(trace_state: &[u8], trace_id: &[u8; 16]) -> Self {
        let explicit = TraceState::new(trace_state).randomness();
        explicit.unwrap_or_else(|| Self::of_trace_id(trace_id))
    }
}

/// Returns the members of a tracestate, trimmed and without empty ones.
pub(super) fn members(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let members = text.split(|byte| *byte == b',');
    members
        .map(<[u8]>::trim_ascii)
        .filter(|member| !member.is_empty())
}

/// Returns the key and the value of a pair.
pub(super) fn split_once(pair: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(separator, pair)?;
    let (key, rest) = pair.split_at_checked(at)?;
    Some((key, rest.get(1..)?))
}

/// Returns whether this is a valid key of a member: by level 2 of the specification, which includes
/// all keys of level 1.
fn is_key(key: &[u8]) -> bool {
    let starts = key
        .first()
        .is_some_and(|first| first.is_ascii_lowercase() || first.is_ascii_digit());
    let rest =
        |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-*/@".contains(byte);
    starts && key.len() <= 256 && key.iter().all(rest)
}

/// Returns whether this is a valid value of a member: printable characters except comma and equals
/// sign.
fn is_value(value: &[u8]) -> bool {
    let allowed = |byte: &u8| matches!(byte, b' '..=b'~') && *byte != b'=';
    value.len() <= MAX_VALUE && value.iter().all(allowed)
}

/// Returns whether this is a valid value of `ot`: `key:value` pairs separated by semicolons, each
/// key once.
fn is_list(list: &[u8]) -> bool {
    let pairs = || list.split(|byte| *byte == b';');
    let well_formed = pairs().all(|pair| {
        split_once(pair, b':').is_some_and(|(key, value)| {
            key.first().is_some_and(u8::is_ascii_lowercase)
                && key
                    .iter()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
                && value
                    .iter()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte))
        })
    });
    // A list of 256 bytes has at most 85 pairs.
    let key = |pair| split_once(pair, b':').map(|(key, _)| key);
    let twice = || {
        pairs().enumerate().any(|(position, pair)| {
            let mut later = pairs().skip(position + 1);
            later.any(|other| key(other) == key(pair))
        })
    };
    well_formed && !twice()
}
