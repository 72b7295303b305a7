//! The state of rules between spans.

use super::{
    estimate::{Estimate, Key, Plan},
    evidence::Evidence,
    resource::Resources,
    slots::Slots,
};

/// The version of the snapshot format.
const VERSION: u8 = 1;

/// The state of rules: data of undecided traces that does not fit into their [`Evidence`], and the
/// number of traces for each key of an adaptive rule. It belongs to the [`Rules`](super::Rules)
/// that [created](super::Rules::state) it.
#[derive(Debug, Clone)]
pub struct RuleState {
    pub(super) slots: Slots,
    pub(super) resources: Resources,
    /// One for each adaptive rule, in order, with the rule's id.
    pub(super) estimates: Vec<(u64, Estimate)>,
}

impl RuleState {
    pub(super) fn new(fields: usize, plans: &[Plan]) -> Self {
        Self {
            slots: Slots::new(fields),
            resources: Resources::default(),
            estimates: plans
                .iter()
                .map(|plan| (plan.id, Estimate::default()))
                .collect(),
        }
    }

    /// Returns the state of adaptive rules as bytes for [`Rules::restore`](super::Rules::restore),
    /// 32 per key. Data of undecided traces is not included, since these are observed again.
    pub fn snapshot(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        for (id, estimate) in &self.estimates {
            let keys = estimate.keys.len() as u64;
            for number in [*id, estimate.began, keys] {
                out.extend_from_slice(&number.to_le_bytes());
            }
            for (key, known) in &estimate.keys {
                let numbers = [known.average, known.counted, known.share].map(f64::to_bits);
                for number in [*key].into_iter().chain(numbers) {
                    out.extend_from_slice(&number.to_le_bytes());
                }
            }
        }
        out
    }

    /// Restores the parts of a snapshot that belong to existing rules. Returns `None` if the
    /// snapshot is invalid.
    pub(super) fn read(&mut self, snapshot: &[u8], plans: &[Plan]) -> Option<()> {
        let (&version, mut rest) = snapshot.split_first()?;
        if version != VERSION {
            return None;
        }
        while !rest.is_empty() {
            let [id, began, keys] = numbers(&mut rest)?;
            let mut estimate = Estimate {
                began,
                ..Estimate::default()
            };
            for _ in 0..keys {
                let [key, average, counted, share] = numbers(&mut rest)?;
                let [average, counted, share] = [average, counted, share].map(f64::from_bits);
                let known = Key {
                    average,
                    counted,
                    share,
                };
                let sound = |number: f64| number.is_finite() && number >= 0.0;
                if !(sound(average) && sound(counted) && sound(share)) {
                    return None;
                }
                estimate.keys.insert(key, known);
            }
            let rules = self.estimates.iter_mut().zip(plans);
            let mut same = rules.filter(|((other, _), _)| *other == id);
            if let Some(((_, known), plan)) = same.next() {
                plan.fit(&mut estimate);
                *known = estimate;
            }
        }
        Some(())
    }

    /// Returns the approximate memory in use, in bytes.
    pub fn bytes(&self) -> usize {
        let keys: usize = self
            .estimates
            .iter()
            .map(|(_, estimate)| estimate.keys.len())
            .sum();
        keys * size_of::<(u64, Key)>() + self.slots.bytes() + self.resources.bytes()
    }

    /// Sets whether the following spans are of one record, whose bytes do not move meanwhile.
    pub(crate) fn in_record(&mut self, is_in_record: bool) {
        self.resources.in_record(is_in_record);
    }

    pub(super) fn row<'a>(&'a self, evidence: &Evidence) -> &'a [u64] {
        self.slots.row(evidence.extra).unwrap_or_default()
    }
}

/// Reads numbers from the start of the rest.
fn numbers<const N: usize>(rest: &mut &[u8]) -> Option<[u64; N]> {
    let mut numbers = [0; N];
    for number in &mut numbers {
        let (bytes, after) = rest.split_first_chunk()?;
        *number = u64::from_le_bytes(*bytes);
        *rest = after;
    }
    Some(numbers)
}
