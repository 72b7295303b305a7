//! Reading of one shard, from its checkpoint to its end.

use std::{sync::Arc, time::Duration};

use lamplight_internal::diagnostics::warn;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};

use super::{
    backoff::Backoff,
    channel::Sender,
    pace::Pacer,
    settings::Settings,
    stats::{Counters, add},
};
use crate::{
    record::{Record, SequenceNumber, ShardId, StreamTime},
    source::{
        Gap, Happened, Position,
        store::Lease,
        stream::{Batch, Cursor, ReadError, ShardInfo, StreamClient},
    },
};

/// Interval between log lines about a shard that cannot be read.
const SAID_EVERY: Duration = Duration::from_secs(60);

/// Minimum interval between subscriptions to a shard.
const SUBSCRIBED_EVERY: Duration = Duration::from_secs(5);

/// A report to the manager about a shard.
#[derive(Debug)]
pub(super) enum Report {
    /// It was read to its end; these are its children, if they were named.
    Drained(ShardId, Vec<ShardInfo>),
    /// It was read as far as requested.
    Stopped(ShardId),
    /// Another instance has the shard.
    Lost(Lease),
    /// Its checkpoint is at its end.
    Done(ShardId),
}

/// A shard that is being read.
#[derive(Debug)]
pub(super) struct ShardReader {
    pub(super) client: Arc<dyn StreamClient>,
    pub(super) settings: Arc<Settings>,
    pub(super) counters: Arc<Counters>,
    pub(super) events: Sender,
    pub(super) reports: mpsc::UnboundedSender<Report>,
    pub(super) shard: ShardId,
    /// Its id in its stream.
    pub(super) id: String,
    pub(super) token: u64,
    pub(super) position: Position,
    pub(super) now: StreamTime,
    pub(super) said: Option<Instant>,
    /// Time at which the last cursor with pushed records was created.
    pub(super) subscribed: Option<Instant>,
    /// The wall-clock time at which reading began.
    pub(super) began: StreamTime,
    /// The record at which a new cursor starts, to check that it still exists.
    pub(super) expected: Option<Expected>,
}

/// The record that should come first.
#[derive(Debug)]
pub(super) struct Expected {
    sequence: SequenceNumber,
    /// True if it was read before.
    known: bool,
}

/// The outcome of an attempt.
enum Next {
    After(Duration),
    End,
}

impl ShardReader {
    /// Reads until the end; or until the tip, if configured; or else forever.
    pub(super) async fn run(mut self) {
        let mut cursor = None;
        let mut pacer = Pacer::new(self.settings.pace);
        let mut backoff = Backoff::default();
        let mut next_call = Instant::now();
        loop {
            sleep_until(next_call).await;
            let began = Instant::now();
            let next = match self.read(&mut cursor, &pacer).await {
                Ok((batch, asked)) => {
                    backoff.reset();
                    self.said = None;
                    self.deliver(batch, asked, &mut pacer).await
                }
                Err(error) => self.fail(error, &mut cursor, &mut backoff),
            };
            let Next::After(wait) = next else {
                return;
            };
            let pushed = cursor.as_ref().is_some_and(|cursor| cursor.is_pushed());
            next_call = match self.subscribed {
                // Pushed records arrive at their own pace.
                Some(_) if pushed => began,
                Some(subscribed) => (began + wait).max(subscribed + SUBSCRIBED_EVERY),
                None => began + wait,
            };
        }
    }

    /// Reads once, and returns the time at which the call began.
    async fn read(
        &mut self,
        cursor: &mut Option<Box<dyn Cursor>>,
        pacer: &Pacer,
    ) -> Result<(Batch, StreamTime), ReadError> {
        let limit = self.settings.call_timeout;
        let late = |_| ReadError::Unavailable(format!("no response within {limit:.1?}"));
        if cursor.is_none() {
            let position = self.place();
            let opened = timeout(limit, self.client.open(&self.id, &position)).await;
            let opened = opened.map_err(late)??;
            self.subscribed = opened.is_pushed().then(Instant::now);
            *cursor = Some(opened);
        }
        let Some(open) = cursor else {
            return Err(ReadError::Expired);
        };
        let asked = self.settings.clock.now();
        let read = timeout(limit, open.read(pacer.limit())).await;
        let batch = read.map_err(late)??;
        Ok((batch, asked))
    }

    /// Returns the position of a new cursor: at the last record that was read rather than after it,
    /// to check that the stream still has it.
    fn place(&mut self) -> Position {
        let known = matches!(self.position, Position::After(_));
        let sequence = self.position.sequence().cloned();
        self.expected = sequence.map(|sequence| Expected { sequence, known });
        match &self.expected {
            Some(expected) => Position::At(expected.sequence.clone()),
            None => self.position.clone(),
        }
    }

