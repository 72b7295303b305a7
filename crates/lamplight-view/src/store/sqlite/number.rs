//! Numbers as stored in SQLite.

use crate::{
    facts::Outcome,
    span::{SpanId, TraceId},
};

/// Returns a signed number with the same order: the minimum of one type is the minimum of the
/// other.
pub(super) const fn ordered(number: u64) -> i64 {
    (number ^ (1 << 63)).cast_signed()
}

/// Returns the number for which [`ordered`] returned this.
pub(super) const fn unordered(number: i64) -> u64 {
    number.cast_unsigned() ^ (1 << 63)
}

/// Returns the id of a span as a number.
pub(super) const fn of_span(id: SpanId) -> i64 {
    i64::from_be_bytes(id.0)
}

/// Returns the second half of a trace id as a number: enough for a lookup, but not unique.
pub(super) fn of_trace(id: TraceId) -> i64 {
    let half = id.0.last_chunk().copied();
    i64::from_be_bytes(half.unwrap_or_default())
}

/// Returns a count, saturated at the maximum.
pub(super) fn count(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

/// Returns a stored count.
pub(super) fn counted(number: i64) -> u64 {
    number.try_into().unwrap_or_default()
}

/// Returns an outcome as a number.
pub(super) const fn of_outcome(outcome: Outcome) -> i64 {
    match outcome {
        Outcome::Ok => 0,
        Outcome::Error => 1,
        Outcome::Timeout => 2,
    }
}

/// Returns the outcome with this number.
pub(super) const fn outcome(number: i64) -> Outcome {
    match number {
        0 => Outcome::Ok,
        2 => Outcome::Timeout,
        _ => Outcome::Error,
    }
}

#[cfg(test)]
mod tests {
    use super::{ordered, unordered};

    #[test]
    fn times_beyond_signed_numbers_keep_their_order() {
        let times = [0, 1, 1 << 62, (1 << 63) - 1, 1 << 63, u64::MAX];
        let signed = times.map(ordered);
        assert!(signed.is_sorted());
        assert_eq!(signed.map(unordered), times);
    }
}
