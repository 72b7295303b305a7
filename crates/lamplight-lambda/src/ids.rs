//! Trace and span ids that no two environments share.

use std::{
    fs::File,
    io::Read,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::UNIX_EPOCH,
};

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};

use crate::clock;

/// Random ids which stay unique when Lambda restores many environments from one snapshot.
///
/// The SDK's generator is seeded once a thread. Environments restored from a snapshot all go on from
/// the same seed, and would give the same ids to different requests. This one mixes in a number that
/// [`SnapStart`](crate::SnapStart) draws anew from the operating system after each restore.
///
/// All their bits are random, but new traces do not say so in their flags, as W3C trace context level 2
/// would have it: the SDK makes a span's flags of its parent's and of the sampler's decision, and asks its
/// generator for ids alone. The flag of a caller who sets it is kept.
///
/// Give it to the tracer provider with `with_id_generator`. A clone shares the number.
#[derive(Debug, Clone, Default)]
pub struct SnapStartIdGenerator {
    random: RandomIdGenerator,
    /// Zero until the first restore: a fresh process is seeded by the operating system anyway.
    salt: Arc<[AtomicU64; 2]>,
}

impl SnapStartIdGenerator {
    /// Ids as the SDK makes them, until [`reseed`](Self::reseed).
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes all further ids independent of the ones any copy of this process makes.
    pub fn reseed(&self) {
        for (salt, fresh) in self.salt.iter().zip(entropy()) {
            salt.store(fresh, Ordering::Relaxed);
        }
    }

    fn salt(&self) -> [u64; 2] {
        let [high, low] = &*self.salt;
        [high.load(Ordering::Relaxed), low.load(Ordering::Relaxed)]
    }
}

impl IdGenerator for SnapStartIdGenerator {
    fn new_trace_id(&self) -> TraceId {
        let random = self.random.new_trace_id();
        let [high, low] = self.salt();
        let salt = (u128::from(high) << 64) | u128::from(low);
        let mixed = TraceId::from(u128::from_be_bytes(random.to_bytes()) ^ salt);
        if mixed == TraceId::INVALID {
            random
        } else {
            mixed
        }
    }

    fn new_span_id(&self) -> SpanId {
        let random = self.random.new_span_id();
        let [salt, _] = self.salt();
        let mixed = SpanId::from(u64::from_be_bytes(random.to_bytes()) ^ salt);
        if mixed == SpanId::INVALID {
            random
        } else {
            mixed
        }
    }
}

/// Returns numbers that nobody else has. Lambda sees to it that the kernel's differ after a restore; the clock
/// stands in where there is no such device.
fn entropy() -> [u64; 2] {
    let mut bytes = [0; 16];
    let read = File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    let number = match read {
        Ok(()) => u128::from_ne_bytes(bytes),
        Err(_) => {
            let now = clock::now().duration_since(UNIX_EPOCH);
            // An odd factor spreads the nanoseconds over all bits.
            now.unwrap_or_default()
                .as_nanos()
                .wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
        }
    };
    [(number >> 64) as u64, number as u64]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use opentelemetry::{
        Context,
        trace::{
            Span as _, SpanContext, TraceContextExt, TraceFlags, TraceState, Tracer, TracerProvider,
        },
    };
    use opentelemetry_sdk::trace::SdkTracerProvider;

    use super::*;

    #[test]
    fn ids_differ_before_and_after_a_restore() {
        let ids = SnapStartIdGenerator::new();
        let mut seen = HashSet::new();
        for _ in 0..3 {
            for _ in 0..1_000 {
                assert!(seen.insert(ids.new_trace_id()));
            }
            ids.reseed();
        }
    }

    /// Trace SDK, "Random Trace ID flag" (Development): a root span of a random generator SHOULD have it.
    /// A deviation: should this fail, the SDK has a way by now, and the ids are to use it.
    #[test]
    fn the_sdk_has_no_way_to_say_that_ids_are_random() {
        let provider = SdkTracerProvider::builder()
            .with_id_generator(SnapStartIdGenerator::new())
            .build();
        let tracer = provider.tracer("test");
        let root = tracer.start_with_context("root", &Context::new());
        assert_eq!(root.span_context().trace_flags(), TraceFlags::SAMPLED);
        // The flag of a caller is kept.
        let flags = TraceFlags::new(0x03);
        let (trace, span) = (TraceId::from(7), SpanId::from(7));
        let caller = SpanContext::new(trace, span, flags, true, TraceState::NONE);
        let caller = Context::new().with_remote_span_context(caller);
        let child = tracer.start_with_context("child", &caller);
        assert_eq!(child.span_context().trace_flags(), flags);
    }

    #[test]
    fn two_environments_of_one_snapshot_go_different_ways() {
        let snapshot = SnapStartIdGenerator::new();
        snapshot.reseed();
        let before = snapshot.salt();
        let [one, other] = [SnapStartIdGenerator::new(), SnapStartIdGenerator::new()];
        one.reseed();
        other.reseed();
        assert_ne!(one.salt(), other.salt());
        assert_ne!(one.salt(), before);
    }
}
