//! Changes to spans before delivery, and their encoding.
//!
//! A [`Cleaner`] encodes a kept trace as [`Chunk`]s, and [`requests`] combines chunks to requests.
//! Spans are not decoded into objects: each span is read once in place, changed fields are
//! rewritten, and the rest is copied.
//!
//! The steps for each span of the trace, in this order:
//!
//! 1. Spans with duplicate ids are dropped, except for the first one.
//! 2. Spans that meet a [condition](CleanerBuilder::drop_spans) are dropped.
//! 3. Span events are dropped according to the [`EventPolicy`].
//! 4. Attributes are removed, renamed, masked or hashed by their keys.
//! 5. Names, status messages and values of attributes are searched for sensitive data
//!    ([`ValueSet`], [`ValuePattern`]), which is masked.
//! 6. Values are truncated.
//! 7. Custom [`Transform`]s are applied.
//! 8. The marks of sampling are added: `ot=th` in the `tracestate`, `lamplight.relay.rule`,
//!    `lamplight.relay.incomplete`, and a sample rate for sinks that are configured to receive one.
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
