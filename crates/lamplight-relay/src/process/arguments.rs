//! The command line of the process.

use std::{ffi::OsString, path::PathBuf};

use lamplight_clickhouse::Schema;

/// The text of `--help`.
pub const HELP: &str = "\
Reads streams of spans, samples whole traces, cleans, measures and delivers them.

Usage: lamplight-relay [OPTIONS]
       lamplight-relay clickhouse schema [OPTIONS OF THE SCHEMA | --config PATH]

  -c, --config PATH   The configuration file. Default: LAMPLIGHT_RELAY_CONFIG, which contains the
                      configuration or its path; else relay.toml.
      --check         Reports all faults of the configuration, and exits.
      --dry-run       Decides, and prints which traces would be kept and dropped, by rule. Delivers
                      and saves nothing. Exits at the end of the streams, or when interrupted.
      --once          Exits at the end of the streams, with its checkpoints saved.
      --keys          Prints the reference of the configuration, as Markdown.
  -h, --help          Prints this help.
  -V, --version       Prints the version.

`clickhouse schema` prints the statements that create the tables for sinks of type `clickhouse`, for
`clickhouse client --multiquery`: those of a configuration, or those of these options:

      --database NAME The database. Default: default.
      --ttl-days N    The number of days after which rows are removed. Default: never.
      --replacing     One row remains of a span that arrives twice (ReplacingMergeTree).
      --faas-columns  Columns for the attributes that dashboards of functions read.
      --text-indexes  Inverted indexes, for ClickHouse 26.2 or later.

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
    /// Print the statements that create tables of ClickHouse.
    ClickHouseSchema,
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
    /// The tables to print; `None` for those of the configuration.
    pub schema: Option<Schema>,
}

impl Arguments {
    /// Parses a command line, without the name of the program.
    ///
    /// # Errors
    ///
    /// Returns the message to print if the command line is invalid.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, String> {
        let mut parsed = Self::default();
        let mut arguments = arguments.into_iter().peekable();
        if arguments.next_if(|first| first == "clickhouse").is_some() {
            return match arguments.next() {
                Some(second) if second == "schema" => Self::schema(arguments),
                _ => Err("write `schema` after `clickhouse`; see `--help`".to_owned()),
            };
        }
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

    /// Parses what follows `clickhouse schema`.
    fn schema(mut arguments: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let (mut config, mut option, mut database, mut days) = (None, None, None, None);
        let (mut replacing, mut faas_columns, mut text_indexes) = (false, false, false);
        while let Some(argument) = arguments.next() {
            let text = argument.to_string_lossy().into_owned();
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(OsString::from(value))),
                None => (text, None),
            };
            let inline = value.is_some();
            let mut value = |what: &str| {
                let value = value.clone().or_else(|| arguments.next());
                let value = value.filter(|value| !value.is_empty());
                value.ok_or(format!("`{name}` needs {what}"))
            };
            match &*name {
                "-h" | "--help" => {
                    return Ok(Self {
                        task: Task::Help,
                        ..Self::default()
                    });
                }
                "-c" | "--config" => {
                    config = Some(PathBuf::from(value("the path of a file")?));
                    continue;
                }
                "--database" => {
                    let name = value("a name")?.into_string();
                    database = Some(name.map_err(|_| "`--database` is not valid UTF-8")?);
                }
                "--ttl-days" => {
                    let number = value("a number of days")?;
                    let number = number.to_str().and_then(|text| text.parse().ok());
                    let number = number.filter(|days| (1..=36_500).contains(days));
                    days = Some(number.ok_or("`--ttl-days` must be from 1 to 36500")?);
                }
                "--replacing" | "--faas-columns" | "--text-indexes" if inline => {
                    return Err(format!("`{name}` has no value"));
                }
                "--replacing" => replacing = true,
                "--faas-columns" => faas_columns = true,
                "--text-indexes" => text_indexes = true,
                other => return Err(format!("{other:?} is unknown; see `--help`")),
            }
            option = Some(name);
        }
        if let (Some(option), Some(_)) = (option, &config) {
            return Err(format!(
                "{option:?} cannot be combined with `--config`, which has its own value"
            ));
        }
        let mut schema = Schema::new(database.as_deref().unwrap_or("default"));
        if let Some(days) = days {
            schema = schema.with_ttl_days(days);
        }
        if replacing {
            schema = schema.with_replacing();
        }
        if faas_columns {
            schema = schema.with_faas_columns();
        }
        if text_indexes {
            schema = schema.with_text_indexes();
        }
        Ok(Self {
            task: Task::ClickHouseSchema,
            schema: config.is_none().then_some(schema),
            config,
        })
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
            schema: None,
        };
        assert_eq!(parse("--config a.toml --check").unwrap(), check);
        assert_eq!(parse("--check --config=a.toml").unwrap(), check);
        assert_eq!(parse("--once").unwrap().task, Task::Once);
    }

    #[test]
    fn a_schema_is_that_of_its_options_or_of_a_configuration() {
        let schema = |line: &str| parse(&format!("clickhouse schema {line}")).unwrap();
        assert_eq!(schema("").schema, Some(Schema::new("default")));
        let all = Schema::new("otel").with_ttl_days(30).with_replacing();
        let all = all.with_faas_columns().with_text_indexes();
        let line = "--database=otel --ttl-days 30 --replacing --faas-columns --text-indexes";
        assert_eq!(schema(line).schema, Some(all));
        let of_config = schema("--config a.toml");
        assert_eq!(of_config.task, Task::ClickHouseSchema);
        assert_eq!(
            (of_config.config, of_config.schema),
            (Some("a.toml".into()), None)
        );
        assert_eq!(schema("--help").task, Task::Help);
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for (line, said) in [
            ("clickhouse", "write `schema` after `clickhouse`"),
            ("clickhouse shcema", "write `schema` after `clickhouse`"),
            ("clickhouse schema --ttl 3", "\"--ttl\" is unknown"),
            (
                "clickhouse schema --ttl-days",
                "`--ttl-days` needs a number",
            ),
            ("clickhouse schema --ttl-days 0", "must be from 1 to 36500"),
            ("clickhouse schema --database=", "`--database` needs a name"),
            (
                "clickhouse schema --replacing --config a.toml",
                "\"--replacing\" cannot be combined with `--config`",
            ),
            (
                "clickhouse schema --replacing=no",
                "`--replacing` has no value",
            ),
            ("--check clickhouse schema", "\"clickhouse\" is unknown"),
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
