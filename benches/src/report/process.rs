//! Running of programs with a time limit.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use lamplight_test_rig::callgrind;
use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike,
};
use serde_json::Value;

use crate::error::{Error, Result};

/// The time limit of a measuring program.
const PATIENCE: Duration = Duration::from_secs(300);

/// Runs a program that must succeed, without a time limit; its output is passed on.
pub(crate) fn succeed(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| explain(command, &error))?;
    if !status.success() {
        return Err(format!("{} failed: {status}", line(command)).into());
    }
    Ok(())
}

/// Runs a program with a time limit, and returns its output.
pub(crate) fn output(command: &mut Command) -> Result<Output> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| explain(command, &error))?;
    let start = Instant::now();
    // The output is short, so no pipe fills up before the program ends.
    while child.try_wait()?.is_none() {
        if start.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            return Err(format!("{} did not end", line(command)).into());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{} failed: {}\n{said}", line(command), output.status).into());
    }
    Ok(output)
}

/// Runs a program, and parses the JSON in the last line of its output.
pub(crate) fn json(command: &mut Command) -> Result<Value> {
    let output = output(command)?;
    let said = String::from_utf8_lossy(&output.stdout);
    let last = said.lines().last().unwrap_or_default();
    serde_json::from_str(last)
        .map_err(|error| format!("{}: {error}: {last:?}", line(command)).into())
}

/// Instructions that `command` executes in all its threads, counted by callgrind.
pub(crate) fn instructions(command: &Command) -> Result<u64> {
    let output = output(&mut callgrind::wrap(command))?;
    callgrind::collected(&output).map_err(Error::from)
}

/// Returns a cargo command for a rival. It runs in the rival's folder, where the shared profiles are found,
/// without the variables of the outer cargo.
pub(crate) fn cargo(folder: &Path, target: &Path) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(folder).env("CARGO_TARGET_DIR", target);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_") && !["CARGO_HOME", "CARGO_TARGET_DIR"].contains(&&*name) {
            cargo.env_remove(&*name);
        }
    }
    cargo
}

/// Returns the processor time of all child processes that have ended.
pub(crate) fn cpu_of_children() -> Duration {
    // It fails only for an invalid `who`.
    let Ok(usage) = getrusage(UsageWho::RUSAGE_CHILDREN) else {
        return Duration::ZERO;
    };
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Duration::from_micros(micros.try_into().unwrap_or_default())
}

fn explain(command: &Command, error: &std::io::Error) -> Error {
    format!("{}: {error}", line(command)).into()
}

fn line(command: &Command) -> String {
    let args = command.get_args().map(|arg| arg.to_string_lossy());
    std::iter::once(command.get_program().to_string_lossy())
        .chain(args)
        .collect::<Vec<_>>()
        .join(" ")
}
