//! Steps for a shard: taking its lease, starting to read, reporting its end.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    super::{held::Validity, plan::Stage, shard::ShardReader, stats::add},
    Manager, Mine,
};
use crate::{
    record::{ShardId, StreamTime},
    source::{
        Child, Happened,
        name::id_in,
        store::{Row, StoreError},
    },
};

/// Time after the end of a shard in which its children may be missing from a listing, if the end
/// did not name them.
const CHILDREN_LATE: Duration = Duration::from_secs(4);

/// Interval until shards are listed again if children are missing.
const LISTED_AGAIN: Duration = Duration::from_secs(2);

impl Manager {
    /// Takes a shard's lease; it is not an error if another instance was faster.
    pub(super) async fn take(&mut self, shard: &ShardId) -> Result<bool, StoreError> {
        let Some(row) = self.rows.get(shard).cloned() else {
            return Ok(false);
        };
        let began = Instant::now();
        let store = self.settings.store.clone();
        let lease = match self.bounded(store.take(&row, &self.settings.owner)).await {
            Ok(lease) => lease,
            Err(StoreError::Fenced) => return Ok(false),
            Err(error) => return Err(error),
        };
        let validity = if store.is_shared() {
            Validity::since(began, self.settings.lease)
        } else {
            Validity::Forever
        };
        add(&self.counters.taken, 1);
        self.leases.insert(lease.clone(), validity);
        if let Some(row) = self.rows.get_mut(shard) {
            row.owner = Some(lease.owner.clone());
            row.token = lease.token;
            row.beat = 0;
        }
        let mine = Mine {
            stage: Stage::Waiting,
            lease,
            task: None,
            drained: None,
        };
        self.mine.insert(shard.clone(), mine);
        Ok(true)
    }

    /// Reports the end of shards whose children can be read now.
    pub(super) fn end_families(&mut self) {
        let stages = self.stages();
        let view = self.view(&stages);
        let drained = stages.iter().filter(|(_, stage)| **stage == Stage::Drained);
        let (mut ended, mut is_one_alone) = (Vec::new(), false);
        for (shard, _) in drained {
            if self.may_have_children(shard) {
                is_one_alone = true;
            } else if view.is_family_here(shard) {
                let children: Vec<_> = view.children(shard).map(child).collect();
                ended.push((shard.clone(), children));
            }
        }
        if is_one_alone {
            // The end of a shard usually names its children. If it did not, the listing may be
            // late.
            self.list_at = self.list_at.min(Instant::now() + LISTED_AGAIN);
        }
        for (shard, children) in ended {
            self.set_stage(&shard, Stage::Ended);
            self.events.tell(&shard, Happened::Ended { children });
        }
    }

    /// Returns whether a shard that was read to its end may have children that have not been listed
    /// yet.
    fn may_have_children(&self, shard: &ShardId) -> bool {
        let mut rows = self.rows.values();
        if rows.any(|row| row.parents.contains(shard)) {
            return false;
        }
        let drained = self.mine.get(shard).and_then(|mine| mine.drained);
        let last = drained.map(|drained| drained + CHILDREN_LATE);
        self.listed < last
    }

    /// Starts to read shards that are held and whose parents have ended.
    pub(super) async fn open_waiting(&mut self) -> Result<(), StoreError> {
        let stages = self.stages();
        let view = self.view(&stages);
        let ready = view.ready();
        let ready: Vec<_> = ready.into_iter().cloned().collect();
        for row in ready {
            self.open(row).await?;
        }
        Ok(())
    }

    /// Returns whether every available shard has been read to its tip.
    pub(super) fn is_finished(&self) -> bool {
        let is_busy = |(shard, mine): (&ShardId, &Mine)| match mine.stage {
            Stage::Waiting | Stage::Reading => true,
            Stage::Drained => self.may_have_children(shard),
            Stage::Stopped | Stage::Ended => false,
        };
        let may_be_had = |row: &Row| {
            let is_elsewhere = !row.is_done() && !self.mine.contains_key(&row.shard);
            is_elsewhere && self.liveness.is_unknown(&row.shard)
        };
        !self.mine.iter().any(is_busy) && !self.rows.values().any(may_be_had)
    }

    async fn open(&mut self, row: Row) -> Result<(), StoreError> {
        let store = self.settings.store.clone();
        let log = self.bounded(store.log(&row.shard)).await?;
        let Some(mine) = self.mine.get_mut(&row.shard) else {
            return Ok(());
        };
        let opened = Happened::Opened {
            position: row.position.clone(),
            state: row.state,
            log,
        };
        self.events.tell(&row.shard, opened);
        let id = id_in(&row.shard, self.client.name()).unwrap_or_default();
        let reader = ShardReader {
            client: self.client.clone(),
            settings: self.settings.clone(),
            counters: self.counters.clone(),
            events: self.events.clone(),
            reports: self.reporting.clone(),
            id: id.to_owned(),
            token: mine.lease.token,
            position: row.position,
            now: StreamTime::default(),
            said: None,
            subscribed: None,
            began: self.settings.clock.now(),
            expected: None,
            shard: row.shard,
        };
        mine.stage = Stage::Reading;
        mine.task = Some(self.tasks.spawn(reader.run()));
        Ok(())
    }
}

/// Returns the description of a child.
fn child(row: &Row) -> Child {
    Child {
        is_done: row.is_done(),
        ..Child::new(row.shard.clone(), row.range)
    }
}
