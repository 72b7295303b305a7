//! The driver: reads, decides, delivers, saves checkpoints, and reports.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use tokio::{
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval_at, timeout},
};

use super::{
    builder::{Plan, Relay},
    core::{Core, Delivery},
    error::RelayError,
    outbox::Outbox,
    report::{Reporter, Summary},
    saves::{Done, Saves},
    source::{SaveCheckpoints, Source},
};
use crate::{
    engine::Checkpoint,
    record::{ShardId, StreamTime},
    sink::SinkStats,
    source::{Child, Happened, Position, ShardEvent, store::StoreError},
};

impl Relay {
    /// Relays until the source has ended or `stop` is ready; then delivers the decided traces and
    /// saves the checkpoints, within [a bound](super::RelayBuilder::shutdown_within).
    ///
    /// # Errors
    ///
    /// Returns an error if there is no source, if the relay cannot resume from a checkpoint, or if
    /// the last checkpoints could not be saved.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<Summary, RelayError> {
        let Self { source, plan } = self;
        let source = source.ok_or(RelayError::NoSource)?;
        Driver::new(source, plan).run(stop).await
    }
}

struct Driver {
    plan: Plan,
    core: Core,
    source: Box<dyn Source>,
    checkpoints: Arc<dyn SaveCheckpoints>,
    outbox: Outbox,
    saves: Saves,
    saving: Option<JoinHandle<Vec<Done>>>,
    shards: BTreeMap<ShardId, Reading>,
    reporter: Reporter,
}

/// The progress of reading a shard.
#[derive(Debug, Default)]
struct Reading {
    behind: Duration,
    now: StreamTime,
    /// The shards that have its keys now; empty until it has ended.
    children: Vec<ShardId>,
}

enum Wake {
    Event(Option<ShardEvent>),
    Settled(u64),
    Room,
    Save,
    Saved(Vec<Done>),
    Report,
    Stop,
}

impl Driver {
    fn new(source: Box<dyn Source>, plan: Plan) -> Self {
        Self {
            core: plan.core(),
            checkpoints: source.checkpoints(),
            outbox: Outbox::new(&plan),
            saves: Saves::default(),
            saving: None,
            shards: BTreeMap::new(),
            reporter: Reporter::new(plan.timing.metrics_of_itself),
            source,
            plan,
        }
    }

    async fn run(mut self, stop: impl Future<Output = ()>) -> Result<Summary, RelayError> {
        let mut stop = pin!(stop);
        let every = |period| {
            let mut interval = interval_at(Instant::now() + period, period);
            interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
            interval
        };
        let mut save = every(self.plan.timing.checkpoints);
        let mut report = every(self.plan.timing.telemetry);
        loop {
            self.distribute();
            let has_room = self.outbox.has_room();
            let wake = tokio::select! {
                () = &mut stop => Wake::Stop,
                event = self.source.next(), if has_room => Wake::Event(event),
                number = self.outbox.settled() => Wake::Settled(number),
                done = saved(&mut self.saving) => Wake::Saved(done),
                _ = save.tick() => Wake::Save,
                _ = report.tick() => Wake::Report,
                () = room(has_room) => Wake::Room,
            };
            match wake {
                Wake::Event(Some(event)) => self.event(event)?,
                Wake::Event(None) | Wake::Stop => break,
                Wake::Settled(number) => self.outbox.settle(Some(number), &mut self.core),
                Wake::Saved(done) => {
                    if self.saved(done) {
                        self.save();
                    }
                }
                Wake::Save => self.save(),
                Wake::Report => self.report(),
                Wake::Room => {}
            }
        }
        self.end().await
    }

    /// Passes decided traces on as long as there is room.
    fn distribute(&mut self) {
        let checkpoints = self.checkpoints.clone();
        let may = move |shard: &ShardId| checkpoints.holds(shard);
        self.outbox.pump(&may);
        while self.outbox.has_room() {
            let Some(delivery) = self.core.next() else {
                return;
            };
            self.reporter.saw(&delivery);
            self.outbox.deliver(delivery);
            self.outbox.pump(&may);
        }
    }

