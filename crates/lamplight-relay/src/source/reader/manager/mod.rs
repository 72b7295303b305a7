//! The lifecycle of a stream's shards: listed, leased, read, ended.

mod steps;

use std::{collections::BTreeMap, future::pending, sync::Arc};

use lamplight_internal::diagnostics::warn;
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinSet},
    time::{Instant, sleep_until, timeout},
};

use super::{
    backoff::Backoff,
    channel::Sender,
    held::{Leases, Validity},
    layout::{child_row, new_rows},
    liveness::Liveness,
    plan::{Stage, View},
    settings::Settings,
    shard::Report,
    stats::{Counters, add},
};
use crate::{
    record::ShardId,
    source::{
        Happened, Position,
        store::{Lease, Row, StoreError},
        stream::{ShardInfo, StreamClient},
    },
};

/// The shards of one stream.
#[derive(Debug)]
pub(super) struct Manager {
    pub(super) client: Arc<dyn StreamClient>,
    pub(super) settings: Arc<Settings>,
    pub(super) counters: Arc<Counters>,
    pub(super) leases: Arc<Leases>,
    pub(super) events: Sender,
    pub(super) reports: mpsc::UnboundedReceiver<Report>,
    /// The sending end for the reading tasks.
    pub(super) reporting: mpsc::UnboundedSender<Report>,
    rows: BTreeMap<ShardId, Row>,
    mine: BTreeMap<ShardId, Mine>,
    liveness: Liveness,
    list_at: Instant,
    /// Time of the last listing of shards.
    listed: Option<Instant>,
    backoff: Backoff,
    tasks: JoinSet<()>,
}

/// A shard that this instance holds.
#[derive(Debug)]
struct Mine {
    stage: Stage,
    lease: Lease,
    task: Option<AbortHandle>,
    /// Time at which it was read to its end.
    drained: Option<Instant>,
}

/// The parts of a manager.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    pub(super) settings: Arc<Settings>,
    pub(super) counters: Arc<Counters>,
    pub(super) leases: Arc<Leases>,
    pub(super) events: Sender,
}

impl Manager {
    pub(super) fn new(
        client: Arc<dyn StreamClient>,
        parts: Parts,
        reporting: mpsc::UnboundedSender<Report>,
        reports: mpsc::UnboundedReceiver<Report>,
    ) -> Self {
        Self {
            client,
            liveness: Liveness::new(parts.settings.lease),
            settings: parts.settings,
            counters: parts.counters,
            leases: parts.leases,
            events: parts.events,
            reports,
            reporting,
            rows: BTreeMap::new(),
            mine: BTreeMap::new(),
            list_at: Instant::now(),
            listed: None,
            backoff: Backoff::default(),
            tasks: JoinSet::new(),
        }
    }

    /// Reads the stream until the reader ends or, if configured, until all work is done.
    pub(super) async fn run(mut self) {
        let deadline = self.settings.deadline;
        loop {
            let again = match self.round().await {
                Ok(()) => {
                    self.backoff.reset();
                    if self.settings.stop_at_tip && self.is_finished() {
                        return;
                    }
                    let now = Instant::now();
                    (now + self.settings.lease / 3).min(self.list_at.max(now))
                }
                Err(error) => {
                    let name = self.client.name();
                    warn("relay-shards", || format!("{name}: {error}; retrying"));
                    // A listing that is due may be the failed call, so it waits as well.
                    Instant::now() + self.backoff.next()
                }
            };
            tokio::select! {
                Some(report) = self.reports.recv() => {
                    self.take_reports(report).await;
                }
                () = sleep_until(again) => {}
                () = until(deadline) => return,
            }
            while self.tasks.try_join_next().is_some() {}
        }
    }

    /// Checks everything once, and takes the necessary steps.
    async fn round(&mut self) -> Result<(), String> {
        let listed = self.list().await?;
        self.load().await?;
        if let Some(listed) = listed {
            let rows = new_rows(self.client.name(), &self.rows, &listed, &self.settings);
            self.add(rows).await?;
        }
        self.liveness.look(self.rows.values(), &self.settings.owner);
        self.let_go_of_lost();
        // A step may enable further steps, such as children that have ended too.
        while self.act().await? {}
        Ok(())
    }

    /// Lists shards if a listing is due.
    async fn list(&mut self) -> Result<Option<Vec<ShardInfo>>, String> {
        if Instant::now() < self.list_at {
            return Ok(None);
        }
        let began = Instant::now();
        let shards = timeout(self.settings.call_timeout, self.client.shards()).await;
        let shards = shards
            .map_err(|_| "shards could not be listed in time".to_owned())?
            .map_err(|error| error.to_string())?;
        self.list_at = Instant::now() + self.settings.discovery;
        self.listed = Some(began);
        Ok(Some(shards))
    }

    async fn load(&mut self) -> Result<(), String> {
        let store = self.settings.store.clone();
        let rows = self.bounded(store.rows(self.client.name())).await;
        let rows = rows.map_err(|error| error.to_string())?;
        self.rows = rows
            .into_iter()
            .map(|row| (row.shard.clone(), row))
            .collect();
        Ok(())
    }

    async fn add(&mut self, rows: Vec<Row>) -> Result<(), String> {
        if rows.is_empty() {
            return Ok(());
        }
        let store = self.settings.store.clone();
        self.bounded(store.add(&rows))
            .await
            .map_err(|error| error.to_string())?;
        for row in rows {
            self.rows.entry(row.shard.clone()).or_insert(row);
        }
        Ok(())
    }

