//! The telemetry of the process, of which there is one.

use std::sync::OnceLock;

use lamplight_internal::diagnostics::warn_once;
use opentelemetry::global;

use crate::{
    TelemetryBuilder,
    environment::Environment,
    guard::guarded,
    mistakes::GlobalProvider,
    telemetry::{Active, Telemetry},
};

/// The telemetry of this process, of which there is one because OpenTelemetry has one global provider.
static FIRST: OnceLock<Active> = OnceLock::new();

impl TelemetryBuilder {
    /// Sets up telemetry, and makes its provider and propagator the global ones of OpenTelemetry.
    ///
    /// It never fails: an invalid configuration is reported in the function's log, and the function runs
    /// without it; so is a panic of an exporter or a sampler. If telemetry is off, the global provider
    /// remains OpenTelemetry's no-op provider, and the callers' context passes through the function.
    ///
    /// A process has one telemetry. A second call is reported and returns another handle to the first
    /// telemetry, ignoring the options; use [`build`](Self::build) in tests.
    #[must_use = "telemetry does nothing until it runs the handler: `init().run(handler)`"]
    pub fn init(self) -> Telemetry {
        if let Some(first) = FIRST.get() {
            return again(first);
        }
        let environment = Environment::of_process(self.log_level());
        let extractor = self.extractor(&environment);
        // Also those of an extractor set in code.
        let propagators = extractor.propagators();
        let active = guarded(|| self.set_up(&environment));
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
            // Dropped only after the lock of the globals is released, because it may be the last handle.
            let _replaced = global::tracer_provider();
            global::set_tracer_provider(GlobalProvider::new(active.provider.clone()));
            global::set_text_map_propagator(propagators);
            // Runs concurrently with the function's own initialization. Outside a runtime, `run` does it.
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
}

/// Returns the telemetry of this process, and sets it up if necessary.
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