    fn event(&mut self, event: ShardEvent) -> Result<(), RelayError> {
        let shard = event.shard;
        match event.what {
            Happened::Opened {
                position,
                state,
                log,
            } => self.opened(shard, position, &state, &log)?,
            Happened::Records {
                records,
                now,
                behind,
            } => {
                for record in records {
                    self.core.push(&shard, record);
                }
                self.advance(&shard, now, behind);
            }
            Happened::Gap(gap) => {
                tracing::warn!(target: "lamplight", %shard, certain = gap.certain,
                    "records expired in the stream before they were read");
            }
            Happened::Ended { children } => self.ended(&shard, &children),
            Happened::Lost => self.lost(&shard),
        }
        Ok(())
    }

    fn opened(
        &mut self,
        shard: ShardId,
        position: Position,
        state: &bytes::Bytes,
        log: &[bytes::Bytes],
    ) -> Result<(), RelayError> {
        let failed = |error| RelayError::Checkpoint(shard.clone(), error);
        let checkpoint = match state.is_empty() {
            true => None,
            false => Some(Checkpoint::parse(state).map_err(failed)?),
        };
        let opened = self.core.open(shard.clone(), checkpoint, log);
        opened.map_err(failed)?;
        self.saves.opened(&shard, position, state.clone());
        self.shards.insert(shard, Reading::default());
        Ok(())
    }

    fn advance(&mut self, shard: &ShardId, now: StreamTime, behind: Duration) {
        self.core.advance(shard, now);
        if let Some(reading) = self.shards.get_mut(shard) {
            (reading.now, reading.behind) = (now, behind);
        }
        for window in self.core.windows(shard, now) {
            self.outbox.deliver(Delivery::Metrics(window));
        }
        // Undelivered data of ended shards depends on the leases of the shards that now have their
        // keys.
        for ancestor in self.ancestors(shard) {
            self.core.advance(&ancestor, now);
        }
    }

    /// Returns the shards that have ended, are not done, and share keys with a shard, across any
    /// number of generations.
    fn ancestors(&self, shard: &ShardId) -> BTreeSet<ShardId> {
        let mut found = BTreeSet::new();
        let mut of = vec![shard];
        while let Some(child) = of.pop() {
            for (parent, reading) in &self.shards {
                if reading.children.contains(child) && found.insert(parent.clone()) {
                    of.push(parent);
                }
            }
        }
        found
    }

    fn ended(&mut self, shard: &ShardId, children: &[Child]) {
        self.core.end(shard, children);
        for window in self.core.last_windows(shard) {
            self.outbox.deliver(Delivery::Metrics(window));
        }
        if let Some(reading) = self.shards.get_mut(shard) {
            reading.behind = Duration::ZERO;
            reading.children = children.iter().map(|child| child.shard.clone()).collect();
        }
    }

    /// Handles the loss of a shard to another instance.
    fn lost(&mut self, shard: &ShardId) {
        self.outbox.lose(shard);
        self.done(shard);
    }

    /// Handles the end of all work for a shard. Sinks that are not critical may still have data of
    /// it queued.
    fn done(&mut self, shard: &ShardId) {
        self.core.close(shard);
        self.saves.close(shard);
        self.outbox.forget(shard);
        self.shards.remove(shard);
    }

    fn save(&mut self) {
        if self.saving.is_some() {
            return;
        }
        let keep = self.plan.settings.late_window;
        if let Some(job) = self.saves.job(&mut self.core, keep) {
            self.saving = Some(tokio::spawn(job.run(self.checkpoints.clone())));
        }
    }