    /// Carries out the plan; returns whether that changed anything.
    async fn act(&mut self) -> Result<bool, String> {
        let stages = self.stages();
        let view = self.view(&stages);
        let plan = view.plan();
        for shard in &plan.drop {
            self.lose(shard).await;
        }
        let mut changed = !plan.drop.is_empty();
        for shard in &plan.take {
            changed |= self.take(shard).await.map_err(|error| error.to_string())?;
        }
        self.end_families();
        self.open_waiting()
            .await
            .map_err(|error| error.to_string())?;
        Ok(changed)
    }

    /// Handles this report and all queued ones.
    async fn take_reports(&mut self, first: Report) {
        let mut next = Some(first);
        while let Some(report) = next {
            match report {
                Report::Drained(shard, children) => {
                    self.set_stage(&shard, Stage::Drained);
                    self.add_children(&children).await;
                }
                Report::Stopped(shard) => self.set_stage(&shard, Stage::Stopped),
                Report::Lost(lease) => self.lost(&lease),
                Report::Done(shard) => self.finish(&shard),
            }
            next = self.reports.try_recv().ok();
        }
    }

    /// Adds rows for the children named at the end of a shard.
    async fn add_children(&mut self, children: &[ShardInfo]) {
        let name = self.client.name();
        let rows = children.iter().map(|info| child_row(name, info));
        let rows: Vec<_> = rows
            .filter(|row| !self.rows.contains_key(&row.shard))
            .collect();
        // A parent without a row has been removed, or has not been listed yet; only a listing can
        // tell.
        let parents = rows.iter().flat_map(|row| &row.parents);
        let all_known = parents
            .into_iter()
            .all(|parent| self.rows.contains_key(parent));
        let added = all_known && self.add(rows).await.is_ok();
        if !added || children.is_empty() {
            self.list_at = Instant::now();
        }
    }

    fn set_stage(&mut self, shard: &ShardId, stage: Stage) {
        if let Some(mine) = self.mine.get_mut(shard) {
            mine.stage = stage;
            if stage == Stage::Drained {
                mine.drained = Some(Instant::now());
            }
        }
    }

    /// Finishes a shard: its children no longer depend on it.
    fn finish(&mut self, shard: &ShardId) {
        if let Some(row) = self.rows.get_mut(shard) {
            row.position = Position::End;
        }
        if let Some(mine) = self.mine.remove(shard) {
            self.leases.remove(&mine.lease);
            if let Some(task) = mine.task {
                task.abort();
            }
        }
    }

    /// Drops shards that belong to another instance or are done, according to the rows.
    fn let_go_of_lost(&mut self) {
        let gone: Vec<_> = self
            .mine
            .iter()
            .filter(|(shard, mine)| {
                let row = self.rows.get(shard);
                row.is_none_or(|row| !mine.lease.is_of(row) || row.is_done())
            })
            .map(|(shard, _)| shard.clone())
            .collect();
        for shard in gone {
            if self.rows.get(&shard).is_some_and(Row::is_done) {
                self.finish(&shard);
            } else {
                self.forget(&shard);
            }
        }
    }

    /// Gives up a shard.
    async fn lose(&mut self, shard: &ShardId) {
        let Some(lease) = self.forget(shard) else {
            return;
        };
        let store = self.settings.store.clone();
        // If another instance has the lease already, there is nothing to release.
        let _ = self.bounded(store.release(&lease)).await;
        if let Some(row) = self.rows.get_mut(shard) {
            row.owner = None;
        }
    }

    /// Handles the loss of a lease; the shard may have been taken again since.
    fn lost(&mut self, lease: &Lease) {
        let shard = &lease.shard;
        if self
            .mine
            .get(shard)
            .is_some_and(|mine| mine.lease == *lease)
        {
            self.forget(shard);
        }
    }

    fn forget(&mut self, shard: &ShardId) -> Option<Lease> {
        let mine = self.mine.remove(shard)?;
        if let Some(task) = mine.task {
            task.abort();
        }
        if let Some(held) = self.leases.get(shard)
            && held.lease == mine.lease
        {
            held.set(Validity::Lost);
        }
        self.leases.remove(&mine.lease);
        add(&self.counters.lost, 1);
        self.events.tell(shard, Happened::Lost);
        Some(mine.lease)
    }

    fn view<'a>(&'a self, stages: &'a BTreeMap<ShardId, Stage>) -> View<'a> {
        View {
            rows: &self.rows,
            mine: stages,
            dead: self.liveness.dead(),
            me: &self.settings.owner,
            balance: self.settings.store.is_shared() && !self.settings.stop_at_tip,
        }
    }

    fn stages(&self) -> BTreeMap<ShardId, Stage> {
        let mine = self.mine.iter();
        mine.map(|(shard, mine)| (shard.clone(), mine.stage))
            .collect()
    }

    /// Waits for the store, with a timeout.
    async fn bounded<T>(
        &self,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let limit = self.settings.call_timeout;
        let late = |_| StoreError::Unavailable(format!("no response within {limit:.1?}"));
        timeout(limit, call).await.map_err(late)?
    }
}

/// Waits until a deadline; forever if there is none.
async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}
