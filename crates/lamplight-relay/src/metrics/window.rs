//! Measurements of a window.

use std::{collections::HashMap, sync::Arc};

use super::{
    explicit::Explicit,
    exponential::Exponential,
    resources::Known,
    table::Table,
    weight::{Carry, Count},
};
use crate::record::StreamTime;

/// An open window of a shard.
#[derive(Debug)]
pub(super) struct Window {
    /// Unique among the windows of the process.
    serial: u64,
    pub(super) start: StreamTime,
    pub(super) end: StreamTime,
    pub(super) spans: u64,
    /// Identities of resources, by number.
    pub(super) resources: Vec<Arc<[u8]>>,
    numbers: HashMap<Arc<[u8]>, u32>,
    limit: usize,
    pub(super) calls: Table<Calls>,
    pub(super) invocations: Table<Invocations>,
}

/// Spans of one series.
#[derive(Debug, Default)]
pub(super) struct Calls {
    pub(super) duration: Exponential,
    pub(super) carry: Carry,
}

/// Invocations of one series.
#[derive(Debug, Default)]
pub(super) struct Invocations {
    pub(super) succeeded: Count,
    pub(super) failed: Count,
    pub(super) timed_out: Count,
    pub(super) cold: Count,
    pub(super) init: Explicit,
    pub(super) init_carry: Carry,
    pub(super) invoke: Explicit,
    pub(super) invoke_carry: Carry,
}

impl Window {
    pub(super) fn new(serial: u64, start: StreamTime, end: StreamTime, limit: usize) -> Self {
        Self {
            serial,
            start,
            end,
            spans: 0,
            resources: Vec::new(),
            numbers: HashMap::new(),
            limit,
            calls: Table::new(limit),
            invocations: Table::new(limit),
        }
    }

    /// Returns the number of a resource in this window, or `None` if there are too many.
    #[inline]
    pub(super) fn number(&mut self, known: &mut Known) -> Option<u32> {
        if known.number.0 != self.serial {
            known.number = (self.serial, self.assign(&known.identity));
        }
        known.number.1
    }

    fn assign(&mut self, identity: &Arc<[u8]>) -> Option<u32> {
        if let Some(number) = self.numbers.get(identity) {
            return Some(*number);
        }
        if self.resources.len() >= self.limit {
            return None;
        }
        let number = u32::try_from(self.resources.len()).ok()?;
        self.numbers.insert(Arc::clone(identity), number);
        self.resources.push(Arc::clone(identity));
        Some(number)
    }
}
