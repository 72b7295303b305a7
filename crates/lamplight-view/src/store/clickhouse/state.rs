//! The content of the tables.

use std::{
    sync::{PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

use super::{ClickHouseStore, newest::Extent, parameters::Parameters};
use crate::store::{State, StoreError};

/// Time for which a number of traces is kept: counting them reads all ids.
const KEPT: Duration = Duration::from_secs(60);

/// A number of traces.
#[derive(Debug, Clone, Copy)]
pub(super) struct Traces {
    number: u64,
    counted: Instant,
}

impl ClickHouseStore {
    /// Returns the state.
    pub(super) fn content(&self) -> Result<State, StoreError> {
        let extent = self.extent()?;
        let some = |time| (extent.spans > 0).then_some(time);
        Ok(State {
            spans: extent.spans,
            traces: self.number_of_traces()?,
            oldest: some(extent.oldest),
            newest: some(extent.newest),
            refused: self.refused.load(Ordering::Relaxed),
            revision: revision(extent),
            ..State::default()
        })
    }

    /// Returns a number that changes with the spans.
    pub(super) fn current_revision(&self) -> Result<u64, StoreError> {
        self.extent().map(revision)
    }

    /// Has the traces counted again.
    pub(super) fn forget_traces(&self) {
        *self.traces.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Returns the number of traces, at most a minute old. It is approximate if it is large.
    fn number_of_traces(&self) -> Result<u64, StoreError> {
        let known = *self.traces.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(traces) = known.filter(|it| it.counted.elapsed() < KEPT) {
            return Ok(traces.number);
        }
        let columns = [("traces", "uniq(TraceId)".to_owned())];
        let rows = self
            .client
            .rows(&columns, "FROM otel_traces", &Parameters::default())?;
        let numbers = self.client.all(&rows, |row| row.count())?;
        let number = numbers.first().copied().unwrap_or_default();
        let counted = Instant::now();
        let mut traces = self.traces.lock().unwrap_or_else(PoisonError::into_inner);
        *traces = Some(Traces { number, counted });
        Ok(number)
    }
}

/// Returns a number that differs for different extents.
fn revision(extent: Extent) -> u64 {
    // Browsers read it as text. An odd factor keeps different counts apart.
    (extent.spans.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ extent.newest).rotate_left(17)
        ^ extent.oldest
}
