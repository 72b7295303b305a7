//! A guard around code of the user's.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Returns what `code` returns, `None` if it panics. A panic of a sampler, a span processor or a
/// predicate is one about telemetry, and no reason for the request to fail; the panic hook has reported
/// it.
pub(crate) fn unless_it_panics<T>(code: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(code)).ok()
}
