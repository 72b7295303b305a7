//! Checkpoints on their way to the store.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;

use super::{core::Core, source::SaveCheckpoints};
use crate::{
    engine::{Checkpoint, Resume},
    record::ShardId,
    source::{
        Position,
        store::{Save, StoreError},
    },
};

/// Saved and unsaved checkpoint data of each shard.
#[derive(Debug, Default)]
pub(super) struct Saves {
    shards: BTreeMap<ShardId, Saved>,
    /// Number of shards opened so far.
    opened: u64,
}

#[derive(Debug)]
struct Saved {
    /// Number of shards opened up to this one: a shard that is lost and taken again counts as a new
    /// one.
    opening: u64,
    /// The position at which it was opened or last saved.
    position: Position,
    state: Bytes,
    /// Decisions that are not yet in a log.
    backlog: VecDeque<Bytes>,
}

/// Checkpoints to save one after the other.
#[derive(Debug)]
pub(super) struct Job(Vec<ShardJob>);

#[derive(Debug)]
struct ShardJob {
    shard: ShardId,
    opening: u64,
    saves: VecDeque<Save>,
}

/// The result of saving a shard's checkpoint.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) shard: ShardId,
    opening: u64,
    /// Number of completed writes.
    written: usize,
    last: Option<Save>,
    /// The error, if not all were written.
    pub(super) failed: Option<StoreError>,
}

impl Saves {
    /// Records the position at which a shard was opened.
    pub(super) fn opened(&mut self, shard: &ShardId, position: Position, state: Bytes) {
        self.opened += 1;
        let saved = Saved {
            opening: self.opened,
            position,
            state,
            backlog: VecDeque::new(),
        };
        self.shards.insert(shard.clone(), saved);
    }

    /// Forgets a shard.
    pub(super) fn close(&mut self, shard: &ShardId) {
        self.shards.remove(shard);
    }

    /// Returns the checkpoints to save now, if any.
    pub(super) fn job(&mut self, core: &mut Core, keep: Duration) -> Option<Job> {
        let mut jobs = Vec::new();
        for checkpoint in core.checkpoints() {
            let Some(saved) = self.shards.get_mut(&checkpoint.shard) else {
                continue;
            };
            loop {
                let chunk = core.decisions(&checkpoint.shard);
                if chunk.is_empty() {
                    break;
                }
                saved.backlog.push_back(chunk.into());
            }
            let saves = saved.saves(&checkpoint, keep);
            if !saves.is_empty() {
                jobs.push(ShardJob {
                    shard: checkpoint.shard,
                    opening: saved.opening,
                    saves,
                });
            }
        }
        (!jobs.is_empty()).then_some(Job(jobs))
    }

    /// Returns whether the result belongs to the shard as it is open now, rather than to an opening
    /// before it was lost.
    pub(super) fn is_open(&self, done: &Done) -> bool {
        let saved = self.shards.get(&done.shard);
        saved.is_some_and(|saved| saved.opening == done.opening)
    }

    /// Records the result of a shard's save; returns whether the shard is done for good.
    pub(super) fn done(&mut self, done: &Done) -> bool {
        let Some(saved) = self.shards.get_mut(&done.shard) else {
            return false;
        };
        // The chunks that were written.
        let chunks = done.written.min(saved.backlog.len());
        saved.backlog.drain(..chunks);
        let Some(last) = &done.last else {
            return false;
        };
        saved.position = last.position.clone();
        saved.state = last.state.clone();
        last.position == Position::End
    }
}

