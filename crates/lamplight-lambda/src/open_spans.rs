//! Spans that are open when their invocation's time is up.

use crate::outcome::Unfinished;
use crate::{Invocation, panics};
use lamplight_export::span_size;
use lamplight_semconv as semconv;
use opentelemetry::Context;
use opentelemetry::trace::{Span as _, SpanId, Status};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};
use std::cell::Cell;
use std::collections::HashMap;
use std::fmt::{self, Debug};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// As many open spans are remembered, of this weight; further ones are left to end by themselves.
const MOST: usize = 1_024;
const MOST_BYTES: usize = 1 << 20;

thread_local! {
    static UNTRACKED: Cell<bool> = const { Cell::new(false) };
}

/// Delivers the spans inside an invocation that are still open shortly before its deadline, or when
/// the environment is shut down: the database call that hangs is what one wants to see of a timeout.
///
/// A span belongs to the code that started it, and only that code can end it. So this processor
/// keeps a copy of each span as it was when it started: name, kind, parent, links and the attributes
/// it had by then. When the time is up, the copies of open spans are delivered with the error
/// `timeout`. Should such a span end after all, because the handler finishes in the last moment, it
/// has been delivered already and is left out.
///
/// It goes in front of the other processors. The copy costs a few allocations a span; the spans of
/// invocations and records need none.
pub struct OpenSpanProcessor<P> {
    inner: Arc<Inner<P>>,
}

struct Inner<P> {
    next: P,
    open: Mutex<Spans>,
}

#[derive(Default)]
struct Spans {
    by_id: HashMap<SpanId, Open>,
    /// What the copies weigh.
    bytes: usize,
}

enum Open {
    Running {
        invocation: SpanId,
        copy: Box<SpanData>,
        bytes: usize,
    },
    /// Delivered as it was when the time was up.
    GivenUp,
}

impl Spans {
    fn remove(&mut self, id: SpanId) -> Option<Open> {
        let removed = self.by_id.remove(&id);
        if let Some(Open::Running { bytes, .. }) = &removed {
            self.bytes = self.bytes.saturating_sub(*bytes);
        }
        removed
    }

    /// The copies of those that are running inside `invocation`.
    fn give_up(&mut self, invocation: SpanId) -> Vec<SpanData> {
        let mut copies = Vec::new();
        for state in self.by_id.values_mut() {
            if matches!(state, Open::Running { invocation: of, .. } if *of == invocation)
                && let Open::Running { copy, bytes, .. } = std::mem::replace(state, Open::GivenUp)
            {
                self.bytes = self.bytes.saturating_sub(bytes);
                copies.push(*copy);
            }
        }
        copies
    }

    /// Nobody will ask for those of `invocation` any more.
    fn forget(&mut self, invocation: SpanId) {
        let total = &mut self.bytes;
        self.by_id.retain(|_, state| match state {
            Open::Running {
                invocation: of,
                bytes,
                ..
            } if *of == invocation => {
                *total = total.saturating_sub(*bytes);
                false
            }
            _ => true,
        });
    }

    fn insert(&mut self, invocation: SpanId, copy: Box<SpanData>) {
        let bytes = span_size(&copy);
        if self.by_id.len() < MOST && self.bytes.saturating_add(bytes) <= MOST_BYTES {
            self.bytes += bytes;
            let id = copy.span_context.span_id();
            let running = Open::Running {
                invocation,
                copy,
                bytes,
            };
            self.by_id.insert(id, running);
        }
    }
}

/// What an invocation needs of an [`OpenSpanProcessor`].
pub(crate) trait GiveUp: Debug + Send + Sync {
    /// Delivers the spans of this invocation that are open, as unfinished for this reason.
    fn give_up(&self, invocation: SpanId, reason: &Unfinished);

    /// The invocation has ended. What is still open goes on without it, and is not to take the place
    /// of other spans here, least of all for ever.
    fn forget(&self, invocation: SpanId);
}

impl<P: SpanProcessor + 'static> OpenSpanProcessor<P> {
    /// The processor in front of `next`.
    pub fn new(next: P) -> Self {
        let open = Mutex::default();
        Self {
            inner: Arc::new(Inner { next, open }),
        }
    }
}

/// Starts a span that the invocation ends by itself.
pub(crate) fn untracked<T>(start: impl FnOnce() -> T) -> T {
    /// Ends with the start, also where a sampler or another processor panics in it.
    struct Untracked(bool);
    impl Drop for Untracked {
        fn drop(&mut self) {
            UNTRACKED.set(self.0);
        }
    }
    let _untracked = Untracked(UNTRACKED.replace(true));
    start()
}

impl<P> Inner<P> {
    fn open(&self) -> MutexGuard<'_, Spans> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<P: SpanProcessor> GiveUp for Inner<P> {
    fn give_up(&self, invocation: SpanId, reason: &Unfinished) {
        let copies = self.open().give_up(invocation);
        let now = SystemTime::now();
        for mut span in copies {
            span.end_time = now;
            span.status = Status::error(reason.message);
            let error_type = reason.error_type.clone();
            span.attributes.push(semconv::error::r#type(error_type));
            panics::in_processors(|| self.next.on_end(span));
        }
    }

    fn forget(&self, invocation: SpanId) {
        self.open().forget(invocation);
    }
}

impl<P: SpanProcessor + 'static> SpanProcessor for OpenSpanProcessor<P> {
    fn on_start(&self, span: &mut Span, cx: &Context) {
        self.inner.next.on_start(span, cx);
        if UNTRACKED.get() || !span.span_context().is_sampled() {
            return;
        }
        let Some(invocation) = cx.get::<Invocation>() else {
            return;
        };
        let give_up = || -> Arc<dyn GiveUp> { self.inner.clone() };
        let Some(invocation) = invocation.watch(give_up) else {
            return;
        };
        let Some(copy) = span.exported_data() else {
            return;
        };
        self.inner.open().insert(invocation, Box::new(copy));
    }

    fn on_end(&self, span: SpanData) {
        let known = {
            let mut open = self.inner.open();
            match open.by_id.is_empty() {
                true => None,
                false => open.remove(span.span_context.span_id()),
            }
        };
        if !matches!(known, Some(Open::GivenUp)) {
            self.inner.next.on_end(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.next.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.next.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        // The provider calls this while it is built, before anybody else has a hand on it.
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.next.set_resource(resource);
        }
    }
}

impl<P: Debug> Debug for OpenSpanProcessor<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<P: Debug> Debug for Inner<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenSpanProcessor")
            .field("next", &self.next)
            .field("open", &self.open().by_id.len())
            .finish()
    }
}
