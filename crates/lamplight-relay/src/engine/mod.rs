//! What is held, until when, and where reading starts again.
//!
//! An [`Engine`] is a function of records and stream time. Records of a shard are pushed into it in their
//! order and held as they are, with a few bytes for each trace that is not decided; stream time passes;
//! traces are decided, and come out with their records, or not at all.
//!
//! **Time.** The effective time of a record is the latest arrival up to it. Whole seconds of it are ticks.
//! What is due at a tick is decided before a record of that tick or a later one is looked at. At the end of
//! a shard, where no record moves its time, the driver [advances](Engine::advance) it.
//!
//! **Restart.** A [`Checkpoint`] says where reading starts again: at the oldest record that is undecided or
//! not [settled](Engine::settle). What had been read behind it is read again, and nothing is decided
//! meanwhile: decisions are in a log beside the checkpoint, 16 bytes each, and what they kept of those
//! records comes out once more, the same. At the place where the checkpoint was made everything that
//! decisions are made of is as it was: undecided traces with their evidence, what is held, the time, the
//! adaptive rules and the decisions that are remembered. From there on the engine does what it did.
//!
//! **Late spans.** A span of a trace that was decided goes the way of its trace. Where that was dropped,
//! the late spans are judged alone, unless a rule vetoed it.
//!
//! **Shards.** What comes of a shard depends on its records and on those of the shards it came from, not on
//! how they are read between each other. When a shard [ends](Engine::end), its undecided traces go on
//! in the shards that hold its keys, and so does what is remembered. Where one of two shards that are merged
//! has decided a trace, what is undecided of it in the other is late.

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
