//! Installs packages of PyPI, the local AWS above all, into folders of their own, once.

use std::{
    ffi::OsStr,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::Error;

/// The release everything here was written against.
pub const PACKAGE: &str = "ministack==1.5.33";
/// Lines of a failed command's output that are shown.
const SHOWN: usize = 4;
/// Settings of the caller that must reach neither the local AWS nor the functions it starts.
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
    /// Where the package is when it is not in a virtual environment.
    packages: Option<PathBuf>,
}

impl Python {
    /// The interpreter, which finds the packages. The caller adds what to run.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.interpreter);
        if let Some(packages) = &self.packages {
            command.env("PYTHONPATH", packages);
        }
        command
    }

    /// The local AWS on this port of loopback, with all its files in `data`. The caller adds the
    /// program: `-m ministack`, or code that runs it.
    #[must_use]
    pub fn server(&self, port: u16, data: &Path) -> Command {
        let mut command = self.command();
        for (name, _) in std::env::vars_os() {
            let name_text = name.to_string_lossy();
            // What the packages need stays: it was set for them.
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
            // Handed on to the functions, whose SDKs call back here.
            .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"));
        command
    }
}

/// Makes sure [`PACKAGE`] is installed below `folder`, as [`install_packages`] does it.
///
/// # Errors
///
/// Those of [`install_packages`].
pub fn install(
    folder: &Path,
    run: impl FnMut(&mut Command) -> Result<Output, Error>,
) -> Result<Python, Error> {
    install_packages(folder, &PACKAGE.replace("==", "-"), &[PACKAGE], run)
}

/// Makes sure that `packages`, each with its version, are installed in the folder `name` below
/// `folder`: with `uv`, else with a virtual environment and `pip`, else with `pip` alone. `run` runs
/// a command of an installer to its end.
///
/// # Errors
///
/// When none of the ways works; the message says what each of them lacks.
pub fn install_packages(
    folder: &Path,
    name: &str,
    packages: &[&str],
    mut run: impl FnMut(&mut Command) -> Result<Output, Error>,
) -> Result<Python, Error> {
    let wanted = packages.join(" ");
    fs::create_dir_all(folder)
        .map_err(|error| format!("cannot create {}: {error}", folder.display()))?;
    // Two runs at once must not install into the same folder; the lock ends with the process.
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

/// A way to install: what it makes, its name in the file that says so, and its commands.
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

/// A program with arguments that are words and then arguments that are paths.
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
