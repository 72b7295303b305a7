//! The tables and their version.

use rusqlite::Connection;

use crate::store::StoreError;

/// `application_id` of Lamplight's databases.
const APPLICATION: i64 = 0x4c4d_5054;

/// `user_version`, to be increased whenever a table or the meaning of a column changes.
const VERSION: i64 = 1;

/// Number of cached statements: all there are.
const STATEMENTS: usize = 64;

// Times are ordered numbers, and ids of spans are the numbers of their bytes; see `number.rs`. `id`
// is the number of a span by arrival, `trace` that of a trace. Only `spans` is wide: searchable
// columns are elsewhere.
const TABLES: &str = "
    CREATE TABLE totals(
        spans INTEGER NOT NULL, traces INTEGER NOT NULL, bytes INTEGER NOT NULL,
        for_count INTEGER NOT NULL, for_age INTEGER NOT NULL, for_size INTEGER NOT NULL,
        again INTEGER NOT NULL, refused INTEGER NOT NULL, revision INTEGER NOT NULL) STRICT;
    INSERT INTO totals VALUES (0, 0, 0, 0, 0, 0, 0, 0, 0);

    -- Shared data of spans: resource, scope, and their facts. `spans` is the number of spans.
    CREATE TABLE origins(
        id INTEGER PRIMARY KEY, hash INTEGER NOT NULL, function TEXT NOT NULL, version TEXT,
        memory INTEGER, resource BLOB NOT NULL, resource_schema BLOB NOT NULL, scope BLOB NOT NULL,
        scope_schema BLOB NOT NULL, spans INTEGER NOT NULL) STRICT;
    CREATE INDEX origins_hash ON origins(hash);

    -- `arrived` in seconds since 1970.
    CREATE TABLE traces(
        trace INTEGER PRIMARY KEY, id BLOB NOT NULL, arrived INTEGER NOT NULL, start INTEGER NOT NULL,
        newest INTEGER NOT NULL, end INTEGER NOT NULL, spans INTEGER NOT NULL,
        errors INTEGER NOT NULL, bytes INTEGER NOT NULL, first_id INTEGER NOT NULL,
        last_id INTEGER NOT NULL) STRICT;
    CREATE UNIQUE INDEX traces_id ON traces(id);
    CREATE INDEX traces_start ON traces(start);

    CREATE TABLE spans(
        id INTEGER PRIMARY KEY, origin INTEGER NOT NULL, times INTEGER NOT NULL,
        message BLOB NOT NULL) STRICT;
    CREATE TABLE keys(
        trace INTEGER NOT NULL, span INTEGER NOT NULL, hash INTEGER NOT NULL, id INTEGER NOT NULL,
        origin INTEGER NOT NULL, outcome INTEGER NOT NULL, start INTEGER NOT NULL,
        PRIMARY KEY(trace, span, hash)) STRICT, WITHOUT ROWID;
    CREATE TABLE invocations(
        start INTEGER NOT NULL, id INTEGER NOT NULL, trace INTEGER NOT NULL,
        duration INTEGER NOT NULL, origin INTEGER NOT NULL, outcome INTEGER NOT NULL,
        cold INTEGER NOT NULL, init REAL, held REAL, trigger TEXT,
        PRIMARY KEY(start, id)) STRICT, WITHOUT ROWID;
    CREATE INDEX invocations_origin ON invocations(origin, start);
    CREATE TABLE calls(
        start INTEGER NOT NULL, id INTEGER NOT NULL, trace INTEGER NOT NULL, span INTEGER NOT NULL,
        parent INTEGER NOT NULL, way INTEGER NOT NULL, origin INTEGER NOT NULL,
        kind INTEGER NOT NULL, failed INTEGER NOT NULL, amount INTEGER NOT NULL, wait INTEGER,
        name TEXT NOT NULL, named_by INTEGER NOT NULL,
        PRIMARY KEY(start, id)) STRICT, WITHOUT ROWID;

    -- The links and the message of each span, by `id`.
    CREATE TABLE links(
        span INTEGER NOT NULL, trace INTEGER NOT NULL, id INTEGER NOT NULL,
        PRIMARY KEY(span, trace, id)) STRICT, WITHOUT ROWID;
    CREATE TABLE messages(
        hash INTEGER NOT NULL, id INTEGER NOT NULL,
        PRIMARY KEY(hash, id)) STRICT, WITHOUT ROWID;

    -- `id` is that of `filter.rs`.
    CREATE TABLE filters(id INTEGER PRIMARY KEY, filter BLOB NOT NULL) STRICT;
";

/// Prepares a new or existing database. `place` is its name in messages.
pub(super) fn prepare(connection: &Connection, place: &str) -> Result<(), StoreError> {
    // Waits briefly for another process, which may be about to end.
    connection.busy_timeout(std::time::Duration::from_secs(1))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // The page size only applies to a new database. The lock is held, since data is cached: other
    // processes that open the file get an error. Committed data survives the end of the process; a
    // crash of the machine may lose whole requests of the last moments, but corrupts nothing.
    connection.execute_batch(
        "PRAGMA page_size = 4096;
         PRAGMA locking_mode = EXCLUSIVE;
         PRAGMA cache_size = -16384;
         PRAGMA temp_store = MEMORY;
         PRAGMA synchronous = NORMAL;
         BEGIN IMMEDIATE;
         COMMIT;",
    )?;
    let number = |pragma: &str| {
        connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0))
    };
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let (application, version) = (number("application_id")?, number("user_version")?);
    if tables == 0 && application == 0 && version == 0 {
        connection.execute_batch(&format!(
            "BEGIN IMMEDIATE; {TABLES}
             PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; COMMIT;"
        ))?;
    } else if application != APPLICATION {
        return Err(StoreError::Version(format!(
            "{place} is a database of another program: choose another file."
        )));
    } else if version != VERSION {
        let remedy = if version > VERSION {
            "update Lamplight, or choose another file"
        } else {
            "choose another file, or delete it, including its traces"
        };
        return Err(StoreError::Version(format!(
            "{place} has version {version}, and this Lamplight reads version {VERSION}: {remedy}."
        )));
    }
    // A temporary file needs no log that survives a crash. The log of any other may grow to 32 MB
    // before it is checkpointed.
    connection.execute_batch(if connection.path().is_some_and(|path| !path.is_empty()) {
        "PRAGMA journal_mode = WAL;
         PRAGMA wal_autocheckpoint = 8192;
         PRAGMA journal_size_limit = 67108864;"
    } else {
        "PRAGMA journal_mode = MEMORY;"
    })?;
    Ok(())
}
