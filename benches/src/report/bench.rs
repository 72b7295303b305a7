//! One run of the report: options, folders, progress.

use std::{
    fmt::Display,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant},
};

use crate::{
    error::{Error, Result},
    machine, process,
};

/// The options of the command line.
#[derive(Debug)]
pub(crate) struct Options {
    /// Fewer rounds and sizes.
    pub(crate) quick: bool,
    /// Times clean builds with `quick` too, which takes minutes for each function.
    builds: bool,
    /// Of the functions that run as processes, only those whose names contain this.
    pub(crate) functions: String,
    /// Excludes rivals and functions whose names contain one of these.
    pub(crate) without: Vec<String>,
    /// Only these sections; the result goes to standard output, not to the report.
    pub(crate) only: Vec<String>,
    /// Writes the report nevertheless.
    pub(crate) write: bool,
}

const HELP: &str = "\
Measures Lamplight and its rivals side by side, and writes benches/REPORT.md.

Usage: cargo bench-report [-- OPTIONS]

  --quick       fewer rounds, no clean builds: five minutes on two cores once everything is built
  --builds      times clean builds with --quick too, minutes for each function
  --functions TEXT
                of the functions that run as processes, only those with this in their names
  --without NAMES
                no rival or function with one of these, separated by commas, in its name
  --write       writes the report with --only too
  --only NAMES  only these sections, separated by commas, printed and not written:
                ";

impl Options {
    /// Parses the arguments of the process. `sections` are the available ones.
    pub(crate) fn from_args<const N: usize>(sections: [&str; N]) -> Result<Self> {
        let mut options = Self {
            quick: false,
            builds: false,
            functions: String::new(),
            without: Vec::new(),
            only: Vec::new(),
            write: false,
        };
        let mut args = std::env::args().skip(1);
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--" => {}
                "--quick" => options.quick = true,
                "--write" => options.write = true,
                "--functions" => options.functions = args.next().unwrap_or_default(),
                "--without" => {
                    let names = args.next().unwrap_or_default();
                    options.without = names.split(',').map(str::to_owned).collect();
                }
                "--builds" => options.builds = true,
                "--only" => {
                    let names = args.next().unwrap_or_default();
                    options.only = names.split(',').map(str::to_owned).collect();
                    let unknown = |name: &&String| !sections.contains(&name.as_str());
                    if let Some(unknown) = options.only.iter().find(unknown) {
                        return Err(format!(
                            "no section {unknown:?}\n\n{HELP}{}",
                            sections.join(", ")
                        )
                        .into());
                    }
                }
                _ => return Err(format!("{HELP}{}", sections.join(", ")).into()),
            }
        }
        Ok(options)
    }

    /// Returns whether anything is measured with the `overhead` programs.
    pub(crate) fn needs_rivals(&self) -> bool {
        self.wants("overhead")
    }

    /// Whether clean builds are timed.
    pub(crate) fn times_builds(&self) -> bool {
        self.builds || !self.quick
    }

    /// Returns whether the function is measured.
    pub(crate) fn wants_function(&self, name: &str) -> bool {
        name.contains(&self.functions) && !self.leaves_out(name)
    }

    /// Returns whether everything with this name is excluded.
    pub(crate) fn leaves_out(&self, name: &str) -> bool {
        let mut parts = self.without.iter().filter(|part| !part.is_empty());
        parts.any(|part| name.contains(part.as_str()))
    }

    /// Returns whether the section is measured.
    pub(crate) fn wants(&self, section: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == section)
    }
}

/// One run.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) options: Options,
    /// The repository.
    pub(crate) root: PathBuf,
    /// The folder for everything that is built and recorded.
    pub(crate) target: PathBuf,
    /// The number of processes that were ready to run at the start.
    pub(crate) load: f64,
    start: Instant,
    /// Milliseconds spent on builds.
    building: AtomicU64,
}

impl Bench {
    /// Starts a run.
    pub(crate) fn new(options: Options) -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .ok_or_else(|| Error::from("benches/ has no parent"))?
            .to_owned();
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(target) => std::path::absolute(target)?,
            None => root.join("target"),
        };
        Ok(Self {
            options,
            root,
            target,
            load: machine::load(),
            start: Instant::now(),
            building: AtomicU64::new(0),
        })
    }

    /// Prints progress on standard error.
    pub(crate) fn say(&self, what: impl Display) {
        eprintln!("{:>5} s  {what}", self.start.elapsed().as_secs());
    }

    /// Builds something; its time is not counted as measuring time.
    pub(crate) fn build<T>(&self, what: impl Display, build: impl FnOnce() -> T) -> T {
        self.say(format_args!("building {what}"));
        let start = Instant::now();
        let built = build();
        let took = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.building.fetch_add(took, Relaxed);
        built
    }

    /// Returns the time spent on builds, and on everything else.
    pub(crate) fn took(&self) -> (Duration, Duration) {
        let built = Duration::from_millis(self.building.load(Relaxed));
        (built, self.start.elapsed().saturating_sub(built))
    }

    /// Returns the number of rounds for time measurements.
    pub(crate) fn rounds(&self) -> usize {
        if self.options.quick { 7 } else { 15 }
    }

    /// Builds a program of this crate, and returns its path.
    pub(crate) fn workspace_program(&self, name: &str) -> Result<PathBuf> {
        let mut cargo = process::cargo(&self.root, &self.target);
        let package = env!("CARGO_PKG_NAME");
        cargo.args([
            "build",
            "--release",
            "--locked",
            "--quiet",
            "--package",
            package,
            "--bin",
            name,
        ]);
        self.build(name, || process::succeed(&mut cargo))?;
        Ok(self.target.join("release").join(name))
    }
}
