//! Batches of records, in an array named `Records` or in the bare array that a pipe delivers.

use opentelemetry::KeyValue;

use super::{
    Source,
    message::{self, Message, Scope},
};
use crate::{
    inbound::{
        batch::Batch,
        findings::{Findings, FoundContext},
        items,
        members::RecordMembers,
        path::Path,
        search::ContextSearch,
    },
    json::{Place, Value},
};

/// A source of records.
pub(super) trait RecordSource {
    /// The possible values of a record's `eventSource`.
    const NAMES: &'static [&'static str];

    /// True if each record is a message, so that their number is recorded.
    const IS_COUNTED: bool = false;

    /// True for streams, which deliver the records after a failed one again.
    const IS_STREAM: bool = false;

    /// True if a function's response may name single records.
    const HAS_ITEMS: bool = false;

    /// A record as it can be read.
    type Record<'r>: Message;

    /// Returns whether a record has members that only this source's records have, for records without a name
    /// or with a different one.
    fn has_members(_members: &RecordMembers<'_>) -> bool {
        false
    }

    /// Returns a readable view of a record.
    fn record<'r>(members: &'r RecordMembers<'r>) -> Self::Record<'r>;

    /// Returns whether nothing of interest can follow these members. An optimization only.
    fn is_complete(_seen: &RecordMembers<'_>) -> bool {
        false
    }

    /// Returns the place of the identifier by which a function's response names a record. Records delivered
    /// by a pipe may have a different one.
    fn item_at(_members: &RecordMembers<'_>, _is_piped: bool) -> Place {
        Place::default()
    }

    /// Reads all records.
    fn read(search: &mut ContextSearch<'_>, batch: &Batched<'_, '_>) -> ReadRecords
    where
        Self: Sized,
    {
        read::<Self>(search, batch)
    }
}

/// Records, of which the first one that identifies its service has been read.
pub(super) struct Batched<'a, 'p> {
    pub(super) source: Source,
    pub(super) records: Value<'a>,
    pub(super) first: RecordMembers<'a>,
    /// True if it is the first of all records.
    pub(super) is_first: bool,
    pub(super) at: Path<'p>,
    /// True if a pipe delivered the records.
    pub(super) is_piped: bool,
}

/// The result of reading records.
pub(in crate::inbound) struct ReadRecords {
    pub(in crate::inbound) source: Source,
    pub(in crate::inbound) findings: Findings,
    /// The position at which their array ends.
    pub(in crate::inbound) end: Option<usize>,
}

/// Returns whether a record names this source.
pub(super) fn is_named<S: RecordSource>(members: &RecordMembers<'_>) -> bool {
    S::NAMES.iter().any(|name| members.is_from(name))
}

/// Returns [`RecordSource::has_members`], for the list.
pub(super) fn has_members<S: RecordSource>(members: &RecordMembers<'_>) -> bool {
    S::has_members(members)
}

/// Returns [`RecordSource::read`], for the list.
pub(super) fn read_as<S: RecordSource>(
    search: &mut ContextSearch<'_>,
    batch: &Batched<'_, '_>,
) -> ReadRecords {
    S::read(search, batch)
}

/// Returns the context of one record.
pub(super) fn context<S: RecordSource>(
    search: &mut ContextSearch<'_>,
    members: &RecordMembers<'_>,
    at: &Path<'_>,
    depth: u8,
) -> Option<FoundContext> {
    message::context(&S::record(members), search, at, depth)
}

