//! The engine: undecided traces, their decisions, and the position from which to restart.
//!
//! An [`Engine`] is a function of records and stream time. Records of a shard are pushed into it in
//! order and held unchanged, with a few bytes for each undecided trace. As stream time advances,
//! traces are decided. Kept traces are output with their records; dropped ones are not.
//!
//! **Time.** The effective time of a record is the latest arrival up to and including it. Its whole
//! seconds are ticks. Traces that are due at a tick are decided before any record of that tick or a
//! later one is processed. At the tip of a shard, where no record advances its time, the driver
//! [advances](Engine::advance) it.
//!
//! **Restart.** A [`Checkpoint`] contains the position from which to resume: the oldest record that
//! is undecided or not [settled](Engine::settle). Records that had been read after it are read
//! again without making decisions: these are in a log beside the checkpoint, 16 bytes each, and the
//! traces they kept are output once more, identically. At the position where the checkpoint was
//! made, all inputs of decisions are as before: undecided traces with their evidence, held bytes,
//! the time, the adaptive rules and the remembered decisions. From there on, the engine continues
//! as it would have.
//!
//! **Late spans.** A span of a decided trace follows the decision of its trace. If the trace was
//! dropped, late spans are judged on their own, unless a rule has a veto.
//!
//! **Shards.** The output of a shard depends on its records and those of its ancestors, not on the
//! order in which shards are read. When a shard [ends](Engine::end), its undecided traces and
//! remembered decisions continue in the shards that now have its hash keys. If one of two merged
//! shards has decided a trace, its undecided spans in the other one count as late.

mod adopt;
mod checkpoint;
mod decide;
mod decisions;
mod emit;
mod hash;
mod include;
mod machine;
mod output;
mod records;
mod reshard;
mod resume;
mod settings;
mod shard;
mod slab;
mod stats;
mod traces;

pub use checkpoint::{Checkpoint, CheckpointError, Resume};
pub use machine::Engine;
pub use output::{DeadLetter, Held, Kept, Observer, Output, RecordNumber};
pub use settings::Settings;
pub use stats::{Fate, Reason, ShardStats, Stats};
