//! All views of recorded spans, in one file.

use std::{path::Path, time::Duration};

use lamplight_view::{
    page::{self, FileSettings},
    store::{Settings, SqliteStore, Store as _},
};

use crate::output::{Failure, print};

/// Writes the views of these requests to a file, or to standard output for `-`. Returns the number
/// of invalid spans.
pub(super) fn write(
    requests: &[Vec<u8>],
    title: &str,
    trace: Option<&str>,
    file: &Path,
) -> Result<u64, Failure> {
    let problem = |error: &dyn std::fmt::Display| Failure::Problem(error.to_string());
    // Old recordings are shown too.
    let mut settings = Settings::default();
    settings.max_age = Duration::MAX;
    settings.max_spans = u64::MAX;
    settings.max_bytes = u64::MAX;
    let store = SqliteStore::in_memory(settings).map_err(|error| problem(&error))?;
    let mut refused = 0;
    for request in requests {
        refused += store.add(request).map_err(|error| problem(&error))?.refused;
    }
    let mut settings = FileSettings::default();
    settings.title = title.to_owned();
    settings.trace = trace.map(str::to_owned);
    let html = page::file(&store, &settings).map_err(|error| problem(&error))?;
    if file.as_os_str() == "-" {
        print(&html)?;
    } else {
        std::fs::write(file, html)
            .map_err(|error| Failure::Problem(format!("{}: {error}", file.display())))?;
    }
    Ok(refused)
}
