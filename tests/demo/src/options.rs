//! The command line of the demo.

use std::{path::PathBuf, time::Duration};

use crate::error::{Error, Result};

/// Most orders of one run: more would not fit one page of the local AWS's logs.
const MOST_ORDERS: usize = 2_000;

/// Output of `--help`.
pub const HELP: &str = "\
Runs the event broker on a local AWS and shows the trace of every order.

Usage: cargo demo [-- OPTIONS]

  --orders N      send N orders (default 20); every tenth is one the subscriber refuses
  --all           print the trace of every order, not only a few
  --records FILE  write the records of the stream to FILE, each after its length (a varint)
  --keep          leave everything running, with a page that shows traces as they come, and print how to use it
  --spans         print the traces in the stream of the kept run
  --stop          end what --keep left running
  --help          print this
";

/// Settings of one run. [`Options::default`] has those of `cargo demo` without arguments.
#[derive(Debug, Clone)]
pub struct Options {
    /// Orders to send.
    pub orders: usize,
    /// Print every trace.
    pub all: bool,
    /// Write the records of the stream to this file.
    pub records: Option<PathBuf>,
    /// Leave the local AWS running.
    pub keep: bool,
    /// Folder for everything the runner writes.
    pub dir: PathBuf,
    /// The executables of the functions.
    pub functions: Functions,
    /// Time until a failed record is tried again, which is also the functions' timeout.
    pub retry_after: Duration,
}

/// The executables of the functions.
#[derive(Debug, Clone)]
pub struct Functions {
    /// Accepts orders.
    pub ingress: PathBuf,
    /// Delivers orders.
    pub egress: PathBuf,
    /// Receives deliveries.
    pub subscriber: PathBuf,
    /// Relays spans from the stream to a backend.
    pub relay: PathBuf,
}

impl Functions {
    /// Returns those that cargo has put beside this program.
    fn built() -> Self {
        let program = std::env::current_exe().unwrap_or_default();
        let beside = |name| program.with_file_name(name);
        Self {
            ingress: beside("ingress"),
            egress: beside("egress"),
            subscriber: beside("subscriber"),
            relay: beside("relay"),
        }
    }
}

/// A command of the command line.
#[derive(Debug)]
pub enum Command {
    /// Run the broker.
    Run(Options),
    /// Print the traces of the kept run.
    Spans(Options),
    /// Show the stream of a kept run while it is written: what `--keep` leaves running.
    Live {
        /// Address of the local AWS.
        endpoint: String,
        /// The stream with the spans.
        stream: String,
    },
    /// End the kept run.
    Stop(Options),
    /// Print [`HELP`].
    Help,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            orders: 20,
            all: false,
            records: None,
            keep: false,
            // The tests use the same folder, so that one installation of the local AWS serves both.
            dir: lamplight_local_aws::target().join("demo"),
            functions: Functions::built(),
            retry_after: Duration::from_secs(5),
        }
    }
}

impl Command {
    /// Reads the arguments after the program's name.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self> {
        let mut options = Options::default();
        let mut command: fn(Options) -> Self = Self::Run;
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let (name, attached) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (argument.as_str(), None),
            };
            match name {
                // `cargo demo` works with and without the separator.
                "--" => {}
                "--orders" => options.orders = orders(attached.or_else(|| arguments.next()))?,
                "--all" => options.all = true,
                "--records" => {
                    let file = attached.or_else(|| arguments.next());
                    let file = file.ok_or_else(|| Error::new("--records takes a file"))?;
                    options.records = Some(file.into());
                }
                "--keep" => options.keep = true,
                "--spans" => command = Self::Spans,
                "--live" => {
                    let mut named = || arguments.next().unwrap_or_default();
                    return Ok(Self::Live {
                        endpoint: named(),
                        stream: named(),
                    });
                }
                "--stop" => command = Self::Stop,
                "--help" | "-h" => return Ok(Self::Help),
                _ => return Err(Error::new(format!("unknown argument {argument}\n\n{HELP}"))),
            }
        }
        Ok(command(options))
    }
}

fn orders(value: Option<String>) -> Result<usize> {
    let value = value.unwrap_or_default();
    match value.parse() {
        Ok(orders @ 1..=MOST_ORDERS) => Ok(orders),
        _ => Err(Error::new(format!(
            "--orders takes a number from 1 to {MOST_ORDERS}, not {value:?}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command> {
        Command::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn orders_may_be_attached_or_follow() {
        for line in ["--orders 200 --keep", "-- --keep --orders=200"] {
            let Ok(Command::Run(options)) = parse(line) else {
                panic!("{line} is a run")
            };
            assert_eq!(
                (options.orders, options.keep, options.all),
                (200, true, false)
            );
        }
    }

    #[test]
    fn the_file_of_records_is_named() {
        let Ok(Command::Run(options)) = parse("--records out/spans.otlp") else {
            panic!("it is a run")
        };
        assert_eq!(options.records, Some("out/spans.otlp".into()));
        assert!(parse("--records").is_err());
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (line, named) in [
            ("--orders none", "none"),
            ("--orders 0", "1 to"),
            ("--quick", "--quick"),
        ] {
            let error = parse(line).expect_err(line).to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
