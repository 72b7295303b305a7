//! Building of functions.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Mutex,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    collector,
    subject::{Build, Spans, Subject},
};
use crate::{
    bench::Bench,
    process::{cargo, cpu_of_children},
    rivals,
};

/// A built function.
#[derive(Debug, Clone)]
pub(crate) struct Built {
    pub(crate) program: PathBuf,
    /// Size of the stripped binary.
    pub(crate) bytes: u64,
    /// The number of compiled crates, including those of build scripts and macros.
    pub(crate) crates: usize,
    /// The program that must run beside it.
    pub(crate) collector: Option<PathBuf>,
}

impl Build {
    fn features(&self) -> impl Iterator<Item = &'static str> {
        let more = self.concurrent.then_some("concurrency");
        let all = ["function"]
            .into_iter()
            .chain(self.features.iter().copied());
        all.chain(more)
    }

    fn command(&self, bench: &Bench, target: &Path) -> Command {
        let folder = bench.root.join("benches/rivals").join(self.folder);
        let mut command = cargo(&folder, target);
        command
            .args(["build", "--profile", self.profile])
            .args(["--bin", &format!("{}-function", self.folder)])
            .args(["--features", &self.features().collect::<Vec<_>>().join(",")]);
        rivals::lock(&mut command, self.folder);
        command
    }
}

impl Subject {
    /// Builds it.
    ///
    /// # Errors
    ///
    /// The compiler's first error, in a line.
    pub(crate) fn build(&self, bench: &Bench) -> Result<Built, String> {
        let mut built = build(bench, self.build)?;
        if self.spans == Spans::Collector {
            let installed = collector::install(bench).map_err(|error| error.to_string())?;
            built.collector = Some(installed);
        }
        Ok(built)
    }

    /// Builds it for several invocations at a time.
    ///
    /// # Errors
    ///
    /// The compiler's first error, in a line.
    pub(crate) fn build_concurrent(&self, bench: &Bench) -> Result<Built, String> {
        build(bench, self.build.concurrent())
    }
}

/// Several sections need the same functions, which are built once.
fn build(bench: &Bench, build: Build) -> Result<Built, String> {
    static KNOWN: Mutex<Vec<(Build, Result<Built, String>)>> = Mutex::new(Vec::new());
    let known = || KNOWN.lock().unwrap();
    if let Some((_, built)) = known().iter().find(|(known, _)| *known == build) {
        return built.clone();
    }
    let built = build_one(bench, build);
    known().push((build, built.clone()));
    built
}

fn build_one(bench: &Bench, build: Build) -> Result<Built, String> {
    let features: Vec<_> = build.features().collect();
    let name = format!("{}-{}-{}", build.folder, build.profile, features.join("-"));
    let mut command = build.command(bench, &bench.target.join("rivals"));
    command.args(["--message-format=json", "--quiet"]);
    let output = bench
        .build(&name, || command.stderr(Stdio::null()).output())
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut crates = BTreeSet::new();
    let mut executable = None;
    let mut error = None;
    for message in messages {
        match message["reason"].as_str() {
            Some("compiler-artifact") => {
                crates.extend(message["package_id"].as_str().map(ToOwned::to_owned));
                let path = message["executable"].as_str();
                executable = path.map(PathBuf::from).or(executable);
            }
            Some("compiler-message") if message["message"]["level"] == "error" => {
                error = error.or_else(|| Some(explain(&message["message"])));
            }
            _ => {}
        }
    }
    if !output.status.success() {
        return Err(error.unwrap_or_else(|| "cargo failed".to_owned()));
    }
    let executable = executable.ok_or("cargo built no binary")?;
    // The next build with other features replaces it.
    let program = bench.target.join("rivals/functions").join(name);
    let bytes = keep(&executable, &program)
        .map_err(|error| format!("cannot keep {}: {error}", executable.display()))?;
    Ok(Built {
        program,
        bytes,
        crates: crates.len(),
        collector: None,
    })
}

fn explain(message: &Value) -> String {
    let text = message["message"].as_str().unwrap_or_default();
    match message["code"]["code"].as_str() {
        Some(code) => format!("{code}: {text}"),
        None => text.to_owned(),
    }
}

fn keep(executable: &Path, program: &Path) -> std::io::Result<u64> {
    if let Some(directory) = program.parent() {
        std::fs::create_dir_all(directory)?;
    }
    // The previous one may still be running and cannot be overwritten.
    let _ = std::fs::remove_file(program);
    std::fs::copy(executable, program)
}

/// Returns the duration and the processor time of a clean build of a function, in a folder that is removed
/// afterwards.
pub(crate) fn time_clean(bench: &Bench, subject: &Subject) -> Option<(Duration, Duration)> {
    let folder = bench.target.join("rivals/clean-build");
    let _ = std::fs::remove_dir_all(&folder);
    let mut command = subject.build.command(bench, &folder);
    let (begin, cpu) = (Instant::now(), cpu_of_children());
    let what = format_args!("{} from nothing", subject.name);
    let status = bench.build(what, || command.arg("--quiet").status());
    let took = (begin.elapsed(), cpu_of_children().saturating_sub(cpu));
    let _ = std::fs::remove_dir_all(&folder);
    status.ok()?.success().then_some(took)
}
