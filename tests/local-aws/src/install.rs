//! Installation of PyPI packages, such as the local AWS, into separate folders, once.

use std::{
    ffi::OsStr,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::Error;

/// The release for which everything here was written.
pub const PACKAGE: &str = "ministack==1.5.33";
/// The number of lines shown from a failed command's output.
const SHOWN: usize = 4;
/// Settings of the caller that must not reach the local AWS or the functions it starts.
const FOREIGN: [&str; 9] = [
    "AWS_",
    "OTEL_",
    "LAMPLIGHT_",
    "LAMBDA_",
    "MINISTACK_",
    "_LAMBDA",
    "_X_AMZN",
    "PYTHON",
    "RUST_LOG",
];

/// A Python that can run the installed packages.
#[derive(Debug, Clone)]
pub struct Python {
    interpreter: PathBuf,
    /// The place of the package if it is not in a virtual environment.
    packages: Option<PathBuf>,
}

impl Python {
    /// Returns a command of the interpreter that finds the packages. The caller adds the program.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.interpreter);
        if let Some(packages) = &self.packages {
            command.env("PYTHONPATH", packages);
        }
        command
    }

    /// Returns a command for the local AWS on this port of loopback, with all its files in `data`. The caller
    /// adds the program: `-m ministack`, or code that runs it.
    #[must_use]
    pub fn server(&self, port: u16, data: &Path) -> Command {
        let mut command = self.command();
        for (name, _) in std::env::vars_os() {
            let name_text = name.to_string_lossy();
            // The packages need this one, which was set for them.
            let is_packages = name_text == "PYTHONPATH" && self.packages.is_some();
            if FOREIGN.iter().any(|prefix| name_text.starts_with(prefix)) && !is_packages {
                command.env_remove(&name);
            }
        }
        command
            .env("GATEWAY_PORT", port.to_string())
            .env("BIND_HOST", "127.0.0.1")
            .env("MINISTACK_HOST", "127.0.0.1")
            .env("S3_DATA_DIR", data)
            .env("TMPDIR", data)
            // Passed on to the functions, whose SDKs call back here.
            .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"));
        command
    }
}

/// Ensures that [`PACKAGE`] is installed below `folder`, using [`install_packages`].
///
/// # Errors
///
/// Returns the errors of [`install_packages`].
pub fn install(
    folder: &Path,
    run: impl FnMut(&mut Command) -> Result<Output, Error>,
) -> Result<Python, Error> {
    install_packages(folder, &PACKAGE.replace("==", "-"), &[PACKAGE], run)
}

/// Ensures that `packages`, each with its version, are installed in the folder `name` below `folder`: with
/// `uv`, otherwise with a virtual environment and `pip`, otherwise with `pip` alone. `run` runs a command of
/// an installer to its end.
///
/// # Errors
///
/// Returns an error if none of these works; the message lists what each of them lacks.
pub fn install_packages(
    folder: &Path,
    name: &str,
    packages: &[&str],
    mut run: impl FnMut(&mut Command) -> Result<Output, Error>,
) -> Result<Python, Error> {
    let wanted = packages.join(" ");
    fs::create_dir_all(folder)
        .map_err(|error| format!("cannot create {}: {error}", folder.display()))?;
    // Two runs must not install into the same folder at once; the lock ends with the process.
    let lock = File::create(folder.join("install.lock"))?;
    lock.lock()?;

    let home = folder.join(name);
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
        _ => eprintln!("installing {wanted} into {}", home.display()),
    }

    let mut failures = String::new();
    for (python, kind, mut commands) in ways(&home, &wanted, &environment, &loose) {
        match commands
            .iter_mut()
            .try_for_each(|command| succeed(command, &mut run))
        {
            Ok(()) => {
                fs::write(&complete, kind)?;
                return Ok(python.clone());
            }
            Err(error) => failures.push_str(&format!("\n  {error}")),
        }
    }
    Err(format!(
        "could not install {wanted}: this needs access to PyPI and either `uv` or Python 3.10 or \
         newer as `python3`, with `venv` or `pip`{failures}"
    )
    .into())
}

/// A way to install: the resulting Python, its name in the marker file, and its commands.
type Way<'p> = (&'p Python, &'static str, Vec<Command>);

fn ways<'p>(home: &Path, wanted: &str, environment: &'p Python, loose: &'p Python) -> [Way<'p>; 3] {
    let pip = "-m pip install --disable-pip-version-check --quiet";
    [
        (
            environment,
            "environment",
            vec![
                command("uv", "venv --clear", &[home]),
                command(
                    "uv",
                    &format!("pip install {wanted} --python"),
                    &[&environment.interpreter],
                ),
            ],
        ),
        (
            environment,
            "environment",
            vec![
                command("python3", "-m venv --clear", &[home]),
                command(&environment.interpreter, &format!("{pip} {wanted}"), &[]),
            ],
        ),
        (
            loose,
            "packages",
            vec![command(
                "python3",
                &format!("{pip} {wanted} --target"),
                &[&home.join("packages")],
            )],
        ),
    ]
}

/// Returns a command with arguments that are words, followed by arguments that are paths.
fn command(program: impl AsRef<OsStr>, words: &str, paths: &[&Path]) -> Command {
    let mut command = Command::new(program);
    command.args(words.split(' ')).args(paths);
    command
}

fn succeed(
    command: &mut Command,
    run: &mut impl FnMut(&mut Command) -> Result<Output, Error>,
) -> Result<(), Error> {
    let output = run(command).map_err(|error| format!("{command:?} failed: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<_> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let shown = lines.iter().skip(lines.len().saturating_sub(SHOWN));
    let shown: Vec<_> = shown.copied().collect();
    Err(format!("{command:?} failed: {}", shown.join(" | ")).into())
}
