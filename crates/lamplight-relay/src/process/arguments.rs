//! The command line of the process.

use std::{ffi::OsString, path::PathBuf};

/// The text of `--help`.
pub const HELP: &str = "\
Reads streams of spans, samples whole traces, cleans, measures and delivers them.

Usage: lamplight-relay [OPTIONS]

  -c, --config PATH   The configuration file. Default: LAMPLIGHT_RELAY_CONFIG, which contains the
                      configuration or its path; else relay.toml.
      --check         Reports all faults of the configuration, and exits.
      --dry-run       Decides, and prints which traces would be kept and dropped, by rule. Delivers
                      and saves nothing. Exits at the end of the streams, or when interrupted.
      --once          Exits at the end of the streams, with its checkpoints saved.
      --keys          Prints the reference of the configuration, as Markdown.
  -h, --help          Prints this help.
  -V, --version       Prints the version.

Region and credentials come from the AWS SDK's default chain: variables, profiles (including single
sign-on), a web identity, the role of a container or an instance.

The exit code is 0 after a requested stop with saved checkpoints, 1 if something failed, and 2 if the
command line or the configuration is invalid.
";

/// The task of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Task {
    /// Relay until the process is asked to stop.
    #[default]
    Run,
    /// Relay until the end of the streams.
    Once,
    /// Decide and print, without delivery.
    DryRun,
    /// Check the configuration.
    Check,
    /// Print the reference of the configuration.
    Keys,
    /// Print the help.
    Help,
    /// Print the version.
    Version,
}

/// The command line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arguments {
    /// The task.
    pub task: Task,
    /// The path of the configuration.
    pub config: Option<PathBuf>,
}

impl Arguments {
    /// Parses a command line, without the name of the program.
    ///
    /// # Errors
    ///
    /// Returns the message to print if the command line is invalid.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, String> {
        let mut parsed = Self::default();
        let mut arguments = arguments.into_iter();
        let mut task = None;
        while let Some(argument) = arguments.next() {
            let text = argument.to_string_lossy().into_owned();
            let one = match &*text {
                "--check" => Task::Check,
                "--dry-run" => Task::DryRun,
                "--once" => Task::Once,
                "--keys" => Task::Keys,
                "-h" | "--help" => Task::Help,
                "-V" | "--version" => Task::Version,
                "-c" | "--config" => {
                    let path = arguments.next();
                    let path = path.ok_or("`--config` needs the path of a file")?;
                    parsed.config = Some(path.into());
                    continue;
                }
                other => match other.strip_prefix("--config=") {
                    Some(path) if !path.is_empty() => {
                        parsed.config = Some(path.into());
                        continue;
                    }
                    _ => return Err(format!("{other:?} is unknown; see `--help`")),
                },
            };
            if task.is_some_and(|task| task != one) {
                return Err(format!(
                    "{text:?} cannot be combined with the arguments before it"
                ));
            }
            task = Some(one);
        }
        parsed.task = task.unwrap_or_default();
        Ok(parsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, String> {
        Arguments::parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn a_command_line_is_a_task_and_a_place() {
        assert_eq!(parse("").unwrap(), Arguments::default());
        let check = Arguments {
            task: Task::Check,
            config: Some("a.toml".into()),
        };
        assert_eq!(parse("--config a.toml --check").unwrap(), check);
        assert_eq!(parse("--check --config=a.toml").unwrap(), check);
        assert_eq!(parse("--once").unwrap().task, Task::Once);
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for (line, said) in [
            ("--config", "needs the path"),
            ("--chekc", "\"--chekc\" is unknown"),
            ("--check --once", "cannot be combined"),
            ("relay.toml", "is unknown"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(said), "{line}: {error}");
        }
    }
}
