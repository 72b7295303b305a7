//! Registries from the command line.

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;

use lamplight_codegen::Registry;

const USAGE: &str = "\
usage: lamplight-codegen generate REGISTRY FOLDER      write a registry as Rust modules
       lamplight-codegen markdown REGISTRY FILE        write it as a reference
       lamplight-codegen check REGISTRY                find its faults
       lamplight-codegen check REGISTRY --against OLD  and what it breaks for users of OLD
       lamplight-codegen check REGISTRY --otlp FILE    compare recorded spans with it";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["generate", registry, folder] => generate(registry, folder),
        ["markdown", registry, file] => markdown(registry, file),
        ["check", registry] => check(registry),
        ["check", registry, "--against", old] => against(registry, old),
        ["check", registry, "--otlp", file] => otlp(registry, file),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// An error with everything that caused it, on one line each.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!("\n  caused by: {error}"));
        cause = error.source();
    }
    text
}

fn load(folder: &str) -> Result<Registry, String> {
    Registry::load(folder).map_err(|error| told(&error))
}

fn generate(registry: &str, folder: &str) -> Result<(), String> {
    load(registry)?
        .to_rust()
        .write(Path::new(folder))
        .map_err(|error| told(&error))
}

fn markdown(registry: &str, file: &str) -> Result<(), String> {
    std::fs::write(file, load(registry)?.to_markdown()).map_err(|error| format!("{file}: {error}"))
}

fn check(registry: &str) -> Result<(), String> {
    let registry = load(registry)?;
    let (attributes, signals) = (registry.attributes().count(), registry.signals().count());
    println!("{attributes} attributes and {signals} signals, no faults");
    Ok(())
}

fn against(registry: &str, old: &str) -> Result<(), String> {
    let changes = load(registry)?.breaking_changes_since(&load(old)?);
    all_of("breaking changes", &changes)
}

fn all_of(what: &str, found: &[impl Display]) -> Result<(), String> {
    if found.is_empty() {
        println!("no {what}");
        return Ok(());
    }
    let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
    Err(format!("{} {what}\n{}", found.len(), lines.join("\n")))
}

#[cfg(feature = "otlp")]
fn otlp(registry: &str, file: &str) -> Result<(), String> {
    let checker = lamplight_codegen::Checker::new(load(registry)?);
    let report = checker
        .check_otlp_file(file)
        .map_err(|error| told(&error))?;
    if report.is_clean() {
        println!("{report}");
        Ok(())
    } else {
        Err(report.to_string())
    }
}

#[cfg(not(feature = "otlp"))]
fn otlp(_registry: &str, _file: &str) -> Result<(), String> {
    Err("this build cannot read OTLP; build it with `--features otlp`".to_owned())
}
