//! A store in SQLite, in a file or in memory.
//!
//! A span is stored as the bytes it came as. What is searched stands in narrow tables beside it, and
//! attributes are found by filters for blocks of spans ([`filter`]), so that a question reads few spans.

mod add;
mod around;
mod cached;
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
/// Questions and additions take turns. A request is stored when [`Store::add`] returns: the end of the
/// process loses nothing, a crash of the machine at most the requests of the last moments.
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
    /// Opens a database, or makes a new one where there is none.
    ///
    /// # Errors
    ///
    /// If the file is no database, or one of another program or another version; if another process has
    /// it open; or if it cannot be read or written.
    pub fn open(path: &Path, settings: Settings) -> Result<Self, StoreError> {
        let connection = Connection::open(path)?;
        Self::with(connection, &path.display().to_string(), settings)
    }

    /// Makes a store that lasts as long as the process.
    ///
    /// # Errors
    ///
    /// If there is not enough memory.
    pub fn in_memory(settings: Settings) -> Result<Self, StoreError> {
        Self::with(Connection::open_in_memory()?, "memory", settings)
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
        // Drops what has become too old.
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
    /// What questions are put to.
    fn parts(&mut self) -> (&Connection, &mut Cached) {
        (&self.connection, &mut self.cached)
    }

    /// Reads again what is known of the database.
    fn load(&mut self) -> Result<(), StoreError> {
        self.cached.is_stale = true;
        self.cached = Cached::load(&self.connection)?;
        Ok(())
    }

    /// Changes the database, all of it or nothing.
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
            retention::drop_oldest(
                &transaction,
                &self.settings,
                now,
                &mut cached.origins,
                totals,
            )?;
            if *totals != before {
                totals.store(&transaction)?;
            }
            transaction.commit()?;
            Ok(added)
        };
        let added = attempt();
        if added.is_err() {
            // What is known is of a database that never was.
            self.cached.is_stale = true;
        }
        added
    }
}
