//! The parts that the layers of a function share.

#[cfg(unix)]
use std::sync::OnceLock;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use lambda_runtime::LambdaInvocation;
use lamplight_propagation::inbound::EventExtractor;
use opentelemetry::Context;

#[cfg(unix)]
use crate::shutdown::Sigterm;
use crate::{
    current::{ActiveInvocations, Invocation},
    flush::FlushScheduler,
    shutdown,
    start::{SpanStart, StartedInvocation},
};

/// The work of the layers.
#[derive(Debug, Clone)]
pub(crate) enum Mode {
    /// They record.
    On(Arc<Recorder>),
    /// They find the context that the function is to pass on, and record nothing.
    Off(EventExtractor),
}

/// The parts of a function that records.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(crate) start: Arc<SpanStart>,
    pub(crate) flush: Arc<FlushScheduler>,
    pub(crate) active: Arc<ActiveInvocations>,
    /// Set when a handler layer was made, without which nobody knows whether the handler ran.
    has_handler_layer: AtomicBool,
    #[cfg(unix)]
    sigterm: OnceLock<Option<Sigterm>>,
}

impl Recorder {
    pub(crate) fn new(start: SpanStart, flush: FlushScheduler) -> Self {
        Self {
            start: Arc::new(start),
            flush: Arc::new(flush),
            active: Arc::default(),
            has_handler_layer: AtomicBool::new(false),
            #[cfg(unix)]
            sigterm: OnceLock::new(),
        }
    }

    /// Starts the span of an invocation. Returns it with the context to run the handler in.
    pub(crate) fn begin(&self, event: &LambdaInvocation) -> (Invocation, Context) {
        let StartedInvocation {
            span,
            facts,
            parent,
        } = self.start.invocation(event, self.flush.take_held());
        let invocation = Invocation::new(span, facts, self.start.clone(), self.flush.clone());
        let cx = invocation.context(&parent);
        (invocation, cx)
    }

    /// Notes that a handler layer was made.
    pub(crate) fn set_handler_layer(&self) {
        self.has_handler_layer.store(true, Ordering::Relaxed);
    }

    /// Returns whether the handler should have been called and was not.
    pub(crate) fn has_missed_handler(&self, invocation: &Invocation) -> bool {
        self.has_handler_layer.load(Ordering::Relaxed) && !invocation.was_handler_called()
    }

    /// Abandons what is open and delivers what is queued, when the environment ends.
    pub(crate) async fn shutdown(&self, budget: Duration) {
        shutdown::shutdown(&self.active, &self.flush, budget).await;
    }

    /// Handles SIGTERM from now on. Returns when Lambda knows the extension that this takes.
    #[cfg(unix)]
    pub(crate) async fn handle_sigterm(&self) {
        let start = || Sigterm::start(&self.active, &self.flush);
        if let Some(sigterm) = self.sigterm.get_or_init(start) {
            sigterm.known().await;
        }
    }

    /// Notes that the environment was restored from a snapshot.
    pub(crate) fn on_restore(&self) {
        self.start.on_restore();
        self.flush.on_restore();
    }
}
