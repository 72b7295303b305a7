//! Injected faults.

use std::{future::pending, time::Duration};

use crate::State;

/// A fault of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The response is this error, and the call has no effect.
    Answer {
        /// The HTTP status.
        status: u16,
        /// The error's name, such as `InternalFailureException`.
        kind: String,
    },
    /// The connection breaks before the call has an effect.
    Drop,
    /// The call has its effect, and the connection breaks before the response.
    DropAnswer,
    /// There is never a response.
    Hang,
    /// The response is successful but delayed.
    Slow(Duration),
}

impl Fault {
    /// Returns a fault with a status and the name of an error.
    pub fn answer(status: u16, kind: &str) -> Self {
        let kind = kind.to_owned();
        Self::Answer { status, kind }
    }

    /// Returns a fault with an error for exceeded limits.
    pub fn throttled() -> Self {
        Self::answer(400, "ProvisionedThroughputExceededException")
    }

    /// Returns a fault with an internal error of the service.
    pub fn internal() -> Self {
        Self::answer(500, "InternalFailureException")
    }

    /// Returns a fault with an error for an expired iterator.
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

/// A scheduled fault.
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
