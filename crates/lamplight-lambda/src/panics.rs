//! Handling of panics, with their messages and locations.

use std::{
    any::Any,
    cell::Cell,
    panic::{self, AssertUnwindSafe, PanicHookInfo, catch_unwind, resume_unwind},
    sync::Once,
};

use lamplight_internal::diagnostics::warn_once;

thread_local! {
    /// The location of this thread's last panic, which the payload does not contain.
    static LOCATION: Cell<Option<String>> = const { Cell::new(None) };

    /// Set while a panic of this thread is expected and should not be reported.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// A caught panic, to be resumed.
pub(crate) struct Panic {
    payload: Box<dyn Any + Send>,
    /// `file:line:column`, if the panic began on this thread.
    pub(crate) location: Option<String>,
}

impl Panic {
    /// Returns the message of the panic.
    pub(crate) fn message(&self) -> &str {
        if let Some(text) = self.payload.downcast_ref::<&str>() {
            text
        } else if let Some(text) = self.payload.downcast_ref::<String>() {
            text
        } else {
            "the panic has no message"
        }
    }

    /// Resumes the panic.
    pub(crate) fn resume(self) -> ! {
        resume_unwind(self.payload)
    }
}

/// Installs a hook that records the locations of panics, and calls the previous hook.
pub(crate) fn install_hook() {
    static INSTALLED: Once = Once::new();
    // Neither function may be called while panicking.
    if std::thread::panicking() {
        return;
    }
    INSTALLED.call_once(|| {
        let next = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if QUIET.try_with(Cell::get).unwrap_or(false) {
                return;
            }
            note(info);
            next(info);
        }));
    });
}

/// Runs `f`, and returns a panic in it as an error.
pub(crate) fn catch<T>(f: impl FnOnce() -> T) -> Result<T, Panic> {
    // Clears the location of an earlier panic that other code has caught.
    take_location();
    catch_unwind(AssertUnwindSafe(f)).map_err(|payload| Panic {
        payload,
        location: take_location(),
    })
}

/// Runs `attempt`, which may panic; if so, returns `None`, usually without a report.
pub(crate) fn quietly<T>(attempt: impl FnOnce() -> T) -> Option<T> {
    let before = QUIET.try_with(|quiet| quiet.replace(true));
    let result = catch_unwind(AssertUnwindSafe(attempt));
    let _ = QUIET.try_with(|quiet| quiet.set(before.unwrap_or(false)));
    result.ok()
}

/// Runs `end`, which passes an ended span to the span processors. They may be the user's and may panic: the
/// function continues in any case.
pub(crate) fn in_processors(end: impl FnOnce()) {
    if catch(end).is_err() {
        warn_once("processor-panicked", || {
            "a span processor panicked when a span ended; the span may be lost, the function is not \
             affected"
                .to_owned()
        });
    }
}

fn note(info: &PanicHookInfo<'_>) {
    let location = info.location().map(ToString::to_string);
    let _ = LOCATION.try_with(|cell| cell.set(location));
}

fn take_location() -> Option<String> {
    LOCATION.try_with(Cell::take).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_handed_out_with_message_and_place() {
        install_hook();
        let line = line!() + 1;
        let panic = catch::<()>(|| panic!("number {}", 7)).err().unwrap();
        assert_eq!(panic.message(), "number 7");
        let place = format!("{}:{line}:", file!());
        assert!(panic.location.as_ref().unwrap().starts_with(&place));
    }

    #[test]
    fn an_earlier_panic_does_not_lend_its_place() {
        install_hook();
        let _ = catch_unwind(|| panic!("caught by somebody else"));
        // As `JoinHandle` users do, with the panic of another thread.
        let result = catch::<()>(|| resume_unwind(Box::new("from another thread")));
        let panic = result.err().unwrap();
        assert_eq!(panic.message(), "from another thread");
        assert_eq!(panic.location, None);
    }
}