    /// Records the results of checkpoint saves. Returns whether one was refused because another
    /// instance has the shard: that shard is removed, and the saves after it can now be tried.
    fn saved(&mut self, all: Vec<Done>) -> bool {
        let mut is_fenced = false;
        for done in all {
            if !self.saves.is_open(&done) {
                continue;
            }
            match &done.failed {
                Some(StoreError::Fenced) => {
                    is_fenced = true;
                    self.lost(&done.shard);
                }
                Some(error) => {
                    tracing::warn!(target: "lamplight", shard = %done.shard, "{error}");
                }
                None => {}
            }
            if self.saves.done(&done) {
                self.done(&done.shard);
            }
        }
        is_fenced
    }

    fn report(&mut self) {
        let behind = self.shards.iter();
        let behind = behind.map(|(shard, reading)| (shard.clone(), reading.behind));
        let told = self
            .reporter
            .tell(&self.core, self.outbox.stats(), behind.collect());
        if let Some((request, points)) = told {
            self.outbox.metrics(&request, None, None, points);
        }
    }

    /// Delivers the decided traces, saves the checkpoints, and releases the shards.
    async fn end(mut self) -> Result<Summary, RelayError> {
        let bound = self.plan.timing.shutdown;
        let until = Instant::now() + bound;
        // Decided traces are delivered as far as time permits; the rest is read again.
        while let Some(delivery) = self.core.next() {
            self.reporter.saw(&delivery);
            self.outbox.deliver(delivery);
        }
        let checkpoints = self.checkpoints.clone();
        let may = move |shard: &ShardId| checkpoints.holds(shard);
        // The report counts what is delivered here, and its own delivery needs some of the time.
        self.outbox.flush_all(bound.mul_f64(0.5), &may).await;
        self.report();
        let ended = self.outbox.finish(bound.mul_f64(0.2), &may).await;
        self.tell_given_up(&ended);
        self.outbox.settle(None, &mut self.core);
        let saved = timeout(
            until.saturating_duration_since(Instant::now()).mul_f64(0.8),
            self.save_all(),
        );
        let unsaved = saved
            .await
            .unwrap_or_else(|_| Some("it timed out".to_owned()));
        let rest = until
            .saturating_duration_since(Instant::now())
            .max(Duration::from_secs(1));
        let _ = timeout(rest, self.source.close()).await;
        match unsaved {
            Some(why) => Err(RelayError::Unsaved(why)),
            None => Ok(self.reporter.summary(&self.core, &ended)),
        }
    }

    /// Logs the data that sinks could not deliver and will not receive again.
    fn tell_given_up(&self, ended: &[SinkStats]) {
        for (to, stats) in self.plan.sinks.iter().zip(ended) {
            if stats.abandoned > 0 && !to.settings.is_critical() {
                tracing::warn!(target: "lamplight", sink = to.sink.name(), spans = stats.abandoned,
                    "the sink is not critical and had not accepted all data when the relay ended: \
                    the rest was dropped");
            }
        }
    }

    /// Saves all checkpoints; returns the reason if some could not be saved.
    async fn save_all(&mut self) -> Option<String> {
        if let Some(saving) = self.saving.take() {
            self.saved(saving.await.unwrap_or_default());
        }
        let keep = self.plan.settings.late_window;
        // The end of a parent waits for that of its child, and a refused shard is left out the next
        // time.
        let mut left = 3;
        loop {
            let job = self.saves.job(&mut self.core, keep)?;
            let all = job.run(self.checkpoints.clone()).await;
            let failed = all.iter().filter_map(|done| done.failed.as_ref());
            let mut failed = failed.filter(|error| **error != StoreError::Fenced);
            let why = failed.next().map(ToString::to_string);
            left -= usize::from(!self.saved(all));
            if left == 0 {
                return why;
            }
        }
    }
}

async fn saved(saving: &mut Option<JoinHandle<Vec<Done>>>) -> Vec<Done> {
    let done = match saving {
        Some(handle) => handle.await,
        None => std::future::pending().await,
    };
    *saving = None;
    // A task that panicked counts as having saved nothing.
    done.unwrap_or_default()
}

/// Waits briefly if data waits for room, and forever if not.
async fn room(has_room: bool) {
    match has_room {
        true => std::future::pending().await,
        false => tokio::time::sleep(Duration::from_millis(20)).await,
    }
}
