//! The measured functions.

/// A function with its telemetry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject {
    /// Its name in tables.
    pub(crate) name: &'static str,
    pub(crate) build: Build,
    pub(crate) spans: Spans,
    /// The variables that its own documentation requires.
    pub(crate) variables: &'static [(&'static str, &'static str)],
}

/// The build of a function: a crate in `rivals/`, with its features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Build {
    pub(super) folder: &'static str,
    pub(super) features: &'static [&'static str],
    pub(super) profile: &'static str,
    /// True for several invocations at a time.
    pub(super) concurrent: bool,
}

impl Build {
    pub(crate) const fn release(folder: &'static str, features: &'static [&'static str]) -> Self {
        Self {
            folder,
            features,
            profile: "release",
            concurrent: false,
        }
    }

    pub(crate) const fn with_profile(self, profile: &'static str) -> Self {
        Self { profile, ..self }
    }

    pub(crate) const fn concurrent(self) -> Self {
        Self {
            concurrent: true,
            ..self
        }
    }

    /// Returns whether it is built with the common profile.
    pub(crate) fn is_release(&self) -> bool {
        self.profile == "release"
    }
}

/// The destination of its spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spans {
    /// It has no spans, or they are dropped.
    Nowhere,
    Otlp,
    Kinesis,
    /// OTLP, through a collector beside the function.
    Collector,
}

/// The function without telemetry.
pub(crate) const BARE: Subject = Subject {
    name: "bare",
    build: Build::release("bare", &[]),
    spans: Spans::Nowhere,
    variables: &[],
};

pub(crate) const KINESIS: Subject = Subject {
    name: "Lamplight, Kinesis",
    build: Build::release("lamplight", &["kinesis"]),
    spans: Spans::Kinesis,
    variables: &[],
};

const OTLP: Subject = Subject {
    name: "Lamplight, OTLP",
    build: Build::release("lamplight", &["otlp"]),
    spans: Spans::Otlp,
    variables: &[],
};

const NOOP: Subject = Subject {
    name: "Lamplight, no-op",
    build: Build::release("lamplight", &["kinesis"]),
    spans: Spans::Nowhere,
    variables: &[("FUNCTION_SINK", "noop")],
};

const AWS_LAYER: Subject = Subject {
    name: "lambda_runtime's layer",
    build: Build::release("aws-layer", &[]),
    spans: Spans::Otlp,
    variables: &[],
};

/// The alternative that spares the caller from waiting.
pub(crate) const COLLECTOR: Subject = Subject {
    name: "lambda_runtime's layer, rotel",
    spans: Spans::Collector,
    ..AWS_LAYER
};

/// It records nothing at its default log level.
const LITE_SYNC: Subject = Subject {
    name: "lambda-otel-lite, sync",
    build: Build::release("lambda-otel-lite", &[]),
    spans: Spans::Otlp,
    variables: &[
        ("LAMBDA_EXTENSION_SPAN_PROCESSOR_MODE", "sync"),
        ("RUST_LOG", "info"),
    ],
};

const LITE_ASYNC: Subject = Subject {
    name: "lambda-otel-lite, async",
    build: Build::release("lambda-otel-lite", &[]),
    spans: Spans::Otlp,
    variables: &[
        ("LAMBDA_EXTENSION_SPAN_PROCESSOR_MODE", "async"),
        ("RUST_LOG", "info"),
    ],
};

const TOWER: Subject = Subject {
    name: "opentelemetry-lambda-tower",
    build: Build::release("opentelemetry-lambda-tower", &[]),
    spans: Spans::Otlp,
    variables: &[],
};

const AWSSDK: Subject = Subject {
    name: "awssdk-instrumentation",
    build: Build::release("awssdk-instrumentation", &[]),
    spans: Spans::Otlp,
    variables: &[],
};

/// All functions that serve requests.
pub(crate) const SERVING: &[Subject] = &[
    BARE, KINESIS, OTLP, NOOP, AWS_LAYER, COLLECTOR, LITE_SYNC, LITE_ASYNC, TOWER, AWSSDK,
];

/// All functions that are started: the same, and other builds.
pub(crate) const STARTED: &[Subject] = &[
    BARE,
    BARE_LAMBDA,
    KINESIS,
    KINESIS_LAMBDA,
    KINESIS_AWS_LC,
    OTLP,
    AWS_LAYER,
    LITE_SYNC,
    LITE_ASYNC,
    TOWER,
    AWSSDK,
];

pub(crate) const BARE_LAMBDA: Subject = Subject {
    name: "bare, profile `lambda`",
    build: BARE.build.with_profile("lambda"),
    ..BARE
};

pub(crate) const KINESIS_LAMBDA: Subject = Subject {
    name: "Lamplight, Kinesis, profile `lambda`",
    build: KINESIS.build.with_profile("lambda"),
    ..KINESIS
};

const KINESIS_AWS_LC: Subject = Subject {
    name: "Lamplight, Kinesis, TLS of the SDK",
    build: Build::release("lamplight", &["aws-lc"]),
    ..KINESIS
};
