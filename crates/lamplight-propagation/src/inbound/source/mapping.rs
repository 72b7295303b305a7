//! Batches in an object of their own, as event source mappings of Kafka and of message brokers deliver them.

use super::message::{self, Message, Scope, process};
use crate::inbound::{
    batch::Batch, findings::Findings, items::BatchItems, path::Path, search::ContextSearch,
};

/// The messages of a batch read so far.
pub(super) struct Mapping<M> {
    batch: Batch,
    first: Option<M>,
}

impl<M: Message> Mapping<M> {
    /// Returns a batch without messages.
    pub(super) fn new(search: &ContextSearch<'_>) -> Self {
        Self {
            batch: Batch::new(search, 0),
            first: None,
        }
    }

    /// Returns the identifiers of the messages.
    pub(super) fn items(&mut self) -> &mut BatchItems {
        &mut self.batch.findings.items
    }

    /// Returns the number of messages.
    pub(super) fn count(&self) -> usize {
        self.batch.count()
    }

    /// Returns the first message.
    pub(super) fn first(&self) -> Option<&M> {
        self.first.as_ref()
    }

    /// Adds a message.
    pub(super) fn add(&mut self, search: &mut ContextSearch<'_>, message: M, at: &Path<'_>) {
        let found = message::context(&message, search, at, 0);
        let own = |of: &M| of.own_attributes().collect();
        let of_first = || self.first.as_ref().map_or_else(Vec::new, own);
        self.batch.add(search, found, || own(&message), of_first);
        self.first.get_or_insert(message);
    }

    /// Returns the findings, with the attributes of the batch.
    pub(super) fn finish(mut self, search: &mut ContextSearch<'_>) -> Findings {
        let is_single = self.batch.count() == 1;
        if search.describes() {
            self.batch.add_count();
        }
        let first = self.first;
        let mut findings = self.batch.finish(search, || {
            let first = first.as_ref();
            first.map_or_else(Vec::new, |first| first.own_attributes().collect())
        });
        if search.describes() {
            let scope = Scope {
                is_single,
                operation: None,
            };
            let out = &mut findings.attributes;
            match first {
                Some(first) => first.describe(scope, out),
                None => out.extend(M::SYSTEM.into_iter().flat_map(process)),
            }
        }
        findings
    }
}
