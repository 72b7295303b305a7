//! The leases held by this instance, and their validity.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use lamplight_internal::sync::lock;
use tokio::{sync::watch, time::Instant};

use super::super::store::Lease;
use crate::record::ShardId;

/// The leases of a reader.
#[derive(Debug, Default)]
pub(super) struct Leases {
    held: Mutex<BTreeMap<ShardId, Held>>,
}

/// A lease that is held.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) lease: Lease,
    validity: watch::Sender<Validity>,
    /// Locked while the checkpoint is written, so that saves complete in the order in which they
    /// began.
    pub(super) saving: Arc<tokio::sync::Mutex<()>>,
}

/// The validity of a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Validity {
    Forever,
    Until(Instant),
    Lost,
}

impl Validity {
    /// Returns the validity of a lease that was renewed at `shown`. It is a tenth shorter than the
    /// time other instances wait, since clocks differ.
    pub(super) fn since(shown: Instant, lease: Duration) -> Self {
        Self::Until(shown + lease.mul_f64(0.9))
    }

    fn is_good(self) -> bool {
        match self {
            Self::Forever => true,
            Self::Until(end) => Instant::now() < end,
            Self::Lost => false,
        }
    }
}

impl Leases {
    pub(super) fn insert(&self, lease: Lease, validity: Validity) {
        let held = Held {
            validity: watch::Sender::new(validity),
            saving: Arc::default(),
            lease,
        };
        lock(&self.held).insert(held.lease.shard.clone(), held);
    }

    /// Removes a lease, unless the shard has a newer one.
    pub(super) fn remove(&self, lease: &Lease) {
        let mut held = lock(&self.held);
        if held.get(&lease.shard).is_some_and(|it| it.lease == *lease) {
            held.remove(&lease.shard);
        }
    }

    pub(super) fn get(&self, shard: &ShardId) -> Option<Held> {
        lock(&self.held).get(shard).cloned()
    }

    pub(super) fn all(&self) -> Vec<Held> {
        lock(&self.held).values().cloned().collect()
    }
}

impl Held {
    pub(super) fn is_good(&self) -> bool {
        self.validity.borrow().is_good()
    }

    pub(super) fn is_lost(&self) -> bool {
        *self.validity.borrow() == Validity::Lost
    }

    /// Sets the validity; a lost lease stays lost.
    pub(super) fn set(&self, validity: Validity) {
        self.validity.send_if_modified(|now| {
            let changed = *now != Validity::Lost && *now != validity;
            if changed {
                *now = validity;
            }
            changed
        });
    }

    /// Returns whether the lease is valid, once that is certain: an expired lease may still be
    /// renewed.
    pub(super) async fn settled(&self) -> bool {
        let mut validity = self.validity.subscribe();
        loop {
            if validity.borrow_and_update().is_good() {
                return true;
            }
            if self.is_lost() || validity.changed().await.is_err() {
                return false;
            }
        }
    }
}
