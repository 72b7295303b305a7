//! The implementation of a store's methods.

use super::{
    SqliteStore,
    add::add,
    around::{around, message, span},
    differences::differences,
    functions::functions,
    invocations::invocations,
    map::map,
    traces::traces,
};
use crate::{
    journey::Around,
    span::{Span, SpanRef, TraceId},
    store::{
        Added, Difference, Function, Invocations, Map, Query, Side, State, Store, StoreError,
        TraceRow, Window,
    },
};

impl Store for SqliteStore {
    fn add(&self, request: &[u8]) -> Result<Added, StoreError> {
        let mut inner = self.inner()?;
        inner.write(|connection, cached, now| add(connection, cached, request, now))
    }

    fn functions(&self, window: Window) -> Result<Vec<Function>, StoreError> {
        functions(&self.inner()?.connection, window)
    }

    fn invocations(&self, query: &Query) -> Result<Invocations, StoreError> {
        let mut inner = self.inner()?;
        let (connection, cached) = inner.parts();
        invocations(connection, cached, query)
    }

    fn traces(&self, query: &Query) -> Result<Vec<TraceRow>, StoreError> {
        let mut inner = self.inner()?;
        let (connection, cached) = inner.parts();
        traces(connection, cached, query)
    }

    fn around(&self, trace: TraceId) -> Result<Around, StoreError> {
        let mut inner = self.inner()?;
        let (connection, cached) = inner.parts();
        around(connection, &mut cached.origins, trace)
    }

    fn span(&self, id: SpanRef) -> Result<Vec<Span>, StoreError> {
        let mut inner = self.inner()?;
        let (connection, cached) = inner.parts();
        span(connection, &mut cached.origins, id)
    }

    fn message(&self, message_id: &str) -> Result<Vec<Span>, StoreError> {
        let mut inner = self.inner()?;
        let (connection, cached) = inner.parts();
        message(connection, &mut cached.origins, message_id)
    }

    fn map(&self, window: Window) -> Result<Map, StoreError> {
        map(&self.inner()?.connection, window)
    }

    fn differences(&self, query: &Query, side: Side) -> Result<Vec<Difference>, StoreError> {
        let mut inner = self.inner()?;
        let (connection, cached) = inner.parts();
        differences(connection, cached, query, side)
    }

    fn state(&self) -> Result<State, StoreError> {
        let mut inner = self.inner()?;
        let (connection, cached) = inner.parts();
        cached.totals.state(connection, &mut cached.newest)
    }
}
