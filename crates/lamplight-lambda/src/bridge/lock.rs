//! Detection of span locks that this thread may hold.

use std::{
    cell::Cell,
    fmt::{self, Write},
};

use opentelemetry::trace::{SpanId, SpanRef};

/// The number of attempts to find a lock free. Other threads release it within a microsecond, unless they run
/// code of the function meanwhile.
const LOOKS: usize = 64;

thread_local! {
    /// The span whose lock was found taken the last time.
    static TAKEN: Cell<SpanId> = const { Cell::new(SpanId::INVALID) };
}

/// Returns whether this thread can lock `span`.
///
/// OpenTelemetry runs code of the function under a span's lock: the iterator passed to `set_attributes`, the
/// `Display` of an error passed to `record_error`, and span processors when the span ends. If such code logs,
/// its thread already holds the lock, and would wait for itself.
pub(super) fn is_free(span: &SpanRef<'_>) -> bool {
    let id = span.span_context().span_id();
    let taken = TAKEN.try_with(Cell::get).unwrap_or(SpanId::INVALID);
    // Avoids repeated waiting in each step of a long iterator.
    let looks = if taken == id { 1 } else { LOOKS };
    let free = (0..looks).any(|look| {
        if look > 0 {
            std::thread::yield_now();
        }
        !is_locked(span)
    });
    let taken = if free { SpanId::INVALID } else { id };
    let _ = TAKEN.try_with(|cell| cell.set(taken));
    free
}

/// Returns whether the lock of the span is taken at the moment. The only way to find out is the `Debug`
/// output of the span, which does not wait for the lock either.
fn is_locked(span: &SpanRef<'_>) -> bool {
    let mut look = Look { locked: false };
    let _ = write!(look, "{span:?}");
    look.locked
}

struct Look {
    locked: bool,
}

impl Write for Look {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // The lock comes last, after texts from outside.
        match text {
            "<locked>" => self.locked = true,
            "BoxedSpan" => self.locked = false,
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::{
        Context, KeyValue,
        trace::{TraceContextExt, TraceState, Tracer, TracerProvider},
    };
    use opentelemetry_sdk::trace::SdkTracerProvider;

    use super::*;

    fn span() -> Context {
        let tracer = SdkTracerProvider::builder().build().tracer("test");
        Context::current_with_span(tracer.start("work"))
    }

    #[test]
    fn a_lock_is_seen_while_it_is_held_and_not_before_or_after() {
        let cx = span();
        assert!(is_free(&cx.span()));
        let mut seen = Vec::new();
        let rows = (0..3).map(|row| {
            seen.push(is_free(&cx.span()));
            KeyValue::new("row", row)
        });
        cx.span().set_attributes(rows);
        assert_eq!(seen, [false; 3]);
        assert!(is_free(&cx.span()));
    }

    #[test]
    fn the_lock_of_one_span_is_not_that_of_another() {
        let (cx, other) = (span(), span());
        let mut seen = None;
        cx.span().set_attributes(std::iter::once(()).map(|()| {
            seen = Some(is_free(&other.span()));
            KeyValue::new("row", 1)
        }));
        assert_eq!(seen, Some(true));
    }

    #[test]
    fn what_comes_from_outside_does_not_look_like_a_lock() {
        let members = [("a", "<locked>"), ("b", "BoxedSpan")];
        for members in [members, [members[1], members[0]]] {
            let state = TraceState::from_key_value(members).unwrap();
            let remote = span().span().span_context().clone();
            let remote = opentelemetry::trace::SpanContext::new(
                remote.trace_id(),
                remote.span_id(),
                remote.trace_flags(),
                true,
                state,
            );
            let parent = Context::new().with_remote_span_context(remote);
            let tracer = SdkTracerProvider::builder().build().tracer("test");
            let cx = parent.with_span(tracer.start_with_context("work", &parent));
            assert!(is_free(&cx.span()));
            let mut seen = None;
            cx.span().set_attributes(std::iter::once(()).map(|()| {
                seen = Some(is_free(&cx.span()));
                KeyValue::new("row", 1)
            }));
            assert_eq!(seen, Some(false));
        }
    }
}