    /// Passes on records.
    async fn deliver(&mut self, mut batch: Batch, asked: StreamTime, pacer: &mut Pacer) -> Next {
        let (records, bytes) = (batch.records.len(), size(&batch.records));
        add(&self.counters.reads, 1);
        let at_tip = batch.behind.is_zero();
        let settled = records > 0 || at_tip || batch.ended.is_some();
        if settled && let Some(gap) = self.gap(&mut batch.records) {
            self.tell_gap(gap);
        }
        add(&self.counters.records, batch.records.len());
        add(&self.counters.bytes, size(&batch.records));
        if let Some(last) = batch.records.last() {
            self.position = Position::After(last.sequence.clone());
            self.now = self.now.max(last.arrival);
        }
        if records == 0 && batch.ended.is_none() {
            // Records that arrived before this time had arrived when the call was answered. The
            // margin covers records that may not be visible yet: they may be the last ones of a
            // shard that ended long ago, so that later records are in its children.
            let late = batch.behind.saturating_add(self.settings.margin);
            let begin = StreamTime::default();
            self.now = self.now.max(begin.after(asked.since(begin.after(late))));
        }
        let what = Happened::Records {
            records: batch.records,
            now: self.now,
            behind: batch.behind,
        };
        if !self.events.put(&self.shard, self.token, what).await {
            return Next::End;
        }
        if let Some(children) = batch.ended {
            self.report(Report::Drained(self.shard.clone(), children));
            return Next::End;
        }
        // A shard reports its end only after its last record, and a busy shard always has another
        // record.
        let caught_up = records == 0 || self.now > self.began;
        if self.settings.stop_at_tip && at_tip && caught_up {
            self.report(Report::Stopped(self.shard.clone()));
            return Next::End;
        }
        Next::After(pacer.after(records, bytes, at_tip))
    }

    /// Looks for the record that should come first, and removes it if it was read before.
    fn gap(&mut self, records: &mut Vec<Record>) -> Option<Gap> {
        let Expected { sequence, known } = self.expected.take()?;
        let found = records.first().map(|record| record.sequence.clone());
        if found.as_ref() == Some(&sequence) {
            if known {
                records.remove(0);
            }
            return None;
        }
        if found.is_none() {
            // No records remain that could be missed again.
            self.position = Position::TrimHorizon;
        }
        let expected = if known {
            Position::After(sequence)
        } else {
            Position::At(sequence)
        };
        Some(Gap {
            expected,
            found,
            certain: !known,
        })
    }

    fn tell_gap(&self, gap: Gap) {
        add(&self.counters.gaps, 1);
        warn("relay-gap", || {
            let lost = if gap.certain { "were" } else { "may have been" };
            let found = gap.found.as_ref().map_or_else(
                || "no records are left".to_owned(),
                |found| format!("the oldest remaining one is {found}"),
            );
            format!(
                "{}: records after the checkpoint ({}) {lost} removed by the stream before they \
                were read; {found}. Increase the stream's retention, or find the cause of the \
                delay",
                self.shard, gap.expected
            )
        });
        self.events.tell(&self.shard, Happened::Gap(gap));
    }

    /// Decides the next step after a failure.
    fn fail(
        &mut self,
        error: ReadError,
        cursor: &mut Option<Box<dyn Cursor>>,
        backoff: &mut Backoff,
    ) -> Next {
        match error {
            ReadError::Expired => {
                add(&self.counters.expired, 1);
                *cursor = None;
                return Next::After(backoff.next());
            }
            ReadError::Throttled => add(&self.counters.throttled, 1),
            ReadError::Gone => return self.gone(),
            ReadError::Position if self.expected.is_some() => {
                *cursor = None;
                if let Some(gap) = self.gap(&mut Vec::new()) {
                    self.tell_gap(gap);
                }
            }
            error => {
                add(&self.counters.failed, 1);
                self.say(&error);
                // The cursor may be at fault, and a new one costs only a call.
                *cursor = None;
            }
        }
        Next::After(backoff.next())
    }

    /// A shard that was removed with its records has ended.
    fn gone(&mut self) -> Next {
        if let Some(gap) = self.gap(&mut Vec::new()) {
            self.tell_gap(gap);
        }
        self.report(Report::Drained(self.shard.clone(), Vec::new()));
        Next::End
    }

    fn say(&mut self, error: &ReadError) {
        if self.said.is_none_or(|said| said.elapsed() >= SAID_EVERY) {
            self.said = Some(Instant::now());
            warn("relay-read", || {
                format!("{}: {error}; retrying", self.shard)
            });
        }
    }

    fn report(&self, report: Report) {
        // When the reader ends, the receiver is gone.
        let _ = self.reports.send(report);
    }
}

fn size(records: &[Record]) -> usize {
    records.iter().map(|record| record.data.len()).sum()
}
