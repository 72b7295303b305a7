//! Where spans are kept, and the few questions that pages ask.

mod answer;
mod condition;
mod error;
mod query;
mod sqlite;

pub use answer::{
    Added, Count, Difference, Edge, Function, Invocation, Invocations, Map, Node, NodeKind, State,
    TraceRow,
};
pub use condition::Condition;
pub use error::StoreError;
pub use query::{Query, Side, Window};
pub use sqlite::{Settings, SqliteStore};

use crate::{
    journey::Around,
    span::{Span, SpanRef, TraceId},
};

/// A store of spans. Calls block: from asynchronous code they belong onto a thread for blocking.
///
/// Spans come at least once and in any order; an exact copy of a span that is there is counted
/// ([`Span::times`]), not kept twice.
pub trait Store: Send + Sync {
    /// Adds the spans of an OTLP request in protobuf.
    ///
    /// A span that cannot be read is counted in [`Added::refused`], and its neighbors are kept.
    ///
    /// # Errors
    ///
    /// If the store cannot write; nothing of the request was added then.
    fn add(&self, request: &[u8]) -> Result<Added, StoreError>;

    /// Returns every function with what it did, the one with the most recent invocation first.
    ///
    /// # Errors
    ///
    /// If the store cannot read; as in all that follow.
    fn functions(&self, window: Window) -> Result<Vec<Function>, StoreError>;

    /// Returns the newest invocations that a query asks for, newest first.
    ///
    /// # Errors
    ///
    /// If the store cannot read, or a condition of the query is not understood.
    fn invocations(&self, query: &Query) -> Result<Invocations, StoreError>;

    /// Returns the traces that began last, newest first, of those with a span that the query's
    /// conditions, function, outcome, trigger and cold start fit, all of them. How long is meant for
    /// the whole trace.
    ///
    /// # Errors
    ///
    /// As [`Store::invocations`].
    fn traces(&self, query: &Query) -> Result<Vec<TraceRow>, StoreError>;

    /// Returns the spans of a trace, and those of other traces that belong to its journey.
    ///
    /// # Errors
    ///
    /// If the store cannot read.
    fn around(&self, trace: TraceId) -> Result<Around, StoreError>;

    /// Returns the spans of one id: several where they differ.
    ///
    /// # Errors
    ///
    /// If the store cannot read.
    fn span(&self, id: SpanRef) -> Result<Vec<Span>, StoreError>;

    /// Returns the spans of one message, by `messaging.message.id`.
    ///
    /// # Errors
    ///
    /// If the store cannot read.
    fn message(&self, message_id: &str) -> Result<Vec<Span>, StoreError>;

    /// Returns functions, queues and whatever else is called, and what goes between them.
    ///
    /// # Errors
    ///
    /// If the store cannot read.
    fn map(&self, window: Window) -> Result<Map, StoreError>;

    /// Returns the attribute values that are more frequent among the failed (or slow) invocations
    /// that `query` asks for than among the others, the largest difference first.
    ///
    /// # Errors
    ///
    /// As [`Store::invocations`].
    fn differences(&self, query: &Query, side: Side) -> Result<Vec<Difference>, StoreError>;

    /// Returns how much there is, and what was dropped for room.
    ///
    /// # Errors
    ///
    /// If the store cannot read.
    fn state(&self) -> Result<State, StoreError>;
}
