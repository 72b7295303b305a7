//! Whose it is to deliver what came of a shard.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// The right to deliver what came of a shard, until it is revoked. Clones are the same one.
#[derive(Debug, Clone, Default)]
pub struct Claim(Arc<AtomicBool>);

impl Claim {
    /// Revokes it, since another instance reads the shard now: no request is begun any more with what it was for.
    pub fn revoke(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Returns whether it has been revoked.
    pub fn is_revoked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
