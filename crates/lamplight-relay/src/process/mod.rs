//! The relay as a process, and as a function that runs once a minute: both read streams by
//! themselves.

mod arguments;
mod check;
mod dry_run;
mod reading;
mod schema;

use std::{ffi::OsString, io::Write as _, process::ExitCode};

#[cfg(feature = "scheduled")]
pub(crate) use self::reading::NO_SOURCE;
pub use self::{
    arguments::{Arguments, HELP, Task},
    dry_run::DryRun,
    reading::{Ends, source},
};
use crate::{
    config::{self, Config},
    relay::{Relay, aws, log},
};

/// Exit code if something failed.
const FAILED: u8 = 1;

/// Exit code if the command line or the configuration is invalid.
const WRONG: u8 = 2;

/// Runs a command line; returns the exit code of the process.
pub async fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::parse(arguments) {
        Ok(arguments) => arguments,
        Err(wrong) => return said(&wrong, WRONG),
    };
    match arguments.task {
        Task::Help => return print(HELP),
        Task::Version => {
            return print(concat!("lamplight-relay ", env!("CARGO_PKG_VERSION"), "\n"));
        }
        Task::Keys => return print(&config::reference()),
        Task::ClickHouseSchema => {
            if let Some(schema) = &arguments.schema {
                return print(&schema::script([schema.clone()]));
            }
        }
        _ => {}
    }
    let variable = |name: &str| std::env::var(name).ok();
    let config = match config::find(arguments.config.as_deref(), &variable) {
        Ok(config) => config,
        Err(wrong) => return said(&wrong.to_string(), WRONG),
    };
    if arguments.task == Task::ClickHouseSchema {
        return match schema::of_config(&config) {
            Some(script) => print(&script),
            None => said(schema::NO_SINK, WRONG),
        };
    }
    log::start(config.telemetry.log_level);
    if arguments.task != Task::Check {
        aws::prepare().await;
    }
    let relay = match Relay::of_config(&config) {
        Ok(relay) => relay,
        Err(wrong) => return said(&wrong.to_string(), WRONG),
    };
    if arguments.task == Task::Check {
        return match relay.build() {
            Ok(_) => print(&check::summary(&config)),
            Err(wrong) => said(&wrong.to_string(), WRONG),
        };
    }
    match run(arguments.task, &config, relay).await {
        Ok(text) => print(&text),
        Err(why) => said(&why, FAILED),
    }
}

async fn run(
    task: Task,
    config: &Config,
    relay: crate::relay::RelayBuilder,
) -> Result<String, String> {
    let ends = match task {
        Task::Run => Ends::Never,
        _ => Ends::AtTip(None),
    };
    let is_dry = task == Task::DryRun;
    let source = source(config, ends, is_dry)?;
    let relay = relay
        .source(source)
        .build()
        .map_err(|wrong| wrong.to_string())?;
    if is_dry {
        let mut out = std::io::stdout();
        let dry_run = DryRun::new(relay, move |line: &str| {
            // A reader that has closed the pipe needs no more output.
            let _ = out.write_all(line.as_bytes());
        });
        return dry_run.run(stopped()).await.map_err(|why| why.to_string());
    }
    let summary = relay.run(stopped()).await.map_err(|why| why.to_string())?;
    tracing::info!(target: "lamplight", traces = summary.delivered_traces, "ended, with all \
    checkpoints saved");
    Ok(String::new())
}

/// Waits until the process is asked to stop.
async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let signals = (
            signal(SignalKind::terminate()),
            signal(SignalKind::interrupt()),
        );
        if let (Ok(mut terminate), Ok(mut interrupt)) = signals {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

fn print(text: &str) -> ExitCode {
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(FAILED),
    }
}

fn said(wrong: &str, code: u8) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{wrong}");
    ExitCode::from(code)
}
