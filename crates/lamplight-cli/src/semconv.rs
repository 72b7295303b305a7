//! `lamplight semconv`: a registry as code and as a reference, and its checks.

use std::path::{Path, PathBuf};

use lamplight_codegen::{Checker, Level, Registry};
use lexopt::{
    ValueExt as _,
    prelude::{Long, Short, Value},
};

use crate::output::{Failure, format_chain, print};

const USAGE: &str = "\
usage: lamplight semconv generate REGISTRY FOLDER    write the registry as Rust modules
       lamplight semconv markdown REGISTRY [FILE]    write it as a reference
       lamplight semconv check REGISTRY              report its faults
         --against OLD    also report breaking changes for users of the registry OLD
         --otlp FILE      also check the recorded spans in FILE; can be repeated
         --fail-on LEVEL  report findings about spans, and fail, from this level on: violation (the
                          default), improvement or information
         --include-unreferenced  use all declarations of the registry's dependencies, not only
                          those that it refers to

REGISTRY is a folder of YAML files in any format of the published conventions since 1.21. OLD is a
released version, whose names are not checked. FILE of --otlp contains OTLP traces, as protobuf or
JSON.
The exit code is 1 after findings or failures, and 2 if the arguments are invalid.";

/// Runs the command with the arguments that follow its name.
pub(crate) fn run(arguments: lexopt::Parser) -> Result<(), Failure> {
    let arguments = Arguments::read(arguments).map_err(|error| wrong(error.to_string()))?;
    if arguments.help {
        return print(USAGE);
    }
    let (command, paths) = match arguments.values.split_first() {
        Some((command, paths)) => (command.to_str(), paths),
        None => return Err(wrong("a command is missing")),
    };
    let is_plain = arguments.is_plain();
    match (command, paths) {
        (Some("generate"), [registry, folder]) if is_plain => generate(registry, folder),
        (Some("markdown"), [registry]) if is_plain => {
            print(load(registry)?.to_markdown().trim_end())
        }
        (Some("markdown"), [registry, file]) if is_plain => markdown(registry, file),
        (Some("check"), [registry]) => check(registry, &arguments),
        _ => Err(wrong("unknown command, or invalid arguments for it")),
    }
}

#[derive(Default)]
struct Arguments {
    values: Vec<PathBuf>,
    against: Option<PathBuf>,
    otlp: Vec<PathBuf>,
    fail_on: Option<Level>,
    include_unreferenced: bool,
    help: bool,
}

impl Arguments {
    fn read(mut parser: lexopt::Parser) -> Result<Self, lexopt::Error> {
        let mut read = Self::default();
        while let Some(argument) = parser.next()? {
            match argument {
                Value(value) => read.values.push(value.into()),
                Long("against") if read.against.is_none() => {
                    read.against = Some(parser.value()?.into());
                }
                Long("fail-on") if read.fail_on.is_none() => {
                    read.fail_on = Some(level(&parser.value()?.string()?)?);
                }
                Long("include-unreferenced") => read.include_unreferenced = true,
                Long("otlp") => read.otlp.push(parser.value()?.into()),
                Short('h') | Long("help") => read.help = true,
                other => return Err(other.unexpected()),
            }
        }
        Ok(read)
    }

    /// Returns whether no option for checks is set.
    fn is_plain(&self) -> bool {
        self.against.is_none()
            && self.otlp.is_empty()
            && self.fail_on.is_none()
            && !self.include_unreferenced
    }
}

fn level(name: &str) -> Result<Level, lexopt::Error> {
    match name {
        "violation" => Ok(Level::Violation),
        "improvement" => Ok(Level::Improvement),
        "information" => Ok(Level::Information),
        other => Err(format!("`{other}` is not a level").into()),
    }
}

fn wrong(message: impl Into<String>) -> Failure {
    Failure::usage(message, USAGE)
}

fn load(folder: &Path) -> Result<Registry, Failure> {
    Registry::load(folder).map_err(|error| Failure::Problem(format_chain(&error)))
}

fn generate(registry: &Path, folder: &Path) -> Result<(), Failure> {
    let source = load(registry)?.to_rust();
    source
        .write(folder)
        .map_err(|error| Failure::Problem(format_chain(&error)))
}

fn markdown(registry: &Path, file: &Path) -> Result<(), Failure> {
    std::fs::write(file, load(registry)?.to_markdown())
        .map_err(|error| Failure::Problem(format!("{}: {error}", file.display())))
}

/// Runs and reports all requested checks, even after findings.
fn check(registry: &Path, arguments: &Arguments) -> Result<(), Failure> {
    let registry = load(registry)?;
    let (attributes, signals) = (registry.attributes().count(), registry.signals().count());
    print(&format!(
        "{attributes} attributes and {signals} signals, no faults"
    ))?;

    let mut found: Vec<String> = registry.advice().iter().map(ToString::to_string).collect();
    if let Some(old) = &arguments.against {
        let name = old.display();
        match registry.breaking_changes_since_release(old) {
            Ok(changes) if changes.is_empty() => print(&format!("{name}: no breaking changes"))?,
            Ok(changes) => {
                let lines: Vec<String> = changes.iter().map(ToString::to_string).collect();
                let (count, lines) = (lines.len(), lines.join("\n"));
                found.push(format!("{name}: {count} breaking changes\n{lines}"));
            }
            Err(error) => found.push(format!("{name}: {}", format_chain(&error))),
        }
    }
    let mut checker = Checker::new(registry);
    if arguments.include_unreferenced {
        checker = checker.with_dependencies();
    }
    let level = arguments.fail_on.unwrap_or(Level::Violation);
    for file in &arguments.otlp {
        let (name, checked) = (file.display(), checker.check_otlp_file(file));
        match checked {
            Ok(report) => {
                let text = format!("{name}: {}", report.display(level.min(Level::Improvement)));
                let is_clean = report.is_clean() && report.findings(level).next().is_none();
                match is_clean {
                    true => print(&text)?,
                    false => found.push(text),
                }
            }
            Err(error) => found.push(format!("{name}: {}", format_chain(&error))),
        }
    }
    if found.is_empty() {
        Ok(())
    } else {
        Err(Failure::Problem(found.join("\n")))
    }
}
