//! The state that a queue shares with its task.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
};

use lamplight_internal::sync::lock;
use tokio::{
    sync::{Notify, watch},
    time::{Instant, timeout_at},
};

use super::piece::{Piece, items};
use crate::sink::{
    settings::SinkSettings,
    stats::{BreakerState, SinkStats},
};

pub(super) struct Shared {
    pub(super) name: Arc<str>,
    pub(super) settings: SinkSettings,
    state: Mutex<State>,
    /// Notified when there is work to do.
    work: Notify,
    /// Changes whenever an item has left.
    left: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Piece>,
    waiting_bytes: usize,
    waiting_items: usize,
    /// Bytes and items that the task is sending.
    sending: (usize, u64),
    /// True if the task is sending; a request may have no items.
    is_sending: bool,
    stats: SinkStats,
    /// Number of callers that wait for the queue to be empty.
    flushes: usize,
    is_closed: bool,
}

impl State {
    fn bytes(&self) -> usize {
        self.waiting_bytes + self.sending.0
    }

    fn pop(&mut self) -> Option<Piece> {
        let piece = self.waiting.pop_front()?;
        self.waiting_bytes = self.waiting_bytes.saturating_sub(piece.bytes());
        self.waiting_items = self.waiting_items.saturating_sub(piece.items());
        Some(piece)
    }
}

impl Shared {
    pub(super) fn new(name: &str, settings: SinkSettings) -> Self {
        Self {
            name: name.into(),
            settings,
            state: Mutex::default(),
            work: Notify::new(),
            left: watch::Sender::new(0),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Returns whether this many bytes fit. Any size fits into an empty queue.
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        let held = self.state().bytes();
        held == 0 || held.saturating_add(bytes) <= self.settings.queue_bytes
    }

    /// Adds a piece. If a best-effort queue is full, its oldest data is dropped, except for data
    /// that is being sent.
    pub(super) fn push(&self, piece: Piece) {
        let mut dropped = Vec::new();
        {
            let mut state = self.state();
            state.stats.received += count(piece.items());
            state.waiting_bytes += piece.bytes();
            state.waiting_items += piece.items();
            state.waiting.push_back(piece);
            while !self.settings.is_critical()
                && state.bytes() > self.settings.queue_bytes
                && state.waiting.len() > 1
            {
                dropped.extend(state.pop());
            }
            state.stats.dropped += count(items(&dropped));
        }
        drop(dropped);
        self.work.notify_one();
    }

    /// Waits until an item has left, or the queue is empty.
    pub(super) async fn wait_for_room(&self) {
        let mut left = self.left.subscribe();
        if self.state().bytes() > 0 {
            // The channel cannot be closed: `self` owns the sender.
            let _ = left.changed().await;
        }
    }

    pub(super) async fn flush(&self) {
        let _flush = Flush::new(self);
        loop {
            let mut left = self.left.subscribe();
            {
                let state = self.state();
                if state.waiting.is_empty() && !state.is_sending {
                    return;
                }
            }
            let _ = left.changed().await;
        }
    }

    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.work.notify_one();
    }

    /// Counts the remaining data as abandoned.
    pub(super) fn abandon(&self) {
        let left = {
            let mut state = self.state();
            let left = std::mem::take(&mut state.waiting);
            let sending = std::mem::take(&mut state.sending).1;
            state.is_sending = false;
            state.waiting_bytes = 0;
            state.waiting_items = 0;
            let waiting: usize = left.iter().map(Piece::items).sum();
            state.stats.abandoned += count(waiting) + sending;
            left
        };
        drop(left);
        self.left.send_modify(|changes| *changes += 1);
    }

    /// Returns the next pieces: of one signal, and no larger together than a request, unless a
    /// single piece is. Returns `None` once the queue is closed and empty.
    pub(super) async fn next(&self) -> Option<Vec<Piece>> {
        self.rest();
        loop {
            let until = {
                let mut state = self.state();
                let due = state
                    .waiting
                    .front()
                    .map(|oldest| oldest.since + self.settings.linger);
                let is_full = state.waiting_bytes >= self.settings.max_request_bytes
                    || state.waiting_items >= self.settings.max_request_items;
                match due {
                    None if state.is_closed => return None,
                    Some(due)
                        if is_full
                            || state.is_closed
                            || state.flushes > 0
                            || due <= Instant::now() =>
                    {
                        return Some(self.take(&mut state));
                    }
                    due => due,
                }
            };
            match until {
                None => self.work.notified().await,
                Some(until) => {
                    let _ = timeout_at(until, self.work.notified()).await;
                }
            }
        }
    }

    /// Records that the task is not sending.
    fn rest(&self) {
        {
            let mut state = self.state();
            // Split pieces contain more copies of resources and scopes than the original did, so
            // the sizes do not add up.
            state.sending = (0, 0);
            state.is_sending = false;
        }
        self.left.send_modify(|changes| *changes += 1);
    }

    fn take(&self, state: &mut State) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = Vec::new();
        let (mut bytes, mut taken) = (0, 0_usize);
        while let Some(next) = state.waiting.front() {
            let is_first = pieces.is_empty();
            let is_other = pieces
                .first()
                .is_some_and(|first| first.signal() != next.signal());
            let is_full = bytes + next.bytes() > self.settings.max_request_bytes
                || taken.saturating_add(next.items()) > self.settings.max_request_items;
            if !is_first && (is_other || is_full) {
                break;
            }
            bytes += next.bytes();
            taken = taken.saturating_add(next.items());
            pieces.extend(state.pop());
        }
        state.is_sending = true;
        state.sending.0 += bytes;
        state.sending.1 += count(items(&pieces));
        pieces
    }

    /// Removes pieces from those being sent, and counts them.
    pub(super) fn finish(&self, pieces: &[Piece], record: impl FnOnce(&mut SinkStats, u64)) {
        {
            let mut state = self.state();
            let items = count(items(pieces));
            let bytes: usize = pieces.iter().map(Piece::bytes).sum();
            state.sending.0 = state.sending.0.saturating_sub(bytes);
            state.sending.1 = state.sending.1.saturating_sub(items);
            record(&mut state.stats, items);
        }
        self.left.send_modify(|changes| *changes += 1);
    }

    pub(super) fn record(&self, record: impl FnOnce(&mut SinkStats)) {
        record(&mut self.state().stats);
    }

    pub(super) fn set_breaker(&self, breaker: BreakerState) {
        self.state().stats.breaker = breaker;
    }

    pub(super) fn stats(&self) -> SinkStats {
        let state = self.state();
        let waiting: usize = state.waiting.iter().map(Piece::items).sum();
        SinkStats {
            queued_bytes: state.bytes(),
            queued: count(waiting) + state.sending.1,
            ..state.stats
        }
    }
}

/// A caller that waits for the queue to be empty.
struct Flush<'a>(&'a Shared);

impl<'a> Flush<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.state().flushes += 1;
        shared.work.notify_one();
        Self(shared)
    }
}

impl Drop for Flush<'_> {
    fn drop(&mut self) {
        self.0.state().flushes -= 1;
    }
}

fn count(items: usize) -> u64 {
    u64::try_from(items).unwrap_or(u64::MAX)
}
