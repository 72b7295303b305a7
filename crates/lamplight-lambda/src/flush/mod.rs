//! The delivery of queued spans: its times and its limits.

mod background;
mod policy;
mod rate;
mod scheduler;

pub(crate) use self::scheduler::{FlushScheduler, FlushSettings, Flushing};
pub use self::{
    policy::{FlushPolicy, UnknownFlushPolicy},
    scheduler::{DEFAULT_DEADLINE_MARGIN, DEFAULT_FLUSH_BUDGET},
};
