//! Saving of checkpoints.

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

/// The checkpoints of the shards whose leases a [`Reader`](super::Reader) holds. Clones share one
/// state.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    settings: Arc<Settings>,
    leases: Arc<Leases>,
    /// Channels to the managers of the streams.
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

    /// Saves the checkpoint of a shard. A checkpoint at
    /// [`Position::End`](crate::source::Position::End) finishes the shard for good.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Fenced`] if another instance has the shard, or if the shard is not one
    /// of the reader's; a [`Lost`](crate::source::Happened::Lost) event has been returned or
    /// follows. Returns [`StoreError::Unavailable`] if the store failed; the checkpoint may or may
    /// not have been written, and the call can be repeated.
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
                "no response within {limit:.1?}"
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

    /// Returns whether the lease of a shard is valid now, by this machine's clock. Data read under
    /// an invalid lease must not be delivered, since another instance may have begun to deliver it.
    pub fn holds(&self, shard: &ShardId) -> bool {
        self.leases.get(shard).is_some_and(|held| held.is_good())
    }

    /// Handles the loss of a lease to another instance.
    pub(super) fn lose(&self, held: &Held) {
        held.set(Validity::Lost);
        self.report(&held.lease.shard, Report::Lost(held.lease.clone()));
    }

    fn report(&self, shard: &ShardId, report: Report) {
        let streams = self.reports.iter();
        let mut of_shard = streams.filter(|(name, _)| id_in(shard, name).is_some());
        if let Some((_, reports)) = of_shard.next() {
            // A manager that has ended needs no reports.
            let _ = reports.send(report);
        }
    }
}