/// Reads records: the context and the identifier of each, and the attributes of all.
pub(super) fn read<S: RecordSource>(
    search: &mut ContextSearch<'_>,
    batched: &Batched<'_, '_>,
) -> ReadRecords {
    if !search.describes() {
        return read_alone::<S>(search, batched);
    }
    let first = S::record(&batched.first);
    let mut batch = Batch::new(search, batched.first.and_alike());
    if S::IS_STREAM {
        batch.findings.items.set_stream();
    }
    let mut operation = first.operation();
    let mut elements = batched.records.elements();
    let mut end = None;
    if batched.is_first {
        add::<S>(search, &mut batch, batched, &batched.first, &first);
        elements.next();
        end = batched.first.end;
    }
    loop {
        if let Some(end) = end {
            elements.resume_at(end);
        }
        let Some(element) = elements.next() else {
            break;
        };
        let members = RecordMembers::read_next(element, S::is_complete);
        if operation.is_some() && operation != S::record(&members).operation() {
            operation = None;
        }
        add::<S>(search, &mut batch, batched, &members, &first);
        end = members.end;
    }
    let scope = Scope {
        is_single: batch.count() == 1,
        operation,
    };
    if S::IS_COUNTED {
        batch.add_count();
    }
    let mut findings = batch.finish(search, || first.own_attributes().collect());
    first.describe(scope, &mut findings.attributes);
    ReadRecords {
        source: batched.source,
        findings,
        end: elements.end(),
    }
}

#[inline(always)]
fn add<S: RecordSource>(
    search: &mut ContextSearch<'_>,
    batch: &mut Batch,
    batched: &Batched<'_, '_>,
    members: &RecordMembers<'_>,
    first: &S::Record<'_>,
) {
    let at = batched.at.element(batch.count());
    let record = S::record(members);
    if S::HAS_ITEMS {
        let at = S::item_at(members, batched.is_piped);
        let id = members.document().and_then(|beside| items::id(at, beside));
        let expected = batch.expected();
        batch.findings.items.push(id, expected);
    }
    let own = || record.own_attributes().collect();
    let own_of_first = || match batched.is_first {
        true => first.own_attributes().collect(),
        false => Vec::new(),
    };
    if add_packed(search, batch, &record, &at, own, own_of_first) {
        return;
    }
    let found = message::context(&record, search, &at, 0);
    batch.add(search, found, own, own_of_first);
}

/// Adds the contexts of all messages packed into one; returns `false` if there are none.
fn add_packed<M: Message>(
    search: &mut ContextSearch<'_>,
    batch: &mut Batch,
    record: &M,
    at: &Path<'_>,
    own: impl Fn() -> Vec<KeyValue>,
    own_of_first: impl Fn() -> Vec<KeyValue>,
) -> bool {
    let mut is_next = true;
    let count = message::each_packed(record, search, at, |search, found| {
        match std::mem::take(&mut is_next) {
            true => batch.add(search, found, &own, &own_of_first),
            false => batch.add_more(search, found, &own),
        }
    });
    count > 0
}

/// Reads the context of a batch of one; in a larger batch, no record is the parent.
fn read_alone<S: RecordSource>(
    search: &mut ContextSearch<'_>,
    batched: &Batched<'_, '_>,
) -> ReadRecords {
    let Batched {
        source,
        records,
        first,
        is_first,
        at,
        ..
    } = batched;
    let mut elements = records.elements();
    elements.next();
    if let (Some(end), true) = (first.end, is_first) {
        elements.resume_at(end);
    }
    let mut batch = Batch::new(search, 1);
    if elements.next().is_none() {
        let (record, at) = (S::record(first), at.element(0));
        if !add_packed(search, &mut batch, &record, &at, Vec::new, Vec::new) {
            let found = message::context(&record, search, &at, 0);
            batch.add(search, found, Vec::new, Vec::new);
        }
    } else if search.config.takes_runtime_header() {
        // It becomes the parent only if no record has a context.
        batch.findings.linked = records.elements().enumerate().any(|(index, record)| {
            let members = RecordMembers::read(record);
            let (record, at) = (S::record(&members), at.element(index));
            let mut has_span = false;
            let mut add = |found: Option<FoundContext>| {
                has_span |= found.is_some_and(|found| found.has_span());
            };
            if message::each_packed(&record, search, &at, |_, found| add(found)) == 0 {
                add(message::context(&record, search, &at, 0));
            }
            has_span
        });
    }
    ReadRecords {
        source: *source,
        findings: batch.finish(search, Vec::new),
        end: elements.end(),
    }
}
