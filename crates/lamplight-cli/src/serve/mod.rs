//! `lamplight serve`: live pages of spans.

mod arguments;
mod browser;
#[cfg(feature = "clickhouse")]
mod clickhouse;
mod lines;
#[cfg(feature = "kinesis")]
mod stream;

use std::{io, path::Path, sync::Arc, time::Duration};

use lamplight_view::{
    read::Found,
    server::{Intake, Server, ServerError},
    store::{SqliteStore, Store, StoreError},
};

use crate::{
    input,
    output::{Failure, print, print_error},
};
use arguments::Arguments;

/// Runs the command with the arguments that follow its name.
pub(crate) fn run(arguments: lexopt::Parser) -> Result<(), Failure> {
    let wrong = |message: String| Failure::usage(message, arguments::USAGE);
    let arguments = Arguments::read(arguments).map_err(wrong)?;
    if arguments.help {
        return print(arguments::USAGE);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Failure::Problem(error.to_string()))?;
    let served = runtime.block_on(serve(arguments));
    // Reading standard input may block for as long as the terminal exists.
    runtime.shutdown_background();
    served
}

async fn serve(arguments: Arguments) -> Result<(), Failure> {
    let problem = |error: &dyn std::fmt::Display| Failure::Problem(error.to_string());
    let store = store(&arguments).map_err(|error| problem(&error))?;
    let server = Server::bind(store, arguments.server()).await;
    let server = server.map_err(|error| Failure::Problem(remedy(&error)))?;

    let url = server.url();
    print(&format!("pages  {url}"))?;
    if let Some(endpoint) = server.otlp_endpoint() {
        print(&format!("OTLP   OTEL_EXPORTER_OTLP_ENDPOINT={endpoint}"))?;
    }
    if arguments.open {
        browser::open(&url);
    }
    let intake = server.intake();
    for file in &arguments.files {
        if file.as_os_str() == "-" {
            lines::follow(intake.clone());
        } else {
            add(&intake, file)?;
        }
    }
    #[cfg(feature = "kinesis")]
    for name in &arguments.streams {
        tokio::spawn(stream::follow(
            name.clone(),
            arguments.since,
            intake.clone(),
        ));
    }
    if arguments.clickhouse.is_some() {
        // Others add spans too.
        tokio::spawn(intake.clone().watch(POLL));
    }
    tokio::spawn(watch(intake));
    let served = server.run(stopped()).await;
    served.map_err(|error| problem(&error))
}

/// Time between two looks at a store that others add spans to.
const POLL: Duration = Duration::from_secs(2);

/// Returns the store. This may block; nothing else runs yet.
fn store(arguments: &Arguments) -> Result<Arc<dyn Store>, StoreError> {
    #[cfg(feature = "clickhouse")]
    if let Some(address) = &arguments.clickhouse {
        return clickhouse::store(address, arguments.clickhouse_create);
    }
    let settings = arguments.store();
    Ok(Arc::new(match &arguments.db {
        Some(file) => SqliteStore::open(file, settings)?,
        None => SqliteStore::in_memory(settings)?,
    }))
}

/// Reports when the store stops accepting spans, and when it accepts them again.
async fn watch(intake: Intake) {
    let mut seen = intake.counts();
    let mut is_told = false;
    loop {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let now = intake.counts();
        let fails = now.failed > seen.failed;
        if fails && !is_told {
            print_error(
                "warning: spans cannot be stored (is the disk full?); senders are asked to retry",
            );
            is_told = true;
        } else if !fails && is_told && now.requests > seen.requests {
            print_error("spans can be stored again");
            is_told = false;
        }
        seen = now;
    }
}

/// Adds the spans of a file; reports content without traces.
fn add(intake: &Intake, file: &Path) -> Result<(), Failure> {
    let mut found = Found::default();
    found.add(&file.display().to_string(), &input::read(file)?);
    for request in &found.requests {
        let added = intake.add(request);
        added.map_err(|error| Failure::Problem(error.to_string()))?;
    }
    for problem in &found.problems {
        print_error(&format!("warning: {problem}"));
    }
    Ok(())
}

/// Returns the error with a remedy in terms of the command's options.
fn remedy(error: &ServerError) -> String {
    match error {
        ServerError::NeedsToken(_) => format!("{error}: --token TEXT"),
        ServerError::Listen { error: why, .. } if why.kind() == io::ErrorKind::AddrNotAvailable => {
            format!("{error}: --listen takes an address of this machine")
        }
        ServerError::Listen { is_otlp: true, .. } => {
            format!("{error}: --otlp-port PORT, or --no-otlp")
        }
        ServerError::Listen { .. } => format!("{error}: --port PORT"),
        _ => error.to_string(),
    }
}

/// Waits until the command is asked to stop.
async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    // Without signals, it runs until it is killed.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
