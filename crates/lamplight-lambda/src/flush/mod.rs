//! Delivery of queued spans: when, and for how long.

mod background;
mod policy;
mod rate;
mod scheduler;

pub(crate) use self::scheduler::{FlushScheduler, FlushSettings, Flushing};
pub use self::{
    policy::{FlushPolicy, UnknownFlushPolicy},
    scheduler::{DEFAULT_DEADLINE_MARGIN, DEFAULT_FLUSH_BUDGET},
};
