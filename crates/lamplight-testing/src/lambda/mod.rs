//! Handlers as Lambda runs them.

#[cfg(feature = "tracing")]
mod dispatch;
mod environment;
mod frozen;
mod observed;
mod options;

use std::{fmt, fmt::Debug, future::Future, path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_core::Stream;
use lambda_runtime::{Diagnostic, Error, IntoFunctionResponse, LambdaEvent, tower::Service};
use lamplight::{Telemetry, TelemetryBuilder};
use serde::{Deserialize, Serialize};

pub(crate) use self::environment::Ran;
use self::{environment::Environment, frozen::Frozen, options::Options};
use crate::{Invocation, Invoke, conventions::Conventions};

/// An execution environment of Lambda, in the test's own process: a handler, the real stack of
/// `lambda_runtime` around it, and a telemetry of its own.
///
/// Any number of them can be there at a time, in one test and in tests that run in parallel.
///
/// ```
/// use lambda_runtime::{Error, LambdaEvent, service_fn};
/// use lamplight_testing::{Lambda, events};
/// use serde_json::{Value, json};
///
/// async fn handler(event: LambdaEvent<Value>) -> Result<Value, Error> {
///     Ok(json!({"name": event.payload["name"]}))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let mut lambda = Lambda::new(service_fn(handler));
/// let invocation = lambda.invoke(json!({"name": "Ada"})).await;
/// assert_eq!(invocation.response(), json!({"name": "Ada"}));
/// invocation.trace().root().has("faas.coldstart", true);
/// # }
/// ```
pub struct Lambda {
    place: Place,
    conventions: Arc<Conventions>,
    /// True after a timeout, at which Lambda ends the environment.
    is_over: bool,
}

enum Place {
    /// On the runtime of the test.
    Here(Box<Environment>),
    /// On a runtime that stands still between invocations.
    Frozen(Frozen),
}

/// Builds a [`Lambda`].
#[must_use]
pub struct LambdaBuilder {
    options: Options,
    registries: Vec<PathBuf>,
    ignored: Vec<String>,
}

impl Lambda {
    /// Returns an environment with this handler, and the defaults of [`builder`](Self::builder).
    ///
    /// # Panics
    ///
    /// As [`LambdaBuilder::build`] does.
    #[track_caller]
    pub fn new<H, T, R, B, S, D, E>(handler: H) -> Self
    where
        H: Service<LambdaEvent<T>, Response = R> + 'static,
        H::Future: Future<Output = Result<R, H::Error>> + 'static,
        H::Error: Into<Diagnostic> + Debug + 'static,
        T: for<'de> Deserialize<'de> + 'static,
        R: IntoFunctionResponse<B, S> + 'static,
        B: Serialize + 'static,
        S: Stream<Item = Result<D, E>> + Unpin + Send + 'static,
        D: Into<Bytes> + Send + 'static,
        E: Into<Error> + Send + Debug + 'static,
    {
        Self::builder().build(handler)
    }

    /// Returns an environment with this router, run as `lamplight::http::run` runs it.
    ///
    /// # Panics
    ///
    /// As [`LambdaBuilder::build`] does.
    #[cfg(feature = "http")]
    #[cfg_attr(docsrs, doc(cfg(feature = "http")))]
    #[track_caller]
    pub fn http(router: axum::Router) -> Self {
        Self::builder().http(router)
    }

    /// Returns options for an environment.
    pub fn builder() -> LambdaBuilder {
        LambdaBuilder {
            options: Options::default(),
            registries: Vec::new(),
            ignored: Vec::new(),
        }
    }

    /// Invokes the handler, and returns when Lambda would freeze the environment: when the answer has
    /// been posted and the telemetry flushed, or when the time is up.
    ///
    /// # Panics
    ///
    /// If an earlier invocation has timed out, since Lambda ends such an environment. If the context of
    /// the invocation is impossible.
    pub async fn invoke(&mut self, invoke: impl Into<Invoke>) -> Invocation {
        assert!(
            !self.is_over,
            "this environment is gone: an invocation timed out, at which Lambda ends the process. Make \
             another `Lambda` for the next one"
        );
        let invoke = invoke.into();
        let request_id = invoke.request_id.clone();
        let ran = match &mut self.place {
            Place::Here(environment) => environment.run(invoke).await,
            Place::Frozen(environment) => environment.run(invoke).await,
        };
        self.is_over = ran.timed_out;
        Invocation::new(request_id, ran, self.conventions.clone())
    }

    /// Returns the telemetry of the environment.
    pub fn telemetry(&self) -> &Telemetry {
        match &self.place {
            Place::Here(environment) => environment.telemetry(),
            Place::Frozen(environment) => environment.telemetry(),
        }
    }
}

impl Debug for Lambda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lambda")
            .field(
                "is_frozen_in_between",
                &matches!(self.place, Place::Frozen(_)),
            )
            .field("is_over", &self.is_over)
            .finish_non_exhaustive()
    }
}

impl LambdaBuilder {
    /// Sets the function's name. Default: `function`.
    pub fn with_function_name(mut self, name: impl Into<String>) -> Self {
        self.options.name = name.into();
        self
    }

    /// Sets the function's version. Default: `$LATEST`.
    pub fn with_version(mut self, version: impl Into<String>) -> Self {
        self.options.version = version.into();
        self
    }

    /// Sets the function's memory, in MB. Default: 128.
    pub fn with_memory(mut self, megabytes: i32) -> Self {
        self.options.memory = megabytes;
        self
    }

