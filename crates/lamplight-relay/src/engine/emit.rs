//! Outputs, in the order of decisions.

use std::hint::black_box;

use super::{DeadLetter, Engine, Held, Kept, Output};
use crate::{
    decode::{Payloads, Refusal, payloads},
    record::ShardId,
    rules::Verdict,
};

/// An output whose records have not been decoded yet.
#[derive(Debug)]
pub(super) enum Queued {
    Kept(QueuedKept),
    /// A record of a shard that was refused, with the reason.
    Refused(u32, u32, Refusal),
}

#[derive(Debug)]
pub(super) struct QueuedKept {
    pub(super) shard: u32,
    pub(super) trace_id: [u8; 16],
    pub(super) verdict: Verdict,
    pub(super) is_incomplete: bool,
    pub(super) records: Vec<u32>,
}

impl Queued {
    /// Returns the shard of the output.
    pub(super) fn shard(&self) -> u32 {
        match self {
            Self::Kept(kept) => kept.shard,
            Self::Refused(shard, ..) => *shard,
        }
    }

    pub(super) fn records(&self) -> &[u32] {
        match self {
            Self::Kept(kept) => &kept.records,
            Self::Refused(_, record, _) => std::slice::from_ref(record),
        }
    }
}

impl Engine {
    pub(super) fn enqueue(&mut self, queued: Queued) {
        for slot in queued.records() {
            self.records.queue(*slot);
        }
        self.queue.push_back(queued);
    }

    pub(super) fn emit(&mut self) -> Option<Output> {
        let output = match self.queue.pop_front()? {
            Queued::Kept(kept) => {
                let held = |slot: &u32| self.held(*slot);
                Output::Kept(Kept {
                    records: kept.records.iter().filter_map(held).collect(),
                    trace_id: kept.trace_id,
                    shard: self.shard_id(kept.shard)?,
                    verdict: kept.verdict,
                    incomplete: kept.is_incomplete,
                })
            }
            Queued::Refused(shard, slot, refusal) => {
                let record = self.records.get(slot)?.record.clone();
                let number = self.records.number(slot);
                self.records.take(slot);
                Output::Refused(DeadLetter {
                    number,
                    shard: self.shard_id(shard)?,
                    record,
                    refusal,
                })
            }
        };
        Some(output)
    }

    fn shard_id(&self, number: u32) -> Option<ShardId> {
        self.shard_ids.get(number as usize).cloned()
    }

    fn held(&mut self, slot: u32) -> Option<Held> {
        let found = self.records.get(slot)?;
        let (shard, is_whole) = (found.shard, !found.is_mixed);
        let sequence = found.record.sequence.clone();
        let held = Held {
            number: self.records.number(slot),
            shard: self.shard_id(shard)?,
            sequence,
            payloads: self.decode(slot),
            is_whole,
        };
        self.records.take(slot);
        Some(held)
    }

    /// Returns the payloads of a record. A record with many traces is decoded once for all
    /// consecutive outputs.
    pub(super) fn decode(&mut self, slot: u32) -> Payloads {
        if let Some(found) = self.records.get(slot).filter(|slot| slot.spans > 0) {
            warm(&found.record.data);
            return Payloads::verbatim(found.record.data.clone(), found.spans);
        }
        let number = self.records.number(slot);
        match &self.decoded {
            Some((decoded, payloads)) if *decoded == number => payloads.clone(),
            _ => {
                let record = self.records.get(slot).map(|slot| &slot.record.data);
                // Decoding succeeded before, when the record was read.
                let payloads = record.and_then(|data| payloads(data, &self.settings.limits).ok());
                let payloads: Payloads = payloads.unwrap_or_default();
                self.decoded = Some((number, payloads.clone()));
                payloads
            }
        }
    }
}

/// Size of a cache line, and of the prefetched part of a record, in bytes.
const LINE: usize = 64;
const AHEAD: usize = 16 * 1024;

/// Prefetches data that is about to be read. It was held for half a minute and is no longer in any
/// cache: reading field by field would wait for one cache line after the other, while these reads
/// run in parallel.
fn warm(data: &[u8]) {
    let lines = data.iter().take(AHEAD).step_by(LINE);
    black_box(lines.fold(0, |read, byte| read ^ byte));
}
