//! What goes wrong on command.

use std::{future::pending, time::Duration};

use crate::State;

/// What goes wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It is answered with this error, and has no effect.
    Answer {
        /// The HTTP status.
        status: u16,
        /// The error's name, such as `InternalFailureException`.
        kind: String,
    },
    /// The connection breaks before it has an effect.
    Drop,
    /// It has its effect, and the connection breaks before the answer.
    DropAnswer,
    /// It is never answered.
    Hang,
    /// It is answered well, but later.
    Slow(Duration),
}

impl Fault {
    /// Returns an answer with a status and the name of an error.
    pub fn answer(status: u16, kind: &str) -> Self {
        let kind = kind.to_owned();
        Self::Answer { status, kind }
    }

    /// Returns an answer that says that limits are used up.
    pub fn throttled() -> Self {
        Self::answer(400, "ProvisionedThroughputExceededException")
    }

    /// Returns an answer that says that the service failed.
    pub fn internal() -> Self {
        Self::answer(500, "InternalFailureException")
    }

    /// Returns an answer that says that an iterator has expired.
    pub fn expired() -> Self {
        Self::answer(400, "ExpiredIteratorException")
    }

    pub(crate) async fn wait(&self) {
        match self {
            Self::Hang => pending().await,
            Self::Slow(delay) => tokio::time::sleep(*delay).await,
            _ => {}
        }
    }
}

/// A fault that is to come.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) operation: String,
    pub(crate) fault: Fault,
    pub(crate) times: usize,
}

impl State {
    pub(crate) fn take_fault(&mut self, operation: &str) -> Option<Fault> {
        let planned = self.faults.iter_mut().find(|planned| {
            planned.times > 0 && ["*", operation].contains(&planned.operation.as_str())
        })?;
        planned.times -= 1;
        let fault = planned.fault.clone();
        self.faults.retain(|planned| planned.times > 0);
        Some(fault)
    }
}
