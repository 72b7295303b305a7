//! Heartbeats of this instance.

use std::sync::Arc;

use tokio::{
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, timeout},
};

use super::{
    held::{Held, Leases, Validity},
    settings::Settings,
};
use crate::source::store::StoreError;

/// Renews all leases, three times per lease duration.
pub(super) async fn beat(leases: Arc<Leases>, settings: Arc<Settings>, lost: impl Fn(&Held)) {
    let mut ticks = interval(settings.lease / 3);
    // After a pause of the process, one renewal is enough.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let mut renewals = JoinSet::new();
        for held in leases.all() {
            renewals.spawn(renew(held, settings.clone()));
        }
        while let Some(renewed) = renewals.join_next().await {
            if let Ok((held, Err(StoreError::Fenced))) = renewed {
                held.set(Validity::Lost);
                lost(&held);
            }
        }
    }
}

/// Renews one lease. A failure is retried at the next heartbeat: a lease lasts for three.
async fn renew(held: Held, settings: Arc<Settings>) -> (Held, Result<(), StoreError>) {
    let shown = Instant::now();
    // Beyond the next heartbeat the call is of no use.
    let limit = settings.call_timeout.min(settings.lease / 3);
    let renewed = timeout(limit, settings.store.renew(&held.lease)).await;
    let late = |_| StoreError::Unavailable("no response in time".to_owned());
    let renewed = renewed.map_err(late).flatten();
    if renewed.is_ok() {
        held.set(Validity::since(shown, settings.lease));
    }
    (held, renewed)
}
