//! Cold starts.
//!
//! `faas.coldstart` is `true` if a caller waited for the environment to start. The convention's "executed for
//! the first time" (FaaS spans) also covers environments that were started in advance, by provisioned
//! concurrency or proactively by Lambda, where no caller waits: there it is `false`.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use lamplight_internal::sync::lock;

/// If the first invocation comes later than this after start-up, it did not cause the start: Lambda
/// initialized the environment ahead of time.
const PROACTIVE_INITIALIZATION: Duration = Duration::from_secs(10);

/// The start of the environment, and whether an invocation has followed.
#[derive(Debug)]
pub(crate) struct Startup {
    /// True for provisioned environments, which start before a caller waits for them.
    provisioned: bool,
    phase: Mutex<Phase>,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    /// Telemetry was set up at this time, and there was no invocation yet.
    Initialized(Instant),
    /// A snapshot was restored, and there was no invocation yet.
    Restored,
    Used,
}

/// The start of the environment, as recorded on one of its invocations.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Start {
    /// True if a caller waited for the environment to start.
    pub(super) is_cold: bool,
    /// The duration of the initialization, if known.
    pub(super) init: Option<Duration>,
}

impl Startup {
    pub(crate) fn new(provisioned: bool) -> Self {
        let phase = Mutex::new(Phase::Initialized(Instant::now()));
        Self { provisioned, phase }
    }

    /// Returns the start of the environment for an invocation that begins. Only the first of concurrent
    /// invocations is the cold start.
    pub(super) fn invoked(&self) -> Start {
        match self.enter(Phase::Used) {
            Phase::Initialized(at) => self.after(at.elapsed()),
            Phase::Restored => Start {
                is_cold: true,
                init: None,
            },
            Phase::Used => Start::default(),
        }
    }

    pub(super) fn restored(&self) {
        self.enter(Phase::Restored);
    }

    fn enter(&self, next: Phase) -> Phase {
        let mut phase = lock(&self.phase);
        std::mem::replace(&mut phase, next)
    }

    fn after(&self, init: Duration) -> Start {
        let is_cold = !self.provisioned && init < PROACTIVE_INITIALIZATION;
        Start {
            is_cold,
            init: is_cold.then_some(init),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_invocation_is_cold_and_knows_how_long_it_took() {
        let startup = Startup::new(false);
        let first = startup.invoked();
        assert!(first.is_cold && first.init.is_some());
        assert_eq!(startup.invoked(), Start::default());
    }

    #[test]
    fn an_environment_made_in_advance_is_never_cold() {
        assert_eq!(Startup::new(true).invoked(), Start::default());
        let startup = Startup::new(false);
        let after = |seconds| startup.after(Duration::from_secs(seconds)).is_cold;
        assert!(after(9) && !after(11));
    }

    #[test]
    fn each_restore_is_a_cold_start() {
        let startup = Startup::new(false);
        for _ in 0..2 {
            startup.restored();
            assert!(startup.invoked().is_cold);
            assert!(!startup.invoked().is_cold);
        }
    }

    #[test]
    fn of_concurrent_first_invocations_one_is_cold() {
        let startup = Startup::new(false);
        let cold = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..16).map(|_| scope.spawn(|| startup.invoked())).collect();
            let starts = threads.into_iter().map(|thread| thread.join().unwrap());
            starts.filter(|start| start.is_cold).count()
        });
        assert_eq!(cold, 1);
    }
}
