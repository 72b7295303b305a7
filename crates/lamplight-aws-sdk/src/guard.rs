//! A guard around the user's code.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Returns the result of `code`, or `None` if it panics. A panic of a sampler, a span processor or a hook
/// concerns telemetry only, and must not make the call fail; the panic hook has reported it.
pub(crate) fn unless_it_panics<T>(code: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(code)).ok()
}
