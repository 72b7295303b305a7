//! Set-up that cannot make the function fail.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

use lamplight_internal::diagnostics::warn_once;

/// Returns the result of `set_up`, or `None` if it panics, which is reported.
pub(crate) fn guarded<T>(set_up: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(set_up)).unwrap_or_else(|panic| {
        warn_once("set-up-panicked", || {
            format!(
                "spans are not exported: setting telemetry up panicked ({}), and the function runs \
                 without; this is a fault in Lamplight, or in an exporter or sampler that it was \
                 given",
                panic_text(&*panic)
            )
        });
        None
    })
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no text")
}
