//! A ClickHouse on loopback for tests: the real engine, from a Python package, behind the part of a
//! server's HTTP interface that Lamplight uses.
//!
//! It is installed once, below the target folder (200 MB), and started once for each test process. It
//! runs one query at a time, so that tests share it without being in each other's way, each with a
//! [`Database`] of its own.

use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use lamplight_local_aws::{Error, install_packages, target};
use serde_json::Value;

/// The release of the engine, and what the server decodes bodies with.
pub const PACKAGES: [&str; 2] = ["chdb-core-lite==26.5.0", "zstandard==0.25.0"];
/// The user of a server that is not started with another one.
pub const USER: &str = "default";
const PROGRAM: &str = include_str!("server.py");

/// A running server. It ends, and its files go, when the last test that uses it does.
#[derive(Debug)]
pub struct ClickHouse {
    process: Child,
    port: u16,
    folder: PathBuf,
}

impl ClickHouse {
    /// Returns the server of this process, installed and started if it is not running.
    ///
    /// # Panics
    ///
    /// When it cannot be installed or started; the message says what is missing.
    #[must_use]
    pub fn shared() -> Arc<Self> {
        static RUNNING: Mutex<Weak<ClickHouse>> = Mutex::new(Weak::new());
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = running.upgrade() {
            return server;
        }
        let server = Arc::new(Self::start(USER, ""));
        *running = Arc::downgrade(&server);
        server
    }

    /// Returns a server of its own, that lets in this user with this password alone.
    ///
    /// # Panics
    ///
    /// As [`ClickHouse::shared`].
    #[must_use]
    #[expect(clippy::panic, reason = "a test says what is wrong by panicking")]
    pub fn start(user: &str, password: &str) -> Self {
        match Self::try_start(user, password) {
            Ok(server) => server,
            Err(error) => panic!("there is no ClickHouse for this test: {error}"),
        }
    }

    fn try_start(user: &str, password: &str) -> Result<Self, Error> {
        static STARTED: AtomicU64 = AtomicU64::new(0);
        let python = install_packages(
            &target().join("python"),
            "clickhouse-26.5.0",
            &PACKAGES,
            run,
        )?;
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let folder = target()
            .join("tmp")
            .join(format!("clickhouse-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let mut process = python
            .command()
            .args(["-c", PROGRAM])
            .arg(&folder)
            .args([user, password])
            // It ends with its input, however this process ends.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let port = line
            .trim()
            .parse()
            .map_err(|_| format!("it did not start: {:?}", process.try_wait()))?;
        Ok(Self {
            process,
            port,
            folder,
        })
    }

    /// Returns its address: `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for ClickHouse {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A database of one test, which is gone when the test is.
#[derive(Debug)]
pub struct Database {
    server: Arc<ClickHouse>,
    name: String,
}

impl Database {
    /// Returns a new and empty database of the [shared server](ClickHouse::shared).
    #[must_use]
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let server = ClickHouse::shared();
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let database = Self { server, name };
        database.send("default", &format!("CREATE DATABASE {}", database.name));
        database
    }

    /// Returns the address of the server.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Returns its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs a statement in it and returns the answer, tab-separated unless it has a `FORMAT`.
    ///
    /// # Panics
    ///
    /// When the engine refuses it.
    pub fn run(&self, statement: &str) -> String {
        self.send(&self.name, statement)
    }

    /// Returns the rows of a query, each as a JSON object. Large numbers are numbers.
    ///
    /// # Panics
    ///
    /// When the engine refuses it.
    #[must_use]
    pub fn rows(&self, query: &str) -> Vec<Value> {
        let settings = "SETTINGS output_format_json_quote_64bit_integers = 0";
        let answer = self.run(&format!("{query} {settings} FORMAT JSONEachRow"));
        let row = |line: &str| serde_json::from_str(line).unwrap_or_default();
        answer.lines().map(row).collect()
    }

    #[expect(clippy::panic, reason = "a test says what is wrong by panicking")]
    fn send(&self, database: &str, statement: &str) -> String {
        let request = ureq::post(self.url())
            .config()
            .http_status_as_error(false)
            .build()
            .query("database", database)
            .send(statement);
        let answer = request.map_err(Error::from).and_then(|mut answer| {
            let text = answer
                .body_mut()
                .with_config()
                .limit(1 << 30)
                .read_to_string()?;
            Ok((answer.status().as_u16(), text))
        });
        match answer {
            Ok((200, text)) => text,
            Ok((status, text)) => panic!("{status} to {statement}: {text}"),
            Err(error) => panic!("{statement}: {error}"),
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A test that has failed says so; a second panic would end the process.
        let _ = ureq::post(self.url()).send(format!("DROP DATABASE IF EXISTS {}", self.name));
    }
}

fn run(command: &mut Command) -> Result<Output, Error> {
    Ok(command.output()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_as_they_went_in_and_a_token_lets_a_block_in_once() {
        let database = Database::new();
        database.run(
            "CREATE TABLE t (a UInt64, m Map(LowCardinality(String), String)) ENGINE = MergeTree \
             ORDER BY a SETTINGS non_replicated_deduplication_window = 10",
        );
        let row = b"\x05\0\0\0\0\0\0\0\x01\x01k\x01v";
        for token in ["one", "one", "two"] {
            let answer = ureq::post(database.url())
                .query("database", database.name())
                .query("insert_deduplication_token", token)
                .query("query", "INSERT INTO t FORMAT RowBinary")
                .send(&row[..]);
            assert_eq!(answer.unwrap().status(), 200);
        }
        let rows = database.rows("SELECT * FROM t");
        assert_eq!(rows, vec![serde_json::json!({"a": 5, "m": {"k": "v"}}); 2]);
    }

    #[test]
    fn data_may_have_any_bytes() {
        let database = Database::new();
        database.run("CREATE TABLE t (a String) ENGINE = MergeTree ORDER BY a");
        let answer = ureq::post(database.url())
            .query("database", database.name())
            .query(
                "query",
                "INSERT INTO t (a) SETTINGS async_insert = 0 FORMAT RowBinary",
            )
            .send(&b"\x05a\n\n;b\x03\0\xff\n"[..]);
        assert_eq!(answer.unwrap().status(), 200);
        let rows = database.run("SELECT hex(a) FROM t ORDER BY a");
        assert_eq!(rows, "00FF0A\n610A0A3B62\n");
    }

    #[test]
    fn errors_have_the_statuses_and_codes_of_a_server() {
        let database = Database::new();
        let code = |statement: &str, user: &str| {
            let answer = ureq::post(database.url())
                .config()
                .http_status_as_error(false)
                .build()
                .header("X-ClickHouse-User", user)
                .query("database", database.name())
                .send(statement)
                .unwrap();
            let code = answer.headers().get("x-clickhouse-exception-code");
            let code = code.map(|code| code.to_str().unwrap().to_owned());
            (answer.status().as_u16(), code)
        };
        assert_eq!(code("SELECT 1 FROM t", USER), (404, Some("60".to_owned())));
        assert_eq!(code("SELECT nope", USER), (400, Some("47".to_owned())));
        assert_eq!(code("SELECT 1", "me"), (403, Some("516".to_owned())));
    }
}
