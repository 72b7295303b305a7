//! An environment that is frozen between invocations: on a thread of its own, whose runtime turns while an
//! invocation runs and not otherwise.

use std::{sync::mpsc, thread};

use lamplight::Telemetry;
use tokio::{runtime::Builder, sync::oneshot};

use super::environment::{Environment, Ran};
use crate::Invoke;

/// The way to an environment on its own thread, which ends when this is dropped.
pub(crate) struct Frozen {
    invocations: mpsc::Sender<(Invoke, oneshot::Sender<Ran>)>,
    telemetry: Telemetry,
}

impl Frozen {
    /// Starts a thread with the environment that `make` makes there.
    pub(crate) fn start(make: impl FnOnce() -> Environment + Send + 'static) -> Self {
        let (invocations, requests) = mpsc::channel::<(Invoke, oneshot::Sender<Ran>)>();
        let (ready, made) = mpsc::channel();
        let thread = thread::Builder::new().name("lambda-environment".to_owned());
        let started = thread.spawn(move || {
            let runtime = match Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => panic!("no runtime for the environment: {error}"),
            };
            let mut environment = {
                let _entered = runtime.enter();
                make()
            };
            if ready.send(environment.telemetry().clone()).is_err() {
                return;
            }
            // Between two requests the thread waits here, and no task of the runtime gets a turn.
            while let Ok((invoke, answer)) = requests.recv() {
                let ran = runtime.block_on(environment.run(invoke));
                // Whoever asked may have gone.
                let _ = answer.send(ran);
            }
        });
        if let Err(error) = started {
            panic!("no thread for the environment: {error}");
        }
        match made.recv() {
            Ok(telemetry) => Self {
                invocations,
                telemetry,
            },
            Err(_) => panic!("the environment panicked while it was set up: see its message above"),
        }
    }

    pub(crate) fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    pub(crate) async fn run(&mut self, invoke: Invoke) -> Ran {
        let (answer, answered) = oneshot::channel();
        let sent = self.invocations.send((invoke, answer));
        match (sent, answered.await) {
            (Ok(()), Ok(ran)) => ran,
            _ => panic!("the environment panicked: see its message above"),
        }
    }
}
