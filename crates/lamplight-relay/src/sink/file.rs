//! Files.

use std::path::Path;

use super::{
    destination::{BoxFuture, Sink},
    json,
    lines::{LineFile, WhenFull},
    outcome::Outcome,
    request::{Layout, Request},
    stdout::outcome,
};

/// How large a file becomes, unless it is said.
const DEFAULT_MAX_BYTES: u64 = 100 << 20;

/// How many full files are kept, unless it is said.
const DEFAULT_KEPT: u32 = 5;

/// A sink that appends OTLP/JSON to a file, a line a trace: what the Collector's `otlpjsonfile` receiver
/// reads.
///
/// A file that is full is renamed to `name.1`, that to `name.2` and so on; the oldest is deleted. Before a
/// request counts as accepted, it has reached the disk (`fdatasync`), since a critical sink's checkpoint
/// passes it then; [`without_sync`](Self::without_sync) leaves that to the system. A line that a crash left
/// open is ended by the next start: readers skip it, and what was in it is delivered again.
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
    /// Returns a sink by this name that writes to the file, which is created where there is none; its folder
    /// is not. Full at 100 MiB; five full ones are kept.
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

    /// Sets at how many bytes a file is full, and how many full ones are kept.
    #[must_use]
    pub fn with_rotation(mut self, max_bytes: u64, kept: u32) -> Self {
        (self.max_bytes, self.kept) = (max_bytes, kept);
        self.opened()
    }

    /// Leaves it to the system when lines reach the disk: faster, and a crash of the machine loses some.
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
