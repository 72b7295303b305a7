//! Mistakes in the set-up of a function that would lose spans in silence, each of them reported
//! once.

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

/// The scope by which the global provider is asked whether it is Lamplight's.
const PROBE: &str = "lamplight.probe";

/// Whether the probe came through.
static IS_OURS: AtomicBool = AtomicBool::new(false);

/// Lamplight's provider, which can be told from any other: it notes when it is asked for the tracer
/// of the [`PROBE`]. So no span has to be started to find out.
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

/// Looks at the set-up when the first invocation begins, when `main` is done with it.
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

    /// Returns the event of an invocation as it is.
    pub(crate) fn seen<T>(&self, event: T) -> T {
        if !self.is_over.load(Ordering::Relaxed) && !self.is_over.swap(true, Ordering::Relaxed) {
            let is_global = self.is_global;
            // The global provider may be anybody's.
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
    // Without any subscriber nothing of `tracing` is wanted: the feature can be another crate's.
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

/// Whether this thread's log lines go to a subscriber. That one was ever set says less: a thread that
/// is to be silent has none.
#[cfg(feature = "tracing")]
fn is_listened_to() -> bool {
    tracing::dispatcher::get_default(|subscriber| {
        !subscriber.is::<tracing::subscriber::NoSubscriber>()
    })
}

/// Reports a process that is not in Lambda, before the runtime panics for it.
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

/// What became of a telemetry, whoever has a handle to it.
#[derive(Debug, Default)]
pub(crate) struct Use {
    handles: AtomicUsize,
    is_used: AtomicBool,
}

/// A handle to a telemetry. The last one knows whether it was ever put to use.
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
