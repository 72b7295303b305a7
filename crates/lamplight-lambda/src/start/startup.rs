//! Cold starts.
//!
//! `faas.coldstart` is `true` where somebody waited for the environment to start. "Executed for the first
//! time", as the convention puts it (FaaS spans), costs nobody anything in an environment that was made in
//! advance, provisioned or by Lambda's own foresight: there it is `false`.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use lamplight_internal::sync::lock;

/// A first invocation later than this after start-up was not what started the environment: Lambda
/// initialised it ahead of time.
const PROACTIVE_INITIALIZATION: Duration = Duration::from_secs(10);

/// The start of the environment, and whether it has been used.
#[derive(Debug)]
pub(crate) struct Startup {
    /// Provisioned environments are ready before anybody waits for them.
    provisioned: bool,
    phase: Mutex<Phase>,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    /// Telemetry was set up then, and nothing was invoked yet.
    Initialized(Instant),
    /// A snapshot was restored, and nothing was invoked yet.
    Restored,
    Used,
}

/// The start of the environment as one of its invocations sees it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Start {
    /// Somebody waited for the environment to start.
    pub(super) is_cold: bool,
    /// The time it took, as far as it is known.
    pub(super) init: Option<Duration>,
}

impl Startup {
    pub(crate) fn new(provisioned: bool) -> Self {
        let phase = Mutex::new(Phase::Initialized(Instant::now()));
        Self { provisioned, phase }
    }

    /// Returns how the environment started, for an invocation that begins. The first of concurrent
    /// invocations, and only that, is the cold start.
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
