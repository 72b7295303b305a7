//! A store in SQLite, in a file or for the lifetime of the process.
//!
//! A span is stored as the bytes received. Searchable columns are in separate narrow tables, and
//! attributes are found with filters for blocks of spans ([`filter`]), so that a query reads few
//! spans.

mod add;
mod around;
mod cached;
mod common;
mod differences;
mod entry;
mod failure;
mod fetch;
mod filter;
mod functions;
mod hash;
mod invocations;
mod map;
mod number;
mod origin;
mod retention;
mod schema;
mod settings;
mod store;
mod totals;
mod traces;
mod unequal;
mod write;

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use rusqlite::Connection;

pub use self::settings::Settings;
use self::{cached::Cached, number::count};
use super::{Added, StoreError};

/// A store in SQLite.
///
/// Queries and additions take turns. A request is stored when [`Store::add`](super::Store::add)
/// returns: it survives the end of the process, and a crash of the machine loses at most the
/// requests of the last moments.
#[derive(Debug)]
pub struct SqliteStore(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    connection: Connection,
    settings: Settings,
    clock: fn() -> SystemTime,
    cached: Cached,
}

impl SqliteStore {
    /// Opens a database, or creates one if it does not exist.
    ///
    /// # Errors
    ///
    /// Returns an error if the file is not a database, or is one of another program or another
    /// version; if another process has it open; or if it cannot be read or written.
    pub fn open(path: &Path, settings: Settings) -> Result<Self, StoreError> {
        let connection = Connection::open(path)?;
        Self::with(connection, &path.display().to_string(), settings)
    }

    /// Creates a store that lasts as long as the process.
    ///
    /// Content beyond 16 MB is in a file in the folder for temporary files (`SQLITE_TMPDIR`,
    /// `TMPDIR`, `/var/tmp` or `/tmp`), which only this process can read and which is removed with
    /// it. With a database entirely in memory, the cost of each request would grow with the
    /// content.
    ///
    /// # Errors
    ///
    /// Returns an error if there is neither enough memory nor such a folder.
    pub fn in_memory(settings: Settings) -> Result<Self, StoreError> {
        // For SQLite, a database without a name is a temporary one.
        Self::with(Connection::open("")?, "the store", settings)
    }

    fn with(connection: Connection, place: &str, settings: Settings) -> Result<Self, StoreError> {
        schema::prepare(&connection, place)?;
        let mut inner = Inner {
            connection,
            settings,
            clock: SystemTime::now,
            cached: Cached::default(),
        };
        inner.load()?;
        // Drops expired data.
        inner.write(|_, _, _| Ok(Added::default()))?;
        Ok(Self(Mutex::new(inner)))
    }

    fn inner(&self) -> Result<MutexGuard<'_, Inner>, StoreError> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.cached.is_stale {
            inner.load()?;
        }
        Ok(inner)
    }
}

impl Inner {
    /// Returns the parts that queries use.
    fn parts(&mut self) -> (&Connection, &mut Cached) {
        (&self.connection, &mut self.cached)
    }

    /// Loads the cached data again.
    fn load(&mut self) -> Result<(), StoreError> {
        self.cached.is_stale = true;
        self.cached = Cached::load(&self.connection)?;
        Ok(())
    }

    /// Changes the database atomically.
    fn write(
        &mut self,
        change: impl FnOnce(&Connection, &mut Cached, u64) -> Result<Added, StoreError>,
    ) -> Result<Added, StoreError> {
        let now = (self.clock)().duration_since(SystemTime::UNIX_EPOCH);
        let now = now.unwrap_or_default().as_secs();
        let cached = &mut self.cached;
        let attempt = || {
            let transaction = self.connection.unchecked_transaction()?;
            let before = cached.totals;
            let added = change(&transaction, cached, now)?;
            let totals = &mut cached.totals;
            totals.spans += count(added.new);
            totals.again += count(added.again);
            totals.refused += count(added.refused);
            totals.revision += i64::from(added.new + added.again > 0);
            let has_dropped = retention::drop_oldest(
                &transaction,
                &self.settings,
                now,
                &mut cached.origins,
                totals,
            )?;
            if has_dropped {
                cached.newest = None;
            }
            if *totals != before {
                totals.store(&transaction)?;
            }
            transaction.commit()?;
            Ok(added)
        };
        let added = attempt();
        if added.is_err() {
            // The cached data belongs to changes that were rolled back.
            self.cached.is_stale = true;
        }
        added
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use opentelemetry_proto::tonic::{
        collector::trace::v1::ExportTraceServiceRequest,
        trace::v1::{ResourceSpans, ScopeSpans, Span},
    };
    use prost::Message;

    use super::{Settings, SqliteStore};
    use crate::store::{Query, Store};

    /// Returns a request with spans of these numbers, of a kilobyte each.
    fn request(numbers: std::ops::Range<u64>) -> Vec<u8> {
        let spans = numbers.map(|number| Span {
            trace_id: [number.to_be_bytes(), [1; 8]].concat(),
            span_id: vec![1; 8],
            name: "x".repeat(1000),
            ..Span::default()
        });
        let scope_spans = ScopeSpans {
            spans: spans.collect(),
            ..ScopeSpans::default()
        };
        let resource_spans = ResourceSpans {
            scope_spans: vec![scope_spans],
            ..ResourceSpans::default()
        };
        ExportTraceServiceRequest {
            resource_spans: vec![resource_spans],
        }
        .encode_to_vec()
    }

    #[test]
    fn a_full_disk_is_told_and_nothing_of_the_request_was_added() {
        let store = SqliteStore::in_memory(Settings::default()).unwrap();
        let most_pages = |pages: i64| {
            let inner = store.inner().unwrap();
            inner
                .connection
                .pragma_update(None, "max_page_count", pages)
                .unwrap();
        };
        store.add(&request(0..1020)).unwrap();
        let before = store.state().unwrap();
        // The failure is after the end of a block, so its filters are rolled back too.
        most_pages(300);
        let error = store.add(&request(1000..1200)).unwrap_err().to_string();
        assert!(
            error.contains("disk of the database is full: free some space"),
            "{error}"
        );
        assert_eq!(store.state().unwrap(), before);
        assert_eq!(store.traces(&Query::default()).unwrap().len(), 100);
        // Once there is room, it continues as if nothing had happened.
        most_pages(1_000_000);
        let added = store.add(&request(1000..1200)).unwrap();
        assert_eq!((added.new, added.again), (180, 20));
        assert_eq!(store.state().unwrap().spans, 1200);
    }

    #[test]
    fn what_is_too_old_is_dropped_when_something_is_added() {
        let store = SqliteStore::in_memory(Settings::default()).unwrap();
        store.add(&request(0..5)).unwrap();
        store.inner().unwrap().clock = || SystemTime::now() + Duration::from_secs(8 * 24 * 60 * 60);
        store.add(&request(5..8)).unwrap();
        let state = store.state().unwrap();
        assert_eq!(
            (state.spans, state.traces, state.dropped_for_age),
            (3, 3, 5)
        );
    }
}
