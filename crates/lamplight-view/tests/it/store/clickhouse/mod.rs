//! The behavior of the ClickHouse store, on the real engine.

mod answers;
mod pages;
mod tables;

use lamplight_test_clickhouse::Database;
use lamplight_view::{
    journey::Around,
    span::{Span, SpanRef, TraceId},
    store::{
        Added, ClickHouseStore, Difference, Function, Invocations, Map, Query, Side, State, Store,
        StoreError, TraceRow, Window,
    },
};

use super::{bad_input, model::Keeps, suite::suite};

/// A store, with a database that lasts as long.
pub(crate) struct Fresh {
    store: ClickHouseStore,
    pub(crate) database: Database,
}

impl Fresh {
    /// Returns a store without tables.
    pub(crate) fn without_tables() -> Self {
        let database = Database::new();
        let address = format!("{}/{}", database.url(), database.name());
        let store = ClickHouseStore::new(&address).unwrap();
        Self { store, database }
    }

    /// Returns the address of the store.
    pub(crate) fn address(&self) -> String {
        format!("{}/{}", self.database.url(), self.database.name())
    }

    /// Returns an empty store.
    pub(crate) fn new() -> Self {
        let fresh = Self::without_tables();
        fresh.store.create_tables().unwrap();
        fresh
    }
}

impl Store for Fresh {
    fn add(&self, request: &[u8]) -> Result<Added, StoreError> {
        self.store.add(request)
    }
    fn functions(&self, window: Window) -> Result<Vec<Function>, StoreError> {
        self.store.functions(window)
    }
    fn invocations(&self, query: &Query) -> Result<Invocations, StoreError> {
        self.store.invocations(query)
    }
    fn traces(&self, query: &Query) -> Result<Vec<TraceRow>, StoreError> {
        self.store.traces(query)
    }
    fn around(&self, trace: TraceId) -> Result<Around, StoreError> {
        self.store.around(trace)
    }
    fn span(&self, id: SpanRef) -> Result<Vec<Span>, StoreError> {
        self.store.span(id)
    }
    fn message(&self, message_id: &str) -> Result<Vec<Span>, StoreError> {
        self.store.message(message_id)
    }
    fn map(&self, window: Window) -> Result<Map, StoreError> {
        self.store.map(window)
    }
    fn differences(&self, query: &Query, side: Side) -> Result<Vec<Difference>, StoreError> {
        self.store.differences(query, side)
    }
    fn state(&self) -> Result<State, StoreError> {
        self.store.state()
    }
    fn revision(&self) -> Result<u64, StoreError> {
        self.store.revision()
    }
}

#[test]
fn a_store_in_clickhouse_does_what_every_store_does() {
    suite(Keeps::Tables, 3, || Box::new(Fresh::new()));
}

#[test]
fn malformed_requests_are_treated_as_in_every_store() {
    bad_input::keeps_the_others(&Fresh::new());
    bad_input::refuses_without_resource(&Fresh::new());
    bad_input::finds_nothing(&Fresh::new());
}

#[test]
fn a_trace_of_very_many_spans_is_stored_whole_and_shown_in_part() {
    bad_input::shows_a_part(&Fresh::new());
}
