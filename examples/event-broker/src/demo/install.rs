//! Installs the local AWS into a folder of its own, once.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::error::{Context, Error, Result};
use super::processes::Processes;
use super::progress;

/// The release the demo was written against.
const PACKAGE: &str = "ministack==1.5.33";
/// Longest run of one command of an installer; 3 to 40 s is usual.
const LIMIT: Duration = Duration::from_secs(300);
/// Lines of a failed command's output that are shown.
const SHOWN: usize = 4;

/// A Python that can run the installed package.
#[derive(Debug, Clone)]
pub(crate) struct Python {
    interpreter: PathBuf,
    /// Where the package is when it is not in a virtual environment.
    packages: Option<PathBuf>,
}

impl Python {
    /// The interpreter, to which the caller adds arguments.
    pub(crate) fn command(&self) -> Command {
        Command::new(&self.interpreter)
    }

    /// The environment the package needs.
    pub(crate) fn configure(&self, command: &mut Command) {
        if let Some(packages) = &self.packages {
            command.env("PYTHONPATH", packages);
        }
    }
}

/// Makes sure [`PACKAGE`] is installed below `dir`: with `uv`, else with a virtual environment and
/// `pip`, else with `pip` alone.
pub(crate) fn install(processes: &Processes, dir: &Path) -> Result<Python> {
    fs::create_dir_all(dir).context(format!("create {}", dir.display()))?;
    // Two runs at once must not install into the same folder; the lock ends with the process.
    let lock =
        File::create(dir.join("install.lock")).context("create the lock of the installation")?;
    lock.lock().context("wait for another installation")?;

    let home = dir.join(PACKAGE.replace("==", "-"));
    let complete = home.join("complete");
    let environment = Python {
        interpreter: home.join("bin").join("python"),
        packages: None,
    };
    let loose = Python {
        interpreter: "python3".into(),
        packages: Some(home.join("packages")),
    };
    match fs::read_to_string(&complete).as_deref() {
        Ok("environment") if environment.interpreter.exists() => return Ok(environment),
        Ok("packages") => return Ok(loose),
        _ => progress!("installing {PACKAGE} into {}", home.display()),
    }

    let packages = home.join("packages");
    let pip = [
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--quiet",
    ];
    let ways = [
        (
            "environment",
            vec![
                command("uv", &["venv", "--clear"], &[&home]),
                command(
                    "uv",
                    &["pip", "install", PACKAGE, "--python"],
                    &[&environment.interpreter],
                ),
            ],
        ),
        (
            "environment",
            vec![
                command("python3", &["-m", "venv", "--clear"], &[&home]),
                command(&environment.interpreter, &pip, &[PACKAGE.as_ref()]),
            ],
        ),
        (
            "packages",
            vec![command(
                "python3",
                &pip,
                &[PACKAGE.as_ref(), "--target".as_ref(), &packages],
            )],
        ),
    ];
    let mut failures = String::new();
    for (kind, commands) in ways {
        match commands
            .into_iter()
            .try_for_each(|command| run(processes, command))
        {
            Ok(()) => {
                fs::write(&complete, kind).context("note that the installation is complete")?;
                return Ok(if kind == "environment" {
                    environment
                } else {
                    loose
                });
            }
            Err(error) => failures.push_str(&format!("\n  {error}")),
        }
    }
    Err(Error::new(format!(
        "could not install {PACKAGE}: the demo needs access to PyPI and either `uv` or Python 3.10 or \
         newer as `python3`, with `venv` or `pip`{failures}"
    )))
}

fn command(program: impl AsRef<OsStr>, words: &[&str], paths: &[&Path]) -> Command {
    let mut command = Command::new(program);
    command.args(words).args(paths);
    command
}

fn run(processes: &Processes, mut command: Command) -> Result<()> {
    let output = processes.output(&mut command, LIMIT)?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<_> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let shown = lines
        .iter()
        .skip(lines.len().saturating_sub(SHOWN))
        .copied()
        .collect::<Vec<_>>();
    Err(Error::new(format!(
        "{command:?} failed: {}",
        shown.join(" | ")
    )))
}
