//! A store in the OpenTelemetry tables of ClickHouse, by its HTTP interface.
//!
//! Queries select and aggregate in SQL ([`expression`], [`filter`]). Wherever a page shows spans, rows
//! become [`Span`](crate::span::Span)s again ([`span`]), and the code that all stores share does the
//! rest.

mod add;
mod address;
mod around;
mod client;
mod differences;
mod expression;
mod failure;
mod filter;
mod functions;
mod invocations;
mod lookup;
mod map;
mod newest;
mod parameters;
mod rows;
mod single;
mod span;
mod state;
mod store;
mod traces;
mod value;

use std::sync::{Mutex, OnceLock, atomic::AtomicU64};

use lamplight_clickhouse::Schema;

use self::{address::Address, client::Client, lookup::Tables, state::Traces};
use super::StoreError;

/// A store in the tables `otel_traces` and `otel_traces_trace_id_ts` of ClickHouse, as the exporter
/// of the OpenTelemetry Collector and Lamplight's relay write them. Older versions of the tables are
/// read too.
///
/// Names and values from users are bound as parameters of queries, and never a part of their text.
/// Each query has limits: 20 seconds, 2 GB of memory, and 200,000 rows in the answer. A query beyond
/// them fails with an error that contains the remedy. The user needs `SELECT` on the tables, and `INSERT` to add spans; a profile with `readonly = 2` is
/// enough to read.
///
/// Pages are those of any other store, except for what the tables do not have:
///
/// - All attribute values are text. Values of attributes that the semantic conventions define as
///   numbers, booleans or lists have that type again; other numbers, lists and bytes are shown as
///   text, in the Collector's spelling. Attributes are sorted by key.
/// - Trace flags, numbers of dropped items, schema URLs and attributes of scopes are missing. A span
///   that ends before it starts has no duration.
/// - Exact copies of a span are counted as several spans in lists and statistics. On the page of a
///   trace they are one. A request that is added again soon after is recognized by the server.
///   [`Added::again`](super::Added::again) is always 0.
/// - Spans are related to a trace if they started within a day of it. A trace in a list has the spans
///   that started within a day of the window.
/// - The map has the 100,000 newest spans of its window.
/// - [`State::bytes`](super::State::bytes) is 0, and the number of traces is approximate if it is
///   large.
#[derive(Debug)]
pub struct ClickHouseStore {
    client: Client,
    tables: OnceLock<Tables>,
    traces: Mutex<Option<Traces>>,
    refused: AtomicU64,
}

impl ClickHouseStore {
    /// Returns a store at an address such as `http://user:password@host:8123/database`. User,
    /// password and database are optional; reserved characters in them must be percent-encoded.
    ///
    /// Nothing is requested yet: [`ClickHouseStore::check`] does.
    ///
    /// # Errors
    ///
    /// Returns an error if the address is invalid. The error does not contain it.
    pub fn new(address: &str) -> Result<Self, StoreError> {
        Ok(Self::at(Address::parse(address)?))
    }

    /// Sets the user and the password, unless they are in the address.
    #[must_use]
    pub fn or_credentials(self, user: Option<String>, password: Option<String>) -> Self {
        let mut address = self.client.address;
        // A password belongs to its user.
        if address.user.is_none() {
            address.user = user;
        }
        if address.password.is_none() {
            address.password = password;
        }
        Self::at(address)
    }

    fn at(address: Address) -> Self {
        Self {
            client: Client::new(address),
            tables: OnceLock::new(),
            traces: Mutex::new(None),
            refused: AtomicU64::new(0),
        }
    }

    /// Creates the database and the tables of traces that do not exist.
    ///
    /// # Errors
    ///
    /// Returns an error if the server cannot be reached, or refuses.
    pub fn create_tables(&self) -> Result<(), StoreError> {
        let schema = Schema::new(&self.client.address.database);
        for statement in schema.trace_statements() {
            self.client.run(&statement, "default")?;
        }
        Ok(())
    }

    /// Checks that the server can be reached and that the table of traces can be read.
    ///
    /// # Errors
    ///
    /// Returns an error, with the remedy, if not.
    pub fn check(&self) -> Result<(), StoreError> {
        self.extent().map(drop)
    }

    /// Returns the address and the database, without user and password.
    #[must_use]
    pub fn place(&self) -> String {
        let Address { url, database, .. } = &self.client.address;
        format!("{url}{database}")
    }
}
