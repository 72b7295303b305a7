//! The starter with a cargo that does what the test wants.

#![expect(clippy::expect_used, reason = "the helpers of a test")]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

/// Lists two crates, the first of which is already built.
const TREE: &str = "echo 'serde v1.0.0'; echo 'lamplight v0.1.0 (/nowhere/lamplight)'";
const SERDE: &str = r#"{"reason":"compiler-artifact","package_id":"registry+https://example.com/index#serde@1.0.0","target":{"kind":["lib"]},"fresh":true}"#;

/// Returns the starter with a cargo of which `tree` and `build` are lines of shell.
fn starter(name: &str, tree: &str, build: &str) -> Command {
    let cargo = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cargo-{name}"));
    let script = format!("#!/bin/sh\ncase \"$1\" in\ntree) {tree} ;;\nbuild) {build} ;;\nesac\n");
    fs::write(&cargo, script).expect("write the script");
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).expect("make it executable");
    let mut command = Command::new(env!("CARGO_BIN_EXE_demo"));
    command.env("CARGO", cargo).stdin(Stdio::null());
    command
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_build_that_fails_shows_the_error_of_the_compiler() {
    let build = "echo '   Compiling lamplight v0.1.0' >&2; echo 'error[E0308]: mismatched types' >&2; exit 101";
    let output = starter("fails", TREE, build).output().expect("it starts");
    let errors = errors(&output);
    assert!(!output.status.success(), "{errors}");
    assert!(
        errors.contains("error[E0308]: mismatched types"),
        "{errors}"
    );
    assert!(
        errors.contains("demo: the build by cargo failed"),
        "{errors}"
    );
    assert!(!errors.contains("Compiling"), "{errors}");
}

#[test]
fn a_signal_ends_what_was_started() {
    let note = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cargo-hangs.process");
    let _ = fs::remove_file(&note);
    // Written under another name first: whoever finds the file finds all of it.
    let hang = format!(
        "echo $$ > '{0}.new'; mv '{0}.new' '{0}'; sleep 1000",
        note.display()
    );
    let mut child = starter("hangs", &hang, "").spawn().expect("it starts");
    while !note.exists() {
        thread::sleep(Duration::from_millis(20));
    }
    let cargo = fs::read_to_string(&note).expect("the note of the process");
    let cargo = cargo
        .trim()
        .parse()
        .ok()
        .and_then(Pid::from_raw)
        .expect("a process");
    test_kill_process(cargo).expect("cargo runs");

    kill_process(Pid::from_child(&child), Signal::TERM).expect("end it");
    let status = child.wait().expect("it ends");
    assert_eq!(status.code(), Some(128 + Signal::TERM.as_raw()));
    assert!(test_kill_process(cargo).is_err(), "cargo still runs");
}

#[test]
fn what_is_built_is_run_with_the_same_arguments() {
    let build = format!("echo '{SERDE}'; exit 0");
    let output = starter("builds", TREE, &build).arg("--spans").output();
    let output = output.expect("it starts");
    let errors = errors(&output);
    // A run that somebody has kept has spans.
    let runner_spoke = output.status.success() || errors.contains("start it with --keep");
    assert!(runner_spoke, "{errors}");
}

#[test]
fn what_is_not_understood_is_said_before_anything_is_built() {
    let output = starter("unused", "exit 1", "exit 1")
        .arg("--quick")
        .output();
    let output = output.expect("it starts");
    let errors = errors(&output);
    assert!(errors.contains("unknown argument --quick"), "{errors}");
    assert!(!errors.contains("cargo failed"), "{errors}");
}