    /// Sets the region. Default: `us-east-1`.
    pub fn with_region(mut self, region: impl Into<String>) -> Self {
        self.options.region = region.into();
        self
    }

    /// Sets the time that an invocation has until its deadline. Default: one minute, so that a busy machine
    /// fails no test; a function's own default is 3 s.
    ///
    /// At the deadline the handler is dropped, [`Invocation::timed_out`] is true, and the environment is
    /// gone. Lamplight's `timeout` span is delivered shortly before.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = timeout;
        self
    }

    /// Restores the environment from a snapshot before its first invocation, as SnapStart does.
    pub fn with_snapstart(mut self) -> Self {
        self.options.restores = true;
        self
    }

    /// Sets a variable that telemetry is set up with, such as `LAMPLIGHT_INFERRED_SPANS`.
    ///
    /// It is there while the environment is built, and not while the handler runs: variables belong to
    /// the whole process. `AWS_LAMBDA_*`, `LAMPLIGHT_*` and `OTEL_*` of the machine have no effect.
    pub fn with_variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.variables.push((name.into(), value.into()));
        self
    }

    /// Sets telemetry up with options in code. Its exporter is always the test's.
    ///
    /// ```
    /// # use lamplight_testing::Lambda;
    /// let builder = Lambda::builder().with_telemetry(|telemetry| telemetry.with_inferred_spans(true));
    /// ```
    pub fn with_telemetry(
        mut self,
        configure: impl FnOnce(TelemetryBuilder) -> TelemetryBuilder + Send + 'static,
    ) -> Self {
        self.options.telemetry = Box::new(configure);
        self
    }

    /// Checks attributes of your own with the registry in this folder, beside Lamplight's. May be called
    /// for several.
    pub fn with_registry(mut self, folder: impl Into<PathBuf>) -> Self {
        self.registries.push(folder.into());
        self
    }

    /// Leaves the attribute `name`, and all in the namespace of that name, out of the check of
    /// conventions.
    pub fn with_ignored_attributes(mut self, name: impl Into<String>) -> Self {
        self.ignored.push(name.into());
        self
    }

    /// Returns an environment with this handler, which is whatever `lamplight::Telemetry::run` takes.
    ///
    /// # Panics
    ///
    /// If a registry has faults, or there is no port left on loopback.
    #[track_caller]
    pub fn build<H, T, R, B, S, D, E>(self, handler: H) -> Lambda
    where
        H: Service<LambdaEvent<T>, Response = R> + 'static,
        H::Future: Future<Output = Result<R, H::Error>> + 'static,
        H::Error: Into<Diagnostic> + Debug + 'static,
        T: for<'de> Deserialize<'de> + 'static,
        R: IntoFunctionResponse<B, S> + 'static,
        B: Serialize + 'static,
        S: Stream<Item = Result<D, E>> + Unpin + Send + 'static,
        D: Into<Bytes> + Send + 'static,
        E: Into<Error> + Send + Debug + 'static,
    {
        let conventions = Conventions::load(&self.registries, self.ignored);
        let environment = Environment::new(self.options, handler);
        Lambda {
            place: Place::Here(Box::new(environment)),
            conventions: Arc::new(conventions),
            is_over: false,
        }
    }

    /// Returns an environment that is frozen between invocations, with the handler that `make` returns.
    ///
    /// The handler has a Tokio runtime of its own, with one thread that stands still unless an invocation
    /// runs: neither timers nor tasks that the handler spawned go on. So telemetry that relies on work in
    /// the background shows what it loses. Threads that the handler starts, those of `spawn_blocking`
    /// included, are not frozen.
    ///
    /// `make` runs on that thread, inside the runtime.
    ///
    /// # Panics
    ///
    /// As [`build`](Self::build) does, and if `make` panics.
    #[track_caller]
    pub fn build_frozen<H, T, R, B, S, D, E>(
        self,
        make: impl FnOnce() -> H + Send + 'static,
    ) -> Lambda
    where
        H: Service<LambdaEvent<T>, Response = R> + 'static,
        H::Future: Future<Output = Result<R, H::Error>> + 'static,
        H::Error: Into<Diagnostic> + Debug + 'static,
        T: for<'de> Deserialize<'de> + 'static,
        R: IntoFunctionResponse<B, S> + 'static,
        B: Serialize + 'static,
        S: Stream<Item = Result<D, E>> + Unpin + Send + 'static,
        D: Into<Bytes> + Send + 'static,
        E: Into<Error> + Send + Debug + 'static,
    {
        let conventions = Conventions::load(&self.registries, self.ignored);
        let options = self.options;
        Lambda {
            place: Place::Frozen(Frozen::start(move || Environment::new(options, make()))),
            conventions: Arc::new(conventions),
            is_over: false,
        }
    }

    /// Returns an environment with this router, run as `lamplight::http::run` runs it.
    ///
    /// # Panics
    ///
    /// As [`build`](Self::build) does.
    #[cfg(feature = "http")]
    #[cfg_attr(docsrs, doc(cfg(feature = "http")))]
    #[track_caller]
    pub fn http(self, router: axum::Router) -> Lambda {
        use lamplight::http::{RouteLayer, buffered};

        self.build(buffered(router.layer(RouteLayer::new())))
    }
}

impl Debug for LambdaBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LambdaBuilder").finish_non_exhaustive()
    }
}
