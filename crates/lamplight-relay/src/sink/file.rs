//! Files of OTLP/JSON.

use std::path::Path;

use super::{
    destination::{BoxFuture, Sink},
    json,
    lines::{LineFile, WhenFull},
    outcome::Outcome,
    request::{Layout, Request},
    stdout::outcome,
};

/// Default size of a full file.
const DEFAULT_MAX_BYTES: u64 = 100 << 20;

/// Default number of full files to keep.
const DEFAULT_KEPT: u32 = 5;

/// A sink that appends OTLP/JSON to a file, one line per trace, as the Collector's `otlpjsonfile`
/// receiver reads it.
///
/// A full file is renamed to `name.1`, an existing `name.1` to `name.2`, and so on; the oldest is
/// deleted. A request counts as accepted once it has reached the disk (`fdatasync`), since the
/// checkpoint of a critical sink then moves past it; [`without_sync`](Self::without_sync) leaves
/// the time of writing to the system. The next start terminates a line that a crash left
/// incomplete: readers skip that line, and its data is delivered again.
#[derive(Debug, Clone)]
pub struct FileSink {
    name: Box<str>,
    path: Box<Path>,
    max_bytes: u64,
    kept: u32,
    is_synced: bool,
    file: LineFile,
}

impl FileSink {
    /// Returns a sink with this name that writes to the file at `path`. The file is created if
    /// necessary, but not its folder. Default: a file is full at 100 MiB, and five full files are
    /// kept.
    pub fn new(name: &str, path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        let when_full = WhenFull::Rotate(DEFAULT_KEPT);
        Self {
            name: name.into(),
            path: path.into(),
            max_bytes: DEFAULT_MAX_BYTES,
            kept: DEFAULT_KEPT,
            is_synced: true,
            file: LineFile::new(path, DEFAULT_MAX_BYTES, when_full, true),
        }
    }

    /// Sets the size of a full file, and the number of full files to keep.
    #[must_use]
    pub fn with_rotation(mut self, max_bytes: u64, kept: u32) -> Self {
        (self.max_bytes, self.kept) = (max_bytes, kept);
        self.opened()
    }

    /// Leaves it to the system when lines reach the disk. This is faster, but a crash of the
    /// machine loses some lines.
    #[must_use]
    pub fn without_sync(mut self) -> Self {
        self.is_synced = false;
        self.opened()
    }

    fn opened(mut self) -> Self {
        let when_full = WhenFull::Rotate(self.kept);
        self.file = LineFile::new(&self.path, self.max_bytes, when_full, self.is_synced);
        self
    }
}

impl Sink for FileSink {
    fn name(&self) -> &str {
        &self.name
    }

    fn send(&self, request: Request) -> BoxFuture<'_, Outcome> {
        Box::pin(async move {
            match json::lines(&request) {
                Ok(lines) => outcome(self.file.append(lines.into_bytes()).await),
                Err(malformed) => Outcome::Rejected {
                    why: malformed.to_string(),
                },
            }
        })
    }

    fn layout(&self) -> Layout {
        Layout::ByTrace
    }
}
