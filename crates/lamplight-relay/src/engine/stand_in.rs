//! The least that is needed of `rules`, `sampling` and `decode` until they are there.
#![allow(missing_docs, dead_code, unreachable_pub)]

use bytes::Bytes;
use lamplight_otlp::trace::{Place, Span};

use crate::record::StreamTime;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Threshold(u64);

impl Threshold {
    pub const ALWAYS: Self = Self(0);
    pub const NEVER: Self = Self(1 << 56);

    pub fn compact(self) -> u32 {
        u32::try_from(self.0 >> 40).unwrap_or(u32::MAX)
    }

    pub fn from_compact(compact: u32) -> Self {
        Self(u64::from(compact) << 40)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(u16);

impl RuleId {
    pub const fn new(index: u16) -> Self {
        Self(index)
    }

    pub const fn index(self) -> u16 {
        self.0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    pub kept: bool,
    pub threshold: Threshold,
    pub rule: Option<RuleId>,
    pub vetoed: bool,
}

#[derive(Debug, Default)]
pub struct Evidence {
    conditions: u64,
    spans: u32,
    extra: u32,
}

impl Evidence {
    pub fn spans(&self) -> u32 {
        self.spans
    }
}

#[derive(Debug, Clone, Default)]
pub struct RuleState {
    decided: u64,
}

impl RuleState {
    pub fn snapshot(&self) -> Vec<u8> {
        self.decided.to_le_bytes().to_vec()
    }

    pub fn restore(&mut self, snapshot: &[u8]) {
        self.decided = snapshot.try_into().map_or(0, u64::from_le_bytes);
    }
}

/// Keeps errors, vetoes spans named "veto", and of the others those of adaptively many traces.
#[derive(Debug, Clone, Default)]
pub struct Rules;

impl Rules {
    pub fn state(&self) -> RuleState {
        RuleState::default()
    }

    pub fn observe(
        &self,
        _: &mut RuleState,
        evidence: &mut Evidence,
        _: Place<'_, '_>,
        span: &Span<'_>,
    ) {
        evidence.spans = evidence.spans.saturating_add(1);
        evidence.conditions |= u64::from(span.status_code == 2);
        evidence.conditions |= u64::from(span.name == b"veto") << 1;
        evidence.conditions |= u64::from(span.name == b"keep half") << 2;
        evidence.conditions |= u64::from(span.name == b"adapt") << 3;
    }

    pub fn decide(
        &self,
        state: &mut RuleState,
        evidence: &Evidence,
        trace_id: &[u8; 16],
        _: StreamTime,
    ) -> Verdict {
        let [_, _, _, _, _, _, _, _, low @ ..] = *trace_id;
        let randomness = u64::from_be_bytes(low) & ((1 << 56) - 1);
        let mut found = (Threshold::NEVER, None);
        let mut rule = |id, threshold| {
            if threshold < found.0 {
                found = (threshold, Some(RuleId(id)));
            }
        };
        if evidence.conditions & 1 != 0 {
            rule(0, Threshold::ALWAYS);
        }
        if evidence.conditions & 4 != 0 {
            rule(2, Threshold(1 << 55));
        }
        if evidence.conditions & 8 != 0 {
            state.decided += 1;
            rule(3, Threshold((state.decided % 16) << 52));
        }
        let vetoed = evidence.conditions & 2 != 0;
        Verdict {
            kept: !vetoed && randomness >= found.0.0,
            threshold: found.0,
            rule: found.1,
            vetoed,
        }
    }

    pub fn forget(&self, _: &mut RuleState, _: Evidence) {}
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limits;

#[derive(Debug, Clone)]
pub struct Refusal(pub String);

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

pub fn payloads(data: &Bytes, _: &Limits) -> Result<Vec<Bytes>, Refusal> {
    Ok(vec![data.clone()])
}
