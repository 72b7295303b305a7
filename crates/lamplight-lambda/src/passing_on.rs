//! Context propagation for functions that record nothing.
//!
//! The OpenTelemetry specification requires it: without an SDK, the span context of the parent is injected
//! (Tracing API, "Behavior of the API in the absence of an installed SDK"), and `OTEL_SDK_DISABLED` has no
//! effect on propagators.

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

/// The extractor for records, stored in the context of an invocation that is not recorded.
#[cfg(feature = "_records")]
#[derive(Debug)]
struct OfRecords(EventExtractor);

/// Returns the context in which an invocation runs: the caller's span and baggage.
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

/// Returns the context in which a record is handled if the invocation is not recorded: the span and baggage
/// of the record's sender. For a record without a span, it is the caller's span.
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
