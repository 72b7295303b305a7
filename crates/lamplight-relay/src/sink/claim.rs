//! The right to deliver the data of a shard.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// The right to deliver the data of a shard, until it is revoked. Clones share one state.
#[derive(Debug, Clone, Default)]
pub struct Claim(Arc<AtomicBool>);

impl Claim {
    /// Revokes the right, since another instance reads the shard now: no further request is sent
    /// with its data.
    pub fn revoke(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Returns whether it has been revoked.
    pub fn is_revoked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
