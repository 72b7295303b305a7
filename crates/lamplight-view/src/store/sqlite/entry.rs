//! The rows of a span in the tables.

use super::{
    filter::Class,
    hash::hash,
    number::{of_span, of_trace},
};
use crate::{
    facts::{Facts, Outcome, Role},
    span::Span,
    store::calls::{Call, call},
};

/// The data of a span in the tables. The same span always gives the same entry, so that its rows
/// can be found again and removed.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub(super) facts: Facts<'a>,
    pub(super) is_error: bool,
    pub(super) call: Option<Call<'a>>,
    /// Hash of its message id.
    pub(super) message: Option<i64>,
    /// The targets of its links: a span id, and half of its trace id.
    pub(super) links: Vec<(i64, i64)>,
}

impl<'a> Entry<'a> {
    pub(super) fn of(span: &'a Span) -> Self {
        let facts = Facts::of(span);
        let links = span.links.iter().map(|link| link.to);
        Self {
            is_error: facts.outcome != Outcome::Ok,
            call: call(span, &facts),
            message: facts.message_id.map(message),
            links: links
                .map(|to| (of_span(to.span), of_trace(to.trace)))
                .collect(),
            facts,
        }
    }

    pub(super) fn is_invocation(&self) -> bool {
        self.facts.role == Role::Invocation
    }

    /// Returns the class of filters that contains the span.
    pub(super) fn class(&self) -> Class {
        if self.is_invocation() {
            Class::Invocations
        } else {
            Class::Others
        }
    }
}

/// Returns the hash of a message id.
pub(super) fn message(id: &str) -> i64 {
    hash(0, id.as_bytes()).cast_signed()
}
