//! The sources of events, one file per source: how it is recognized, the place of its context, its
//! attributes, the identifiers of its records, and the spans of the services an event waited in.
//!
//! To add a source, write its file, declare the module here, and add a line to the list in `list.rs`.

mod active_mq;
mod aggregated;
mod alb;
mod api_gateway_v1;
mod api_gateway_v2;
mod appsync;
mod authorizer;
mod cloudfront;
mod documentdb;
mod durable;
mod dynamodb;
mod event;
mod eventbridge;
mod function_url;
pub(super) mod http;
pub(super) mod journey;
mod kafka;
mod kinesis;
mod lambda_destination;
mod list;
mod mapping;
pub(super) mod message;
mod plain;
mod rabbit_mq;
pub(super) mod rare;
mod records;
mod s3;
mod s3_object_lambda;
mod scheduled;
mod sns;
mod sqs;
mod step_functions;
mod vpc_lattice;
mod websocket;

use super::{
    Incoming,
    findings::{Findings, FoundContext},
    inferred::InferredSpan,
    members::{Event, RecordMembers},
    path::Path,
    search::ContextSearch,
};
use crate::json::Value;

pub use self::list::Source;
pub(super) use self::{
    event::{PassedOn, TopMembers},
    records::ReadRecords,
};

use self::{event::EventSource, list::sources, records::Batched};

/// The maximum number of elements that are searched for one that identifies its service.
const MAX_UNKNOWN: usize = 16;

/// Reads the records of an event; `None` if they are from no known service.
pub(super) fn read_records(
    search: &mut ContextSearch<'_>,
    event: &Event<'_>,
    records: Value<'_>,
) -> Option<ReadRecords> {
    let mut elements = records.elements();
    let mut first = RecordMembers::read(elements.next()?);
    let mut source = recognize_record(&first);
    // The first record may not identify its service.
    let mut is_first = true;
    let mut left = MAX_UNKNOWN;
    while source == Source::Unknown && left > 0 {
        left -= 1;
        first = RecordMembers::read(elements.next()?);
        source = recognize_record(&first);
        is_first = false;
    }
    if source == Source::Unknown {
        return None;
    }
    let root = Path::Root;
    let is_piped = event.records().is_none();
    let batch = Batched {
        source,
        records,
        first,
        is_first,
        at: match is_piped {
            true => root,
            false => root.member("Records"),
        },
        is_piped,
    };
    read_batch(search, source, &batch)
}

/// Returns the service that a record comes from: by its name, otherwise by a member that only this service
/// has.
fn recognize_record(members: &RecordMembers<'_>) -> Source {
    match recognize_by_name(members) {
        Source::Unknown => recognize_by_members(members),
        source => source,
    }
}

/// Expands to an expression for an [`EventSource`] of the list; `None` for other lines.
macro_rules! as_event {
    (both $($rest:tt)+) => { as_event!(event $($rest)+) };
    (event ($by:ty) TOP_MEMBERS) => { Some(<$by as EventSource>::TOP_MEMBERS) };
    (event ($by:ty) $does:ident ($($with:expr),*)) => { Some(<$by as EventSource>::$does($($with),*)) };
    ($($other:tt)*) => { None };
}

/// Expands to a call for a [`RecordSource`] of the list; `None` for other lines.
macro_rules! as_records {
    (both $($rest:tt)+) => { as_records!(records $($rest)+) };
    (records ($by:ty) {$($does:tt)+}($($with:expr),*)) => { Some($($does)+::<$by>($($with),*)) };
    ($($other:tt)*) => { None };
}

macro_rules! dispatch {
    ($($(#[doc = $doc:literal])+ $source:ident = $name:literal, $trigger:ident, $kind:ident $(($by:ty))?;)+) => {
        /// Returns the source that writes events with these members.
        pub(super) fn recognize(event: &Event<'_>) -> Source {
            $(if let Some(true) = as_event!($kind $(($by))? recognizes(event)) {
                return Source::$source;
            })+
            event.rare.source().unwrap_or(Source::Unknown)
        }

        /// Reads the context and the attributes of an event from `source`.
        pub(super) fn read(
            search: &mut ContextSearch<'_>,
            source: Source,
            event: &Event<'_>,
        ) -> Findings {
            match source {
                $(Source::$source => as_event!($kind $(($by))? read(search, event)),)+
            }
            .unwrap_or_else(|| search.findings())
        }

        /// Returns the original event inside an event from `source`.
        pub(super) fn passes_on<'a>(source: Source, event: &Event<'a>) -> Option<PassedOn<'a>> {
            match source {
                $(Source::$source => as_event!($kind $(($by))? passes_on(event)),)+
            }
            .flatten()
        }

        /// Returns the owner of the context members of an event from `source`.
        pub(super) fn top_members(source: Source) -> TopMembers {
            match source {
                $(Source::$source => as_event!($kind $(($by))? TOP_MEMBERS),)+
            }
            .unwrap_or(TopMembers::Caller)
        }

        /// Adds spans for the services that an event from `source` passed through, from the function
        /// outwards.
        pub(super) fn infer(document: Value<'_>, incoming: &Incoming, spans: &mut Vec<InferredSpan>) {
            match incoming.source {
                $(Source::$source => {
                    let event: Option<()> = as_event!($kind $(($by))? infer(document, incoming, spans));
                    if event.is_none() {
                        let _: Option<()> = as_records!($kind $(($by))? {journey::of_batch}(document, spans));
                    }
                })+
            }
        }

        /// Returns the service that a record names.
        fn recognize_by_name(members: &RecordMembers<'_>) -> Source {
            $(if let Some(true) = as_records!($kind $(($by))? {records::is_named}(members)) {
                return Source::$source;
            })+
            Source::Unknown
        }

        /// Returns the only service whose records have some member of this record.
        fn recognize_by_members(members: &RecordMembers<'_>) -> Source {
            $(if let Some(true) = as_records!($kind $(($by))? {records::has_members}(members)) {
                return Source::$source;
            })+
            Source::Unknown
        }

        /// Reads the records of a batch from `source`; `None` if the source does not deliver records.
        fn read_batch(
            search: &mut ContextSearch<'_>,
            source: Source,
            batch: &Batched<'_, '_>,
        ) -> Option<ReadRecords> {
            match source {
                $(Source::$source => as_records!($kind $(($by))? {records::read_as}(search, batch)),)+
            }
        }

        impl ContextSearch<'_> {
            /// Searches one record, wherever it is.
            pub(super) fn in_record(
                &mut self,
                record: Value<'_>,
                at: &Path<'_>,
                depth: u8,
            ) -> Option<FoundContext> {
                let members = &RecordMembers::read(record);
                match recognize_record(members) {
                    $(Source::$source => {
                        as_records!($kind $(($by))? {records::context}(self, members, at, depth))?
                    })+
                }
            }
        }
    };
}

sources!(dispatch);
