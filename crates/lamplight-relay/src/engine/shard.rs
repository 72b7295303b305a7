//! The state of a shard.

use std::collections::VecDeque;

use super::{Checkpoint, Settings, decisions::Decisions, traces::Pending};
use crate::{
    record::{SequenceNumber, ShardId, StreamTime},
    rules::RuleState,
};

/// The state of a shard, except for its records.
#[derive(Debug)]
pub(super) struct Shard {
    pub(super) id: ShardId,
    /// The shards whose records may contain spans of its traces.
    pub(super) lineage: Vec<u32>,
    /// Its time.
    pub(super) time: StreamTime,
    /// The last tick for which all work except that of its records is done.
    pub(super) tick: u32,
    /// The time to which it was advanced without a record.
    pub(super) advanced: StreamTime,
    pub(super) pending: Pending,
    pub(super) decisions: Decisions,
    pub(super) rules: RuleState,
    /// The last record that was read.
    pub(super) read: Option<SequenceNumber>,
    /// Metrics windows that have not been delivered.
    pub(super) windows: VecDeque<Window>,
    /// The end of the last delivered one.
    pub(super) metered: Option<StreamTime>,
    /// Its time when it took over from its parents, if any.
    pub(super) opened: Option<StreamTime>,
    /// The parents it took over from, in order.
    pub(super) parents: Vec<ShardId>,
    /// Its time when all its records had been read.
    pub(super) ended: Option<StreamTime>,
    /// The checkpoint, while records before it are read again.
    pub(super) replay: Option<Checkpoint>,
}

/// A metrics window.
#[derive(Debug)]
pub(super) struct Window {
    pub(super) start: StreamTime,
    /// Its first record.
    pub(super) first: SequenceNumber,
    /// The effective time of its first record.
    pub(super) at: StreamTime,
}

/// Settings in ticks.
#[derive(Debug)]
pub(super) struct Ticks {
    /// In milliseconds.
    wait: u64,
    /// In milliseconds.
    after_root: Option<u64>,
    /// Number of additional ticks for traces without a root.
    pub(super) extension: u32,
    pub(super) late: u32,
    /// In milliseconds.
    window: Option<u64>,
}

impl Ticks {
    pub(super) fn of(settings: &Settings) -> Self {
        // Ticks of traces have 30 bits.
        let millis = |wait: std::time::Duration| {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            seconds.min(1 << 28) * 1000
        };
        let seconds = |wait| (millis(wait) / 1000) as u32;
        Self {
            wait: millis(settings.decision_wait),
            after_root: settings.wait_after_root.map(millis),
            extension: seconds(settings.max_wait).saturating_sub(seconds(settings.decision_wait)),
            late: seconds(settings.late_window),
            window: settings
                .meter_window
                .map(millis)
                .filter(|window| *window > 0),
        }
    }
}

/// Returns an open shard. Borrows only the list, since callers borrow other parts of the engine
/// too.
pub(super) fn open(shards: &mut [Option<Box<Shard>>], number: u32) -> Option<&mut Shard> {
    shards.get_mut(number as usize)?.as_deref_mut()
}

/// Returns the tick of a time.
pub(super) fn tick(time: StreamTime) -> u32 {
    u32::try_from(time.as_millis() / 1000).unwrap_or(u32::MAX)
}

/// Returns the start of a tick.
pub(super) fn time_of(tick: u32) -> StreamTime {
    StreamTime::from_millis(u64::from(tick) * 1000)
}

impl Shard {
    pub(super) fn new(id: ShardId, number: u32, rules: RuleState) -> Self {
        Self {
            id,
            lineage: vec![number],
            time: StreamTime::default(),
            tick: 0,
            advanced: StreamTime::default(),
            pending: Pending::default(),
            decisions: Decisions::default(),
            rules,
            read: None,
            windows: VecDeque::new(),
            metered: None,
            opened: None,
            parents: Vec::new(),
            ended: None,
            replay: None,
        }
    }

    /// Returns the due tick of a trace whose first span arrives now.
    pub(super) fn due(&self, ticks: &Ticks) -> u32 {
        self.after(ticks.wait)
    }

    /// Returns the due tick of a trace whose root arrives now, given its current due tick; `None`
    /// if it does not change.
    pub(super) fn due_after_root(&self, ticks: &Ticks, due: u32, is_extended: bool) -> Option<u32> {
        let wait = match ticks.after_root {
            Some(wait) => wait,
            // It was only waiting for its root.
            None if is_extended => 0,
            None => return None,
        };
        Some(self.after(wait)).filter(|sooner| *sooner < due)
    }

    /// Returns the first tick at least this many milliseconds from now.
    fn after(&self, millis: u64) -> u32 {
        let due = self.time.as_millis().saturating_add(millis).div_ceil(1000);
        let due = u32::try_from(due).unwrap_or(u32::MAX);
        due.max(self.tick.saturating_add(1))
    }

    /// Records the metrics window of the current record. Returns whether the window is still
    /// undelivered.
    pub(super) fn meter(&mut self, ticks: &Ticks, sequence: &SequenceNumber) -> bool {
        if self.metered.is_some_and(|metered| self.time < metered) {
            return false;
        }
        if let Some(window) = ticks.window {
            let millis = self.time.as_millis();
            let start = StreamTime::from_millis(millis - millis % window);
            if self.windows.back().is_none_or(|last| last.start < start) {
                self.windows.push_back(Window {
                    start,
                    first: sequence.clone(),
                    at: self.time,
                });
            }
        }
        true
    }
}
