//! What is changed on the way, and how it is encoded.
//!
//! A [`Cleaner`] makes [`Chunk`]s of a kept trace: bytes that are ready to be sent. [`requests`] puts
//! them together. Nothing is decoded into objects: a span is read once where it lies, what changes is
//! written in its place, and the rest is copied.
//!
//! In this order, for each span of the trace:
//!
//! 1. A span id that the trace already has is left out; the first copy counts.
//! 2. Spans are left out on [conditions](CleanerBuilder::drop_spans).
//! 3. Span events go by the [`EventPolicy`].
//! 4. Attributes are removed, renamed, masked or hashed by their keys.
//! 5. Names, status messages and values of attributes are searched for what must not be told
//!    ([`ValueSet`], [`ValuePattern`]), and masked.
//! 6. Values are cut down to a length.
//! 7. [`Transform`]s of the user's own.
//! 8. The marks of sampling: `ot=th` in the `tracestate`, `lamplight.relay.rule`,
//!    `lamplight.relay.incomplete`, and a sample rate for sinks that want one.
//!
//! The result is a function of the spans and the settings, so that a replay delivers exact copies.

mod assembly;
mod builder;
mod chunk;
mod cleaner;
mod condition;
mod config;
mod cut;
mod error;
mod fates;
mod header;
mod index;
mod keys;
mod marks;
mod request;
mod seen;
mod span;
mod splice;
mod stats;
mod transform;
mod values;
mod workshop;

pub use builder::CleanerBuilder;
pub use chunk::Chunk;
pub use cleaner::Cleaner;
pub use config::EventPolicy;
pub use error::CleanError;
pub use keys::{KeyPattern, On};
pub use marks::Stamp;
pub use request::{DEFAULT_MAX_REQUEST, Oversized, Refused, Request, Requests, requests};
pub use stats::CleanStats;
pub use transform::{NewValue, SpanCondition, SpanEditor, Transform};
pub use values::{ValuePattern, ValueSet};
