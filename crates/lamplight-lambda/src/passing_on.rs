//! Functions that record nothing: the context of their callers passes through them all the same.
//!
//! OpenTelemetry's specification: without an SDK, the span context of the parent is what is injected
//! (Tracing API, "Behavior of the API in the absence of an installed SDK"), and `OTEL_SDK_DISABLED` has
//! no effect on propagators.

use std::panic::{AssertUnwindSafe, catch_unwind};

use lambda_runtime::LambdaInvocation;
use lamplight_internal::diagnostics::warn_once;
use lamplight_propagation::inbound::EventExtractor;
#[cfg(feature = "_records")]
use lamplight_propagation::inbound::Record;
use opentelemetry::Context;
#[cfg(feature = "_records")]
use opentelemetry::trace::TraceContextExt;

#[cfg(feature = "_records")]
use crate::baggage::with_baggage_of;
use crate::start::raw;

/// Reads the context of records. In the context of an invocation that is not recorded.
#[cfg(feature = "_records")]
#[derive(Debug)]
struct OfRecords(EventExtractor);

/// Returns the context to run an invocation in: the caller's span and baggage.
pub(crate) fn context(extractor: &EventExtractor, event: &LambdaInvocation) -> Context {
    let found = catch_unwind(AssertUnwindSafe(|| extractor.context(&raw(event))));
    let found = found.unwrap_or_else(|_| {
        warn_once("invocation-not-passed-on", || {
            "the context of an invocation is not passed on because of a fault in Lamplight; the \
             function is not affected"
                .to_owned()
        });
        Context::new()
    });
    #[cfg(feature = "_records")]
    let found = found.with_value(OfRecords(extractor.clone()));
    found
}

/// Returns the context to handle a record in, where the invocation is not recorded: the span and the
/// baggage of whoever sent it. A record without a span is the caller's.
#[cfg(feature = "_records")]
pub(crate) fn record_context(record: &impl Record) -> Option<Context> {
    let current = Context::current();
    let OfRecords(extractor) = current.get()?;
    let found = extractor.record(record).parent;
    let span = found.span().span_context().clone();
    let cx = match span.is_valid() {
        true => current.with_remote_span_context(span),
        false => current,
    };
    Some(with_baggage_of(&cx, &found))
}
