//! The compared rivals, and their builds.

use std::{path::PathBuf, process::Command, sync::OnceLock};

use crate::{
    bench::Bench,
    error::Result,
    process::{self, cargo},
};

/// A rival in `benches/rivals`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rival {
    /// Its folder, and the first part of the names of its programs.
    pub(crate) folder: &'static str,
    /// The crate whose version is reported.
    pub(crate) package: &'static str,
    /// Its set-up.
    pub(crate) setup: &'static str,
    /// Its modes.
    pub(crate) variants: &'static [Variant],
}

/// A mode of a rival.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Variant {
    /// Its name in tables.
    pub(crate) title: &'static str,
    /// Its environment variables.
    pub(crate) env: &'static [(&'static str, &'static str)],
}

const fn only(title: &'static str) -> Variant {
    Variant { title, env: &[] }
}

/// All rivals. The first is the basis of comparison.
pub(crate) const RIVALS: [Rival; 6] = [
    Rival {
        folder: "bare",
        package: "lambda_runtime",
        setup: "no telemetry",
        variants: &[only("bare")],
    },
    Rival {
        folder: "lamplight",
        package: "lamplight",
        setup: "`lamplight::init`, the two layers",
        variants: &[only("Lamplight")],
    },
    Rival {
        folder: "aws-layer",
        package: "lambda_runtime",
        setup: "`OpenTelemetryLayer`, `BatchSpanProcessor`, flushed after the response, as in its own example",
        variants: &[only("lambda_runtime's layer")],
    },
    Rival {
        folder: "lambda-otel-lite",
        package: "lambda-otel-lite",
        setup: "`OtelTracingLayer`, its own processor",
        variants: &[
            Variant {
                title: "lambda-otel-lite, sync",
                env: &[("LAMBDA_EXTENSION_SPAN_PROCESSOR_MODE", "sync")],
            },
            Variant {
                title: "lambda-otel-lite, async",
                env: &[("LAMBDA_EXTENSION_SPAN_PROCESSOR_MODE", "async")],
            },
        ],
    },
    Rival {
        folder: "opentelemetry-lambda-tower",
        package: "opentelemetry-lambda-tower",
        setup: "`OtelTracingLayerBuilder` with the provider, `BatchSpanProcessor`",
        variants: &[only("opentelemetry-lambda-tower")],
    },
    Rival {
        folder: "awssdk-instrumentation",
        package: "awssdk-instrumentation",
        setup: "the expansion of its `make_lambda_runtime!`, with an exporter other than that for its \
         X-Ray daemon",
        variants: &[only("awssdk-instrumentation")],
    },
];

/// The environment of a function in Lambda.
///
/// The log level is set for `lambda-otel-lite`, which exports nothing at the default level.
pub(crate) const LAMBDA: [(&str, &str); 9] = [
    ("AWS_LAMBDA_FUNCTION_NAME", "orders"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "7"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/orders"),
    (
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "2026/11/21/[7]0123456789abcdef",
    ),
    ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
    ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
    ("AWS_REGION", "eu-west-1"),
    (
        "_X_AMZN_TRACE_ID",
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
    ),
];

/// A rival with built programs.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) rival: Rival,
    /// The version of its package.
    pub(crate) version: String,
    /// The version of `opentelemetry` it uses, if any.
    pub(crate) opentelemetry: Option<String>,
    bin: PathBuf,
}

impl Built {
    /// Its program `<folder>-<name>`.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.bin.join(format!("{}-{name}", self.rival.folder))
    }

    /// Returns whether it has that program.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.program(name).exists()
    }
}

/// The rivals of this run.
#[derive(Debug, Default)]
pub(crate) struct Rivals {
    /// The built ones.
    pub(crate) built: Vec<Built>,
    /// Those that could not be built, each with the reason.
    pub(crate) absent: Vec<(&'static str, String)>,
}

/// Returns the rivals, built one after the other on first use; empty if this run measures nothing with them.
pub(crate) fn all(bench: &Bench) -> &'static Rivals {
    static ALL: OnceLock<Rivals> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut rivals = Rivals::default();
        if bench.options.needs_rivals() {
            for rival in RIVALS {
                match build_one(bench, rival) {
                    Ok(built) => rivals.built.push(built),
                    Err(error) => rivals.absent.push((rival.folder, error.to_string())),
                }
            }
        }
        rivals
    })
}

fn build_one(bench: &Bench, rival: Rival) -> Result<Built> {
    if bench.options.leaves_out(rival.folder) {
        return Err("left out of this run with `--without`".into());
    }
    let folder = bench.root.join("benches/rivals").join(rival.folder);
    let target = bench.target.join("rivals");
    let mut command = cargo(&folder, &target);
    command.args(["build", "--release", "--quiet", "--bin"]);
    command.arg(format!("{}-overhead", rival.folder));
    lock(&mut command, rival.folder);
    bench.build(rival.folder, || process::succeed(&mut command))?;
    let lock = std::fs::read_to_string(folder.join("Cargo.lock"))?;
    Ok(Built {
        rival,
        version: locked(&lock, rival.package).unwrap_or_else(|| "?".to_owned()),
        opentelemetry: locked(&lock, "opentelemetry"),
        bin: target.join("release"),
    })
}

/// Makes cargo use the lock file. The lock file of Lamplight's own crates follows the workspace, whose
/// dependencies may have changed.
pub(crate) fn lock(cargo: &mut Command, folder: &str) {
    if !folder.starts_with("lamplight") {
        cargo.arg("--locked");
    }
}

/// The version of a package in a `Cargo.lock`; the highest if there are several.
fn locked(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        if line == name {
            let version = lines.next().unwrap_or_default();
            found.extend(
                version
                    .strip_prefix("version = ")
                    .map(|v| v.trim_matches('"').to_owned()),
            );
        }
    }
    found.pop()
}
