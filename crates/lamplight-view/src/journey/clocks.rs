//! Correction of clocks that are definitely wrong.
//!
//! Nothing can begin before its caller. If a span in another process seems to, its clock is
//! corrected by the minimum that makes it possible. Other oddities of times are left unchanged.

use std::sync::Arc;

use crate::span::{Resource, Span};

/// A span whose clock serves as the reference for others, and the shift of that clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reference<'a> {
    pub(super) span: &'a Span,
    pub(super) shift: i64,
}

/// Returns the nanoseconds to add to the times of a span below `above`.
pub(super) fn shift(span: &Span, above: Reference<'_>) -> i64 {
    if is_same_process(&span.resource, &above.span.resource) {
        return above.shift;
    }
    let begun = above.span.start.saturating_add_signed(above.shift);
    if span.start >= begun {
        return 0;
    }
    // Both may be on a machine with the same wrong clock.
    if span.start >= above.span.start {
        return above.shift;
    }
    i64::try_from(begun - span.start).unwrap_or(i64::MAX)
}

/// Returns whether two spans were recorded by the same process, as far as can be determined.
pub(super) fn is_same_process(one: &Arc<Resource>, other: &Arc<Resource>) -> bool {
    Arc::ptr_eq(one, other) || one == other
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Reference, shift};
    use crate::span::{Resource, Span};

    fn span(process: &str, start: u64) -> Span {
        let resource = Resource {
            schema_url: process.to_owned(),
            ..Resource::default()
        };
        Span {
            start,
            ..Span::empty(Arc::new(resource), Arc::default())
        }
    }

    #[test]
    fn a_clock_is_shifted_only_where_it_must_be_wrong() {
        let above = span("a", 1_000);
        let right = Reference {
            span: &above,
            shift: 0,
        };
        assert_eq!(shift(&span("b", 1_000), right), 0);
        assert_eq!(shift(&span("b", 10_000), right), 0);
        assert_eq!(shift(&span("b", 400), right), 600);
        // The order within a process is reliable, even if it looks odd.
        assert_eq!(shift(&span("a", 400), right), 0);
        let shifted = Reference {
            span: &above,
            shift: 5_000,
        };
        assert_eq!(shift(&span("a", 1_200), shifted), 5_000);
        assert_eq!(shift(&span("b", 6_000), shifted), 0);
        assert_eq!(shift(&span("b", 1_200), shifted), 5_000);
        assert_eq!(shift(&span("b", 900), shifted), 5_100);
        let late = span("a", u64::MAX);
        let late = Reference {
            span: &late,
            shift: i64::MAX,
        };
        assert_eq!(shift(&span("b", 0), late), i64::MAX);
    }
}
