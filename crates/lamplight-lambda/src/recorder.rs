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

/// The mode of the layers.
#[derive(Debug, Clone)]
pub(crate) enum Mode {
    /// The layers record.
    On(Arc<Recorder>),
    /// The layers only find the context that the function passes on.
    Off(EventExtractor),
}

/// The parts of a function that records.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(crate) start: Arc<SpanStart>,
    pub(crate) flush: Arc<FlushScheduler>,
    pub(crate) active: Arc<ActiveInvocations>,
    /// Set when a handler layer was created; without one, it is unknown whether the handler ran.
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

    /// Starts the span of an invocation. Returns it with the context in which the handler runs.
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

    /// Records that a handler layer was created.
    pub(crate) fn set_handler_layer(&self) {
        self.has_handler_layer.store(true, Ordering::Relaxed);
    }

    /// Returns whether the handler should have been called and was not.
    pub(crate) fn has_missed_handler(&self, invocation: &Invocation) -> bool {
        self.has_handler_layer.load(Ordering::Relaxed) && !invocation.was_handler_called()
    }

    /// Abandons open spans and delivers queued ones, when the environment shuts down.
    pub(crate) async fn shutdown(&self, budget: Duration) {
        shutdown::shutdown(&self.active, &self.flush, budget).await;
    }

    /// Handles SIGTERM from now on. Returns when the extension needed for it is registered.
    #[cfg(unix)]
    pub(crate) async fn handle_sigterm(&self) {
        let start = || Sigterm::start(&self.active, &self.flush);
        if let Some(sigterm) = self.sigterm.get_or_init(start) {
            sigterm.known().await;
        }
    }

    /// Records that the environment was restored from a snapshot.
    pub(crate) fn on_restore(&self) {
        self.start.on_restore();
        self.flush.on_restore();
    }
}
