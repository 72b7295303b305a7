//! Rows of the table of invocations.

use super::Invocation;
use crate::{facts::Facts, span::Span};

impl Invocation {
    /// Returns an invocation as a row.
    pub(super) fn of(span: &Span) -> Self {
        let facts = Facts::of(span);
        let owned = |text: Option<&str>| text.filter(|it| !it.is_empty()).map(str::to_owned);
        let exception = facts.exception.map(|(_, message)| message);
        Self {
            id: span.id(),
            function: facts.function.to_owned(),
            version: owned(facts.version),
            name: span.name.clone(),
            start: span.start,
            duration: span.duration(),
            outcome: facts.outcome,
            error_type: owned(facts.error_type),
            message: owned(exception).or_else(|| owned(Some(&span.status_message))),
            trigger: owned(facts.trigger),
            cold: facts.cold,
            records: facts.message_count,
            failed: facts.failed_count,
        }
    }
}
