//! Reading one shard, from its checkpoint to its end.

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

/// How often it is said that a shard cannot be read, as long as it cannot.
const SAID_EVERY: Duration = Duration::from_secs(60);

/// How often a shard can be subscribed to.
const SUBSCRIBED_EVERY: Duration = Duration::from_secs(5);

/// What became of a shard.
#[derive(Debug)]
pub(super) enum Report {
    /// It has been read to its end; these are its children, as far as they were named.
    Drained(ShardId, Vec<ShardInfo>),
    /// It has been read as far as was wanted.
    Stopped(ShardId),
    /// Another has its shard.
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
    /// Its name in its stream.
    pub(super) id: String,
    pub(super) token: u64,
    pub(super) position: Position,
    pub(super) now: StreamTime,
    pub(super) said: Option<Instant>,
    /// When a cursor was made to which records are pushed.
    pub(super) subscribed: Option<Instant>,
    /// The wall clock when reading began.
    pub(super) began: StreamTime,
    /// The record at which a new cursor stands, to see whether it is still there.
    pub(super) expected: Option<Expected>,
}

/// The record that should come first.
#[derive(Debug)]
pub(super) struct Expected {
    sequence: SequenceNumber,
    /// Whether it has been read already.
    known: bool,
}

/// How an attempt ended.
enum Next {
    After(Duration),
    End,
}

impl ShardReader {
    /// Reads until the end, the tip if no more is wanted, or for ever.
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
                // What is pushed has its own pace.
                Some(_) if pushed => began,
                Some(subscribed) => (began + wait).max(subscribed + SUBSCRIBED_EVERY),
                None => began + wait,
            };
        }
    }

    /// Reads once, and returns the time at which it began to.
    async fn read(
        &mut self,
        cursor: &mut Option<Box<dyn Cursor>>,
        pacer: &Pacer,
    ) -> Result<(Batch, StreamTime), ReadError> {
        let limit = self.settings.call_timeout;
        let late = |_| ReadError::Unavailable(format!("no answer within {limit:.1?}"));
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

    /// Returns where a new cursor begins: at the last record that was read, and not behind it, to see whether
    /// the stream still has it.
    fn place(&mut self) -> Position {
        let known = matches!(self.position, Position::After(_));
        let sequence = self.position.sequence().cloned();
        self.expected = sequence.map(|sequence| Expected { sequence, known });
        match &self.expected {
            Some(expected) => Position::At(expected.sequence.clone()),
            None => self.position.clone(),
        }
    }

    /// Passes on what was read.
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
            // What arrived before this had arrived when the call was answered. Behind records that may not be
            // known yet: they may have been the last, and the shard have ended long ago, so that what came at
            // that time is in its children.
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
        // A shard that has ended says so only behind its last record; a busy one has always another.
        let caught_up = records == 0 || self.now > self.began;
        if self.settings.stop_at_tip && at_tip && caught_up {
            self.report(Report::Stopped(self.shard.clone()));
            return Next::End;
        }
        Next::After(pacer.after(records, bytes, at_tip))
    }

    /// Looks for the record that should be first, and takes it away if it is known.
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
            // Nothing is left that could be missed again.
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
                || "there is none left".to_owned(),
                |found| format!("the oldest left is {found}"),
            );
            format!(
                "{}: records behind the checkpoint ({}) {lost} removed by the stream before they were \
                 read; {found}. Lengthen the stream's retention, or find what held the relay up",
                self.shard, gap.expected
            )
        });
        self.events.tell(&self.shard, Happened::Gap(gap));
    }

    /// Decides what follows a failure.
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
                // It may be the cursor's fault, and a new one costs a call.
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
                format!("{}: {error}; tried again", self.shard)
            });
        }
    }

    fn report(&self, report: Report) {
        // Nobody listens when the reader ends.
        let _ = self.reports.send(report);
    }
}

fn size(records: &[Record]) -> usize {
    records.iter().map(|record| record.data.len()).sum()
}
