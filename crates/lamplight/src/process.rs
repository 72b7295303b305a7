//! The one telemetry of a process.

use crate::TelemetryBuilder;
use crate::environment::Environment;
use crate::mistakes::GlobalProvider;
use crate::telemetry::{Active, Telemetry};
use lamplight_internal::diagnostics::warn_once;
use opentelemetry::global;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

/// The telemetry of this process: OpenTelemetry has room for one provider.
static FIRST: OnceLock<Active> = OnceLock::new();

/// Sets the telemetry of this process up, or returns another handle to it.
pub(crate) fn init(builder: TelemetryBuilder) -> Telemetry {
    if let Some(first) = FIRST.get() {
        return again(first);
    }
    let environment = Environment::of_process();
    environment.set_log_level(builder.log_level());
    let extractor = builder.extractor(&environment);
    // Those of an extractor in code too.
    let propagators = extractor.propagators();
    let active = guarded(|| builder.set_up(&environment));
    let Some(active) = active else {
        guarded(|| {
            global::set_text_map_propagator(propagators);
            Some(())
        });
        return Telemetry::new(None, extractor);
    };
    let mut is_first = false;
    let active = FIRST.get_or_init(|| {
        is_first = true;
        active.into_global()
    });
    if !is_first {
        return again(active);
    }
    guarded(|| {
        // Kept until the lock of the globals is free again, since it may be the last handle.
        let _replaced = global::tracer_provider();
        global::set_tracer_provider(GlobalProvider::new(active.provider.clone()));
        global::set_text_map_propagator(propagators);
        // Beside the function's own initialisation. Outside a runtime it comes with `run`.
        if active.sigterm
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let active = active.clone();
            runtime.spawn(async move { active.ready().await });
        }
        Some(())
    });
    Telemetry::of(active)
}

/// Returns the telemetry of this process, which is set up now if it is not yet.
pub(crate) fn of_process() -> Telemetry {
    match FIRST.get() {
        Some(first) => Telemetry::of(first),
        None => TelemetryBuilder::default().init(),
    }
}

/// Returns another handle to the first telemetry, and reports it.
fn again(first: &Active) -> Telemetry {
    warn_once("second-init", || {
        "telemetry was set up a second time: the first one is used, and the options of the second \
         are not; call `lamplight::init()` once, at the start of `main`, and in a test \
         `TelemetryBuilder::build`"
            .to_owned()
    });
    Telemetry::of(first)
}

/// Returns what `set_up` does, or nothing where it panics, which is reported.
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
