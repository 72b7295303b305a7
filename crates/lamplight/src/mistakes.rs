//! Detection of mistakes in the set-up of a function that would silently lose spans. Each is reported once.

use std::{
    panic::catch_unwind,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use lamplight_internal::{diagnostics::warn_once, environment::Environment};
use opentelemetry::{InstrumentationScope, global, trace::TracerProvider};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

/// The scope name that detects whether the global provider is Lamplight's.
const PROBE: &str = "lamplight.probe";

/// Set by Lamplight's provider when it is asked for the probe's tracer.
static IS_OURS: AtomicBool = AtomicBool::new(false);

/// Lamplight's provider. It can be distinguished from others because it records requests for the tracer of
/// the [`PROBE`], without a span having to be started.
#[derive(Debug)]
pub(crate) struct GlobalProvider(SdkTracerProvider);

impl GlobalProvider {
    pub(crate) fn new(provider: SdkTracerProvider) -> Self {
        Self(provider)
    }
}

impl TracerProvider for GlobalProvider {
    type Tracer = SdkTracer;

    fn tracer_with_scope(&self, scope: InstrumentationScope) -> SdkTracer {
        if scope.name() == PROBE {
            IS_OURS.store(true, Ordering::SeqCst);
        }
        self.0.tracer_with_scope(scope)
    }
}

/// A check of the set-up at the first invocation, after `main` has completed it.
#[derive(Clone, Debug)]
pub(crate) struct FirstInvocation {
    is_over: Arc<AtomicBool>,
    is_global: bool,
}

impl FirstInvocation {
    pub(crate) fn new(is_active: bool, is_global: bool) -> Self {
        Self {
            is_over: Arc::new(AtomicBool::new(!is_active)),
            is_global,
        }
    }

    /// Returns the event of an invocation unchanged.
    pub(crate) fn seen<T>(&self, event: T) -> T {
        if !self.is_over.load(Ordering::Relaxed) && !self.is_over.swap(true, Ordering::Relaxed) {
            let is_global = self.is_global;
            // The global provider may be someone else's.
            let _ = catch_unwind(|| look_at_setup(is_global));
        }
        event
    }
}

fn look_at_setup(is_global: bool) {
    if is_global {
        global::tracer_with_scope(InstrumentationScope::builder(PROBE).build());
        if !IS_OURS.load(Ordering::SeqCst) {
            warn_once("foreign-provider", || {
                "spans of `global::tracer` are lost: after Lamplight, something else made its \
                 provider OpenTelemetry's global one; leave that out, or call `lamplight::init()` \
                 after it"
                    .to_owned()
            });
        }
    }
    // Without a subscriber, `tracing` is not used: another crate may have enabled the feature.
    #[cfg(feature = "tracing")]
    if is_listened_to() && !lamplight_lambda::is_tracing_in_use() {
        warn_once("no-tracing-layer", || {
            "spans of `#[instrument]`, events and ids in logs are missing: the feature `tracing` is \
             on, and its layer is in no subscriber; call `telemetry.init_tracing()` in place of \
             `tracing_subscriber::fmt::init()`, or add `Instrumentation::tracing_layer` to your \
             subscriber"
                .to_owned()
        });
    }
}

/// Returns whether a subscriber receives this thread's log lines. The existence of a global one would not be
/// enough: a thread may have been silenced.
#[cfg(feature = "tracing")]
fn is_listened_to() -> bool {
    tracing::dispatcher::get_default(|subscriber| {
        !subscriber.is::<tracing::subscriber::NoSubscriber>()
    })
}

/// Reports that the process is not in Lambda, before the runtime panics because of it.
pub(crate) fn look_around() {
    let environment = Environment::of_process();
    let of_lambda = ["AWS_LAMBDA_RUNTIME_API", "AWS_LAMBDA_FUNCTION_NAME"];
    if of_lambda.iter().any(|name| environment.get(name).is_none()) {
        warn_once("not-in-lambda", || {
            "this is a Lambda function, and its environment is not Lambda's; to run it on this \
             machine, use `cargo lambda watch`"
                .to_owned()
        });
    }
}

/// The usage of a telemetry, shared by all its handles.
#[derive(Debug, Default)]
pub(crate) struct Use {
    handles: AtomicUsize,
    is_used: AtomicBool,
}

/// A handle to a telemetry. When the last one is dropped, it checks whether the telemetry was ever used.
#[derive(Debug)]
pub(crate) struct Handle {
    /// `None` when telemetry is off.
    of: Option<Arc<Use>>,
}

impl Handle {
    pub(crate) fn new(of: Option<Arc<Use>>) -> Self {
        if let Some(of) = &of {
            of.handles.fetch_add(1, Ordering::AcqRel);
        }
        Self { of }
    }

    pub(crate) fn note_use(&self) {
        if let Some(of) = &self.of {
            of.is_used.store(true, Ordering::Relaxed);
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let is_in_vain = self.of.as_ref().is_some_and(|of| {
            let is_last = of.handles.fetch_sub(1, Ordering::AcqRel) == 1;
            is_last && !of.is_used.load(Ordering::Relaxed)
        });
        if is_in_vain && !std::thread::panicking() {
            warn_once("never-run", || {
                "no invocation is traced: telemetry was set up and dropped without a handler; run \
                 the handler with it, as in `lamplight::init().run(handler)`, in place of \
                 `lambda_runtime::run(handler)`"
                    .to_owned()
            });
        }
    }
}
