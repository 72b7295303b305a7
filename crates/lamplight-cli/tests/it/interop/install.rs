//! Installation of packages, and commands with a timeout.

use std::{
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread::{JoinHandle, sleep, spawn},
    time::{Duration, Instant},
};

use lamplight_local_aws::{Error, Python, install_packages, target};

/// Maximum duration of a command, including installations.
const PATIENCE: Duration = Duration::from_secs(300);

/// Returns whether large packages are to be installed too.
pub(super) fn is_all_wanted() -> bool {
    std::env::var("LAMPLIGHT_TEST_INTEROP").is_ok_and(|wanted| wanted == "all")
}

/// Returns a Python environment with these packages, which are installed once.
pub(super) fn python(name: &str, packages: &[&str]) -> Python {
    install_packages(&target().join("python"), name, packages, run)
        .unwrap_or_else(|error| panic!("no spans of other SDKs are compared: {error}"))
}

/// Returns the folder of an installed package.
pub(super) fn folder(python: &Python, package: &str) -> PathBuf {
    let code = format!(
        "import importlib.util as it; print(*it.find_spec('{package}').submodule_search_locations)"
    );
    let output = succeed(python.command().args(["-c", &code]));
    Path::new(output.trim()).to_owned()
}

/// Runs a command to its end, and returns what it printed.
pub(super) fn succeed(command: &mut Command) -> String {
    let output = run(command).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command to its end, or kills it after the timeout.
pub(super) fn run(command: &mut Command) -> Result<Output, Error> {
    let pipes = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = pipes.spawn()?;
    let stdout = read(child.stdout.take());
    let stderr = read(child.stderr.take());
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if began.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            return Err(format!("it did not end within {PATIENCE:?}").into());
        }
        sleep(Duration::from_millis(10));
    };
    Ok(Output {
        status,
        stdout: stdout.join().unwrap_or_default(),
        stderr: stderr.join().unwrap_or_default(),
    })
}

fn read(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    spawn(move || {
        let mut bytes = Vec::new();
        // Keeps the output received before the pipe broke.
        let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
        bytes
    })
}
