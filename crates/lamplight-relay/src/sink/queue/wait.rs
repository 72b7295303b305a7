//! Waits between attempts.

use std::{
    hash::{BuildHasher, RandomState},
    time::{Duration, SystemTime},
};

use lamplight_internal::circuit_breaker::{CircuitBreaker, Transition};
use tokio::time::Instant;

use crate::sink::{settings::SinkSettings, stats::BreakerState};

/// The waits between the attempts of one sink.
pub(super) struct Waits {
    first: Duration,
    longest: Duration,
    longest_pause: Duration,
    /// Failures in a row.
    failures: u32,
    until: Option<Instant>,
    breaker: CircuitBreaker,
    /// The breaker is based on the runtime's clock.
    origin: Instant,
    seed: RandomState,
}

impl Waits {
    pub(super) fn new(settings: &SinkSettings) -> Self {
        Self {
            first: settings.first_wait,
            longest: settings.longest_wait,
            longest_pause: settings.longest_pause,
            failures: 0,
            until: None,
            breaker: CircuitBreaker::new(settings.longest_wait),
            origin: Instant::now(),
            seed: RandomState::new(),
        }
    }

    /// Returns the time before which no attempt is to be made.
    pub(super) fn until(&self) -> Option<Instant> {
        let now = Instant::now();
        let breaker = self.breaker.remaining(self.time()).map(|left| now + left);
        self.until.max(breaker).filter(|until| *until > now)
    }

    /// Records a failure, after which the sink requests this pause.
    pub(super) fn record_failure(&mut self, after: Option<Duration>) -> Transition {
        self.failures = self.failures.saturating_add(1);
        let now = Instant::now();
        if let Some(after) = after {
            // The sink responds, so neither side needs protection.
            let after = after
                .min(self.longest_pause)
                .max(self.first.min(self.longest) / 10);
            self.until = Some(now + after);
            return Transition::None;
        }
        let doublings = (self.failures - 1).min(16);
        let wait = self.first.saturating_mul(1 << doublings).min(self.longest);
        self.until = Some(now + wait.mul_f64(self.jitter()));
        self.breaker.record_failure(self.time())
    }

    /// Records a response that does not require a wait.
    pub(super) fn record_answer(&mut self) -> Transition {
        self.failures = 0;
        self.until = None;
        self.breaker.record_success()
    }

    /// Returns whether the next attempt is a probe.
    pub(super) fn is_probing(&self) -> bool {
        self.breaker.has_tripped()
    }

    pub(super) fn state(&self) -> BreakerState {
        match (
            self.breaker.has_tripped(),
            self.breaker.is_open(self.time()),
        ) {
            (false, _) => BreakerState::Closed,
            (true, true) => BreakerState::Open,
            (true, false) => BreakerState::HalfOpen,
        }
    }

    fn time(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.origin.elapsed()
    }

    /// Returns a factor from 1/2 to 1, so that relays that lost a sink at the same time do not all
    /// return at the same time.
    fn jitter(&self) -> f64 {
        let random = self.seed.hash_one(self.failures) >> 32;
        // From 32 bits, which a float can hold.
        let share = random as f64 / f64::from(u32::MAX);
        0.5 + share / 2.0
    }
}
