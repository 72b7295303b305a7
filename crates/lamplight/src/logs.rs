//! Set-up of `tracing` in one call: logs with trace ids, and spans.

use lamplight_internal::{diagnostics::warn_once, environment::Environment};
use lamplight_lambda::WithTraceIds;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{Registry, filter::Targets, fmt, prelude::*};

use crate::Telemetry;

impl Telemetry {
    /// Sets up `tracing` for the whole process, in place of `tracing_subscriber::fmt::init()`: log lines are
    /// JSON on standard output with `trace_id` and `span_id`, spans of `#[instrument]` become children of the
    /// invocation's span, and events outside them become events of the invocation's span.
    ///
    /// The log filter comes from `RUST_LOG`, a list of `level` and `target=level`, otherwise from
    /// `AWS_LAMBDA_LOG_LEVEL`, the level of Lambda's logging controls, otherwise it is `INFO` and above. It
    /// does not affect spans and their events. If telemetry is off, there are only logs.
    ///
    /// A process has one subscriber. If there is one already, it stays, and this is reported; add
    /// [`tracing_layer`](lamplight_lambda::Instrumentation::tracing_layer) and [`WithTraceIds`] to that one.
    ///
    /// ```no_run
    /// # use lambda_runtime::{Error, LambdaEvent, service_fn};
    /// # async fn example() -> Result<(), Error> {
    /// # let handler = async |event: LambdaEvent<String>| Ok::<_, Error>(event.payload);
    /// let telemetry = lamplight::init();
    /// telemetry.init_tracing();
    /// telemetry.run(service_fn(handler)).await
    /// # }
    /// ```
    #[cfg_attr(docsrs, doc(cfg(feature = "tracing")))]
    pub fn init_tracing(&self) {
        let environment = Environment::of_process();
        let (targets, nonsense) = targets(&environment);
        let logs = fmt::layer()
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .map_event_format(WithTraceIds::new)
            .with_filter(targets);
        let registry = Registry::default().with(logs);
        let layer = self.instrumentation().tracing_layer();
        let installed = registry.with(layer).try_init();
        if installed.is_err() {
            warn_once("second-subscriber", || {
                "`init_tracing` has no effect, because `tracing` has a subscriber already; leave \
                 that one out, or add `Instrumentation::tracing_layer` to it"
                    .to_owned()
            });
        }
        // Reported only now, so that it goes to the log that has just been set up.
        if let Some(Nonsense {
            name,
            value,
            problem,
        }) = nonsense
        {
            environment.reject(name, &value, &problem, "the default, `INFO` and above");
        }
    }
}

/// An invalid value.
struct Nonsense {
    name: &'static str,
    value: String,
    problem: String,
}

/// Returns the log filter, and the fault of its variable, if any.
fn targets(environment: &Environment<'_>) -> (Targets, Option<Nonsense>) {
    const VARIABLES: [&str; 2] = ["RUST_LOG", "AWS_LAMBDA_LOG_LEVEL"];
    let default = Targets::new().with_default(LevelFilter::INFO);
    let mut set = VARIABLES.into_iter();
    let Some((name, value)) = set.find_map(|name| Some((name, environment.get(name)?))) else {
        return (default, None);
    };
    // Lambda has one more level than `tracing`.
    if value.eq_ignore_ascii_case("fatal") {
        return (Targets::new().with_default(LevelFilter::ERROR), None);
    }
    match value.parse() {
        Ok(targets) => (targets, None),
        Err(error) => {
            let problem = format!("is not a list of `level` and `target=level` ({error})");
            let nonsense = Nonsense {
                name,
                value,
                problem,
            };
            (default, Some(nonsense))
        }
    }
}
