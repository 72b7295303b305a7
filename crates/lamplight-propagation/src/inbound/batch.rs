//! The contexts of a batch: a link for each record, or the parent for a batch of one.

use lamplight_semconv::messaging::batch::message_count;
use opentelemetry::KeyValue;

use super::{
    RecordPolicy, Trust,
    findings::{Findings, FoundContext},
    search::ContextSearch,
};

/// The contexts of the records read so far.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) findings: Findings,
    count: usize,
    /// The approximate number of records, if known. It sizes the list of links, which are many small values.
    expected: usize,
    /// The context of the first record, kept here while it may be the only one.
    first: Option<FoundContext>,
}

impl Batch {
    /// Returns a batch without records.
    pub(super) fn new(search: &ContextSearch<'_>, expected: usize) -> Self {
        Self {
            findings: search.findings(),
            count: 0,
            expected,
            first: None,
        }
    }

    /// Returns the number of records.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Returns the approximate number of records to come.
    pub(super) fn expected(&self) -> usize {
        self.expected
    }

    /// Adds the context of one more record. The attributes are for its link, and for the link to the first
    /// record, which is created when a second record arrives.
    #[inline]
    pub(super) fn add(
        &mut self,
        search: &mut ContextSearch<'_>,
        found: Option<FoundContext>,
        attributes: impl FnOnce() -> Vec<KeyValue>,
        attributes_of_first: impl FnOnce() -> Vec<KeyValue>,
    ) {
        self.count += 1;
        if self.count == 1 {
            self.first = found;
            return;
        }
        if self.count == 2 && (self.first.is_some() || found.is_some()) {
            let room = self.expected.min(search.config.link_limit);
            self.findings.links.reserve(room);
        }
        if let Some(first) = self.first.take() {
            search.link(&mut self.findings, first, attributes_of_first);
        }
        if let Some(found) = found {
            search.link(&mut self.findings, found, attributes);
        }
    }

    /// Adds another context of the record added last. That record then has several, so none of them can
    /// become the parent.
    pub(super) fn add_more(
        &mut self,
        search: &mut ContextSearch<'_>,
        found: Option<FoundContext>,
        attributes: impl Fn() -> Vec<KeyValue>,
    ) {
        for context in [self.first.take(), found].into_iter().flatten() {
            search.link(&mut self.findings, context, &attributes);
        }
    }

    /// Adds the number of messages to the attributes.
    pub(super) fn add_count(&mut self) {
        let count = i64::try_from(self.count).unwrap_or(i64::MAX);
        self.findings.attributes.push(message_count(count));
    }

    /// Returns the findings. The attributes are for the link to the only record.
    pub(super) fn finish(
        mut self,
        search: &mut ContextSearch<'_>,
        attributes: impl FnOnce() -> Vec<KeyValue>,
    ) -> Findings {
        let records = search.config.records;
        self.findings.context = match self.first {
            // Trust in the record's sender is decided later, when all contexts are known.
            Some(only) if records != RecordPolicy::Continue => {
                let applied = only.apply(Trust::Continue, records);
                if let Some(linked) = applied.linked {
                    search.link(&mut self.findings, linked, attributes);
                }
                applied.continued
            }
            only => only,
        };
        self.findings
    }
}
