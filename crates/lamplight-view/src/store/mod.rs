//! Stores of spans, and the queries that pages need.

mod answer;
mod calls;
#[cfg(feature = "clickhouse")]
mod clickhouse;
mod condition;
mod counts;
mod drawing;
mod error;
mod query;
mod row;
mod sqlite;

pub use answer::{
    Added, Count, Difference, Edge, Function, Invocation, Invocations, Map, Node, NodeKind, State,
    TraceRow,
};
#[cfg(feature = "clickhouse")]
pub use clickhouse::ClickHouseStore;
pub use condition::Condition;
pub use error::StoreError;
pub use query::{Query, Side, Window};
pub use sqlite::{Settings, SqliteStore};

use crate::{
    journey::Around,
    span::{Span, SpanRef, TraceId},
};

/// A store of spans. Calls block, so asynchronous code must make them on a thread that may block.
///
/// Spans may arrive more than once and in any order. Exact copies are one span, which counts them
/// ([`Span::times`]).
pub trait Store: Send + Sync {
    /// Adds the spans of an OTLP request in protobuf.
    ///
    /// An invalid span is counted in [`Added::refused`]; the others are kept.
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot write; in this case nothing of the request was added.
    fn add(&self, request: &[u8]) -> Result<Added, StoreError>;

    /// Returns every function with its statistics, the one with the most recent invocation first.
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot be read, as do all following methods.
    fn functions(&self, window: Window) -> Result<Vec<Function>, StoreError>;

    /// Returns the newest invocations that match a query, newest first.
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot be read, or if a condition of the query is invalid.
    fn invocations(&self, query: &Query) -> Result<Invocations, StoreError>;

    /// Returns the most recent traces that match a query, newest first. A trace matches if a single
    /// span meets the query's conditions, function, outcome, trigger and cold start. The duration
    /// is that of the whole trace.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Store::invocations`].
    fn traces(&self, query: &Query) -> Result<Vec<TraceRow>, StoreError>;

    /// Returns the spans of a trace, and those of other traces that belong to its journey.
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot be read.
    fn around(&self, trace: TraceId) -> Result<Around, StoreError>;

    /// Returns the spans with an id: several if they differ.
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot be read.
    fn span(&self, id: SpanRef) -> Result<Vec<Span>, StoreError>;

    /// Returns the spans of one message, by `messaging.message.id`.
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot be read.
    fn message(&self, message_id: &str) -> Result<Vec<Span>, StoreError>;

    /// Returns functions, queues and other called services, and the traffic between them.
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot be read.
    fn map(&self, window: Window) -> Result<Map, StoreError>;

    /// Returns the attribute values that are more frequent among the failed (or slow) invocations
    /// that match `query` than among the others, the largest difference first.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Store::invocations`].
    fn differences(&self, query: &Query, side: Side) -> Result<Vec<Difference>, StoreError>;

    /// Returns the amount of content, and of dropped data.
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot be read.
    fn state(&self) -> Result<State, StoreError>;

    /// Returns [`State::revision`] alone, which open pages poll.
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot be read.
    fn revision(&self) -> Result<u64, StoreError> {
        Ok(self.state()?.revision)
    }
}
