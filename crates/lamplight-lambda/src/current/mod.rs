//! The current invocations and records.

mod active;
mod context_span;
mod handle;
mod invocation;

#[cfg(feature = "_records")]
pub(crate) use self::handle::SpanOwner;
pub(crate) use self::{
    active::{ActiveInvocations, Registration},
    context_span::ContextSpan,
};
pub use self::{handle::SpanHandle, invocation::Invocation};