impl Saved {
    /// Returns the saves of a checkpoint: first the chunks of the log, each under the previous
    /// checkpoint.
    fn saves(&self, checkpoint: &Checkpoint, keep: Duration) -> VecDeque<Save> {
        let position = match &checkpoint.resume {
            Resume::Start => self.position.clone(),
            Resume::At(sequence) => Position::At(sequence.clone()),
            Resume::After(sequence) => Position::After(sequence.clone()),
            Resume::End => Position::End,
        };
        let state = Bytes::from(checkpoint.to_text());
        let mut saves = VecDeque::new();
        if self.backlog.is_empty() && position == self.position && state == self.state {
            return saves;
        }
        let time = checkpoint.read_time;
        let (last, before) = match self.backlog.len() {
            0 => (None, 0),
            chunks => (self.backlog.back(), chunks - 1),
        };
        for chunk in self.backlog.iter().take(before) {
            let save = Save::new(self.position.clone(), self.state.clone());
            saves.push_back(save.append(chunk.clone(), time, keep));
        }
        let mut save = Save::new(position, state);
        if let Some(chunk) = last {
            save = save.append(chunk.clone(), time, keep);
        }
        saves.push_back(save);
        saves
    }
}

impl Job {
    /// Runs the saves in order, and stops after a failure, since later ones may depend on it: the
    /// checkpoint of a parent relies on the decisions in its children's logs.
    pub(super) async fn run(self, to: Arc<dyn SaveCheckpoints>) -> Vec<Done> {
        let mut all = Vec::new();
        for ShardJob {
            shard,
            opening,
            saves,
        } in self.0
        {
            let mut done = Done {
                shard,
                opening,
                written: 0,
                last: None,
                failed: None,
            };
            let count = saves.len();
            for (index, save) in saves.into_iter().enumerate() {
                match to.save(&done.shard, &save).await {
                    Ok(()) => {
                        done.written += 1;
                        if index + 1 == count {
                            done.last = Some(save);
                        }
                    }
                    Err(error) => {
                        done.failed = Some(error);
                        break;
                    }
                }
            }
            let has_failed = done.failed.is_some();
            all.push(done);
            if has_failed {
                break;
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::source::BoxFuture;

    /// Refuses the saves of one shard, and records all of them.
    struct Refusing(StoreError, Mutex<Vec<ShardId>>);

    impl SaveCheckpoints for Refusing {
        fn save<'a>(
            &'a self,
            shard: &'a ShardId,
            _: &'a Save,
        ) -> BoxFuture<'a, Result<(), StoreError>> {
            self.1.lock().unwrap().push(shard.clone());
            let is_refused = shard.as_str() == "child";
            let saved = if is_refused {
                Err(self.0.clone())
            } else {
                Ok(())
            };
            Box::pin(async { saved })
        }

        fn holds(&self, _: &ShardId) -> bool {
            true
        }
    }

    #[tokio::test]
    async fn a_parents_checkpoint_is_not_saved_where_its_childs_is_refused() {
        let unavailable = StoreError::Unavailable("away".to_owned());
        for error in [StoreError::Fenced, unavailable] {
            let jobs = ["grandchild", "child", "parent"].map(|shard| ShardJob {
                shard: ShardId::new(shard),
                opening: 1,
                saves: VecDeque::from([Save::new(Position::TrimHorizon, Bytes::new())]),
            });
            let to = Arc::new(Refusing(error.clone(), Mutex::default()));
            let done = Job(jobs.into()).run(to.clone()).await;
            let failed: Vec<_> = done.into_iter().map(|done| done.failed).collect();
            assert_eq!(failed, [None, Some(error)]);
            let tried = to.1.lock().unwrap();
            assert_eq!(*tried, ["grandchild", "child"].map(ShardId::new));
        }
    }

    #[tokio::test]
    async fn what_became_of_a_save_is_not_believed_of_a_shard_that_was_lost_and_taken_again() {
        let shard = ShardId::new("child");
        let mut saves = Saves::default();
        let mut open = || {
            saves.opened(&shard, Position::TrimHorizon, Bytes::new());
            saves.opened
        };
        let (before, now) = (open(), open());
        let to = Arc::new(Refusing(StoreError::Fenced, Mutex::default()));
        for opening in [before, now] {
            let job = ShardJob {
                shard: shard.clone(),
                opening,
                saves: VecDeque::from([Save::new(Position::TrimHorizon, Bytes::new())]),
            };
            let done = Job(vec![job]).run(to.clone()).await;
            assert_eq!(saves.is_open(&done[0]), opening == now);
        }
    }
}
