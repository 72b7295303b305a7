//! Saving where reading begins again.

use std::{collections::BTreeMap, sync::Arc};

use tokio::{sync::mpsc::UnboundedSender, time::timeout};

use super::{
    held::{Held, Leases, Validity},
    settings::Settings,
    shard::Report,
};
use crate::{
    record::ShardId,
    source::{
        name::id_in,
        store::{Save, StoreError},
    },
};

/// The checkpoints of the shards that a [`Reader`](super::Reader) has the leases of. Clones are the same.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    settings: Arc<Settings>,
    leases: Arc<Leases>,
    /// To those who manage the streams.
    reports: Arc<BTreeMap<String, UnboundedSender<Report>>>,
}

impl Checkpoints {
    pub(super) fn new(
        settings: Arc<Settings>,
        leases: Arc<Leases>,
        reports: BTreeMap<String, UnboundedSender<Report>>,
    ) -> Self {
        Self {
            settings,
            leases,
            reports: Arc::new(reports),
        }
    }

    /// Saves the checkpoint of a shard. One at [`Position::End`](crate::source::Position::End) gives the shard up
    /// for good.
    ///
    /// # Errors
    ///
    /// [`StoreError::Fenced`] if another instance has the shard, or the shard is not one of the reader's: a
    /// [`Lost`](crate::source::Happened::Lost) has been told or follows. [`StoreError::Unavailable`] if the store
    /// failed: it may have been written or not, and can be tried again.
    pub async fn save(&self, shard: &ShardId, save: &Save) -> Result<(), StoreError> {
        let held = self.leases.get(shard).ok_or(StoreError::Fenced)?;
        let _one_at_a_time = held.saving.lock().await;
        if held.is_lost() {
            return Err(StoreError::Fenced);
        }
        let limit = self.settings.call_timeout;
        let saved = timeout(limit, self.settings.store.save(&held.lease, save)).await;
        match saved {
            Err(_) => Err(StoreError::Unavailable(format!(
                "no answer within {limit:.1?}"
            ))),
            Ok(Err(StoreError::Fenced)) => {
                self.lose(&held);
                Err(StoreError::Fenced)
            }
            Ok(Err(error)) => Err(error),
            Ok(Ok(())) => {
                if save.is_last() {
                    self.report(shard, Report::Done(shard.clone()));
                }
                Ok(())
            }
        }
    }

    /// Returns whether the lease of a shard is held now, by this machine's clock. What was read under a lease
    /// that is not must not be delivered: another instance may have begun to.
    pub fn holds(&self, shard: &ShardId) -> bool {
        self.leases.get(shard).is_some_and(|held| held.is_good())
    }

    /// A lease is another's.
    pub(super) fn lose(&self, held: &Held) {
        held.set(Validity::Lost);
        self.report(&held.lease.shard, Report::Lost(held.lease.clone()));
    }

    fn report(&self, shard: &ShardId, report: Report) {
        let streams = self.reports.iter();
        let mut of_shard = streams.filter(|(name, _)| id_in(shard, name).is_some());
        if let Some((_, reports)) = of_shard.next() {
            // A manager that has ended wants to know nothing.
            let _ = reports.send(report);
        }
    }
}
