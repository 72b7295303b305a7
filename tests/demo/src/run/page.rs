//! The spans of a run as pages: in a file, and live.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use lamplight_local_aws::client::Client;
use lamplight_view::{
    page::{self, FileSettings},
    server::{Intake, Server, Settings},
    store::{self, SqliteStore, Store as _},
};

use super::spans::Reader;
use crate::error::{Context, Result};

/// Pause between two reads of the stream, after which its spans are on the page.
const PACE: Duration = Duration::from_millis(500);

/// Writes every view of what the records hold into one file below `dir`.
pub(crate) fn write(dir: &Path, records: &[Vec<u8>]) -> Result<PathBuf> {
    let store = empty()?;
    for record in records {
        store.add(record).context("put a record into a store")?;
    }
    let mut settings = FileSettings::default();
    "An event broker".clone_into(&mut settings.title);
    let html = page::file(&store, &settings).context("draw the page")?;
    let file = dir.join("page.html");
    fs::write(&file, html).context(format!("write {}", file.display()))?;
    Ok(file)
}

/// Shows the stream of a kept run while it is written: prints the address of the page, and goes on until
/// the process is ended.
pub fn live(endpoint: &str, stream: &str) -> Result<()> {
    let store = Arc::new(empty()?);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("start a runtime")?;
    runtime.block_on(async {
        let mut settings = Settings::default();
        settings.otlp_port = None;
        let server = Server::bind(store, settings)
            .await
            .context("serve the page")?;
        let (intake, client) = (server.intake(), Client::new(endpoint));
        println!("{}", server.url());
        let stream = stream.to_owned();
        thread::spawn(move || follow(&client, &stream, &intake));
        let served = server.run(std::future::pending()).await;
        served.context("serve the page")
    })
}

fn follow(client: &Client, stream: &str, intake: &Intake) {
    let mut reader = Reader::new(client, stream);
    loop {
        if let Err(error) = reader.read() {
            eprintln!("demo: {error}");
        }
        for record in reader.take_records() {
            if let Err(error) = intake.add(&record) {
                eprintln!("demo: {error}");
            }
        }
        thread::sleep(PACE);
    }
}

fn empty() -> Result<SqliteStore> {
    SqliteStore::in_memory(store::Settings::default()).context("open a store")
}
