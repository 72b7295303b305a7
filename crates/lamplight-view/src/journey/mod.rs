//! The journey of an event: the spans of a trace joined by parents, links, messages and attempts.

mod attempts;
mod batches;
mod build;
mod clocks;
mod copies;
mod critical;
mod flush;
mod gather;
mod join;
mod material;
mod model;
pub mod names;
mod waits;

pub(crate) use flush::{next_from, of_next};
pub use gather::Journeys;
pub use model::{Around, Attempts, Batch, Journey, Node, NodeKind, Place, Wait};
