//! Integration of `tracing` with the spans of invocations.

mod fields;
mod format;
mod in_use;
mod layer;
mod lock;

pub(crate) use self::layer::layer;
pub use self::{format::WithTraceIds, in_use::is_tracing_in_use};
