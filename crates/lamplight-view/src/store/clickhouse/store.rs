//! The implementation of a store's methods.

use super::{
    ClickHouseStore, add::add, around::around, differences::differences, functions::functions,
    invocations::invocations, map::map, single, traces::traces,
};
use crate::{
    journey::Around,
    span::{Span, SpanRef, TraceId},
    store::{
        Added, Difference, Function, Invocations, Map, Query, Side, State, Store, StoreError,
        TraceRow, Window,
    },
};

impl Store for ClickHouseStore {
    fn add(&self, request: &[u8]) -> Result<Added, StoreError> {
        add(self, request)
    }

    fn functions(&self, window: Window) -> Result<Vec<Function>, StoreError> {
        functions(self, window)
    }

    fn invocations(&self, query: &Query) -> Result<Invocations, StoreError> {
        invocations(self, query)
    }

    fn traces(&self, query: &Query) -> Result<Vec<TraceRow>, StoreError> {
        traces(self, query)
    }

    fn around(&self, trace: TraceId) -> Result<Around, StoreError> {
        around(self, trace)
    }

    fn span(&self, id: SpanRef) -> Result<Vec<Span>, StoreError> {
        single::span(self, id)
    }

    fn message(&self, message_id: &str) -> Result<Vec<Span>, StoreError> {
        single::message(self, message_id)
    }

    fn map(&self, window: Window) -> Result<Map, StoreError> {
        map(self, window)
    }

    fn differences(&self, query: &Query, side: Side) -> Result<Vec<Difference>, StoreError> {
        differences(self, query, side)
    }

    fn state(&self) -> Result<State, StoreError> {
        self.content()
    }

    fn revision(&self) -> Result<u64, StoreError> {
        self.current_revision()
    }
}
