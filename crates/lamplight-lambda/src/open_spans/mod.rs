//! Delivery of spans that are still open when their invocation's time is up.

mod copies;

use std::{
    fmt::{self, Debug},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use lamplight_internal::sync::lock;
use lamplight_semconv as semconv;
use opentelemetry::{
    Context,
    trace::{Span as _, SpanId, Status},
};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{Span, SpanData, SpanProcessor},
};

use self::copies::{OpenSpan, OpenSpans};
use crate::{
    clock,
    current::{Invocation, SpanHandle},
    panics,
    span::{AbandonReason, OpenSpanTracker},
};

/// A span processor that delivers the spans inside an invocation that are still open shortly before its
/// deadline, or when the environment shuts down. The cause of a timeout, such as a database call that hangs,
/// is usually among them.
///
/// A span belongs to the code that started it, and only that code can end it. So this processor keeps a copy
/// of each span as it was when it started: name, kind, parent, links and initial attributes. When the time is
/// up, the copies of open spans are delivered with the error `timeout`. If such a span ends after all,
/// because the handler completes at the last moment, it is ignored, because it has already been delivered.
///
/// It is placed in front of the other processors. The copy costs a few allocations per span; the spans of
/// invocations and records need none.
///
/// ```
/// use lamplight_export::{ExporterSink, SpanQueue};
/// use lamplight_lambda::{AttributeLimitProcessor, OpenSpanProcessor};
/// use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
///
/// let queue = SpanQueue::new(ExporterSink::new(InMemorySpanExporter::default()));
/// let processor = OpenSpanProcessor::new(AttributeLimitProcessor::new(queue.clone()));
/// let provider = SdkTracerProvider::builder().with_span_processor(processor).build();
/// # let _ = provider;
/// ```
pub struct OpenSpanProcessor<P> {
    inner: Arc<Inner<P>>,
}

struct Inner<P> {
    next: P,
    open: Mutex<OpenSpans>,
}

impl<P: SpanProcessor + 'static> OpenSpanProcessor<P> {
    /// Returns a processor in front of `next`.
    pub fn new(next: P) -> Self {
        let open = Mutex::default();
        Self {
            inner: Arc::new(Inner { next, open }),
        }
    }
}

impl<P> Inner<P> {
    fn open(&self) -> MutexGuard<'_, OpenSpans> {
        lock(&self.open)
    }
}

impl<P: SpanProcessor> OpenSpanTracker for Inner<P> {
    fn abandon(&self, invocation: SpanId, reason: &AbandonReason) {
        let copies = self.open().abandon(invocation);
        let now = clock::now();
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

/// Returns the invocation around a span that starts in `cx`; `None` for the spans of invocations and records,
/// which are ended with the invocation, and for inferred ones.
///
/// The spans of an invocation start before any context contains the invocation. The span of a record starts
/// in a context that contains the record's handle, whose span has not started yet.
fn surrounding(cx: &Context) -> Option<&Invocation> {
    let is_of_record = cx.get().is_some_and(SpanHandle::is_starting);
    cx.get().filter(|_| !is_of_record)
}

impl<P: SpanProcessor + 'static> SpanProcessor for OpenSpanProcessor<P> {
    fn on_start(&self, span: &mut Span, cx: &Context) {
        self.inner.next.on_start(span, cx);
        if !span.span_context().is_sampled() {
            return;
        }
        let Some(invocation) = surrounding(cx) else {
            return;
        };
        let tracker = || -> Arc<dyn OpenSpanTracker> { self.inner.clone() };
        let Some(invocation) = invocation.track(tracker) else {
            return;
        };
        let Some(copy) = span.exported_data() else {
            return;
        };
        self.inner.open().insert(invocation, Box::new(copy));
    }

    fn on_end(&self, span: SpanData) {
        let known = self.inner.open().remove(span.span_context.span_id());
        if !matches!(known, Some(OpenSpan::Abandoned)) {
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
        // The provider calls this while it is built, before the processor is shared.
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
            .field("open", &self.open().len())
            .finish()
    }
}
