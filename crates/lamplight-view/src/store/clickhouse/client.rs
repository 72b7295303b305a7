//! Requests to the server.

use std::{sync::Arc, time::Duration};

use lamplight_clickhouse::ServerError;
use ureq::{
    Agent, RequestBuilder,
    config::Config,
    http::Response,
    tls::{Certificate, RootCerts, TlsConfig},
    typestate::WithBody,
};

use super::{
    address::Address,
    failure::{odd, refused, unfinished, unreachable},
    parameters::Parameters,
    rows::{Row, Rows},
};
use crate::store::StoreError;

/// Maximum time for a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// Maximum time for a whole request. It is longer than that of the query.
const REQUEST: Duration = Duration::from_secs(30);

/// Maximum size of an answer, in bytes.
const ANSWER: u64 = 256 << 20;

/// Maximum size of the text of an error, in bytes.
const MESSAGE: u64 = 64 << 10;

/// The limits of each query, so that no page harms a server in production. A query beyond one fails.
/// The answer is sent once it is complete, so that no error is found within it.
const SETTINGS: [(&str, &str); 6] = [
    ("max_execution_time", "20"),
    ("max_memory_usage", "2000000000"),
    ("max_bytes_before_external_group_by", "1000000000"),
    ("max_result_rows", "200000"),
    ("max_result_bytes", "256000000"),
    ("wait_end_of_query", "1"),
];

/// A column of a query: its name in the answer, and its expression.
pub(super) type Column<'a> = (&'a str, String);

/// A client of one database.
#[derive(Debug)]
pub(super) struct Client {
    agent: Agent,
    pub(super) address: Address,
}

impl Client {
    pub(super) fn new(address: Address) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(REQUEST))
            .user_agent(concat!("lamplight/", env!("CARGO_PKG_VERSION")));
        let config: Config = if address.url.starts_with("https:") {
            config.tls_config(tls()).build()
        } else {
            config.build()
        };
        Self {
            agent: config.into(),
            address,
        }
    }

    /// Returns the rows of a query: `SELECT columns` and the `rest`.
    pub(super) fn rows(
        &self,
        columns: &[Column<'_>],
        rest: &str,
        parameters: &Parameters,
    ) -> Result<Rows, StoreError> {
        let named = columns
            .iter()
            .map(|(name, expression)| format!("{expression} AS {name}"));
        let named: Vec<_> = named.collect();
        let query = format!(
            "SELECT {} {rest} FORMAT RowBinaryWithNames",
            named.join(", ")
        );
        let mut request = self.request();
        for (name, value) in SETTINGS {
            request = request.query(name, value);
        }
        for (name, value) in parameters.pairs() {
            request = request.query(name, value);
        }
        let answer = self.send(request, query.as_bytes())?;
        let names = columns.iter().map(|(name, _)| *name);
        Rows::new(answer, names).map_err(|answer| self.unreadable(&answer))
    }

    /// Returns what `read` returns for each row, or the error for an answer that is cut.
    pub(super) fn all<'a, T>(
        &self,
        rows: &'a Rows,
        read: impl FnMut(&mut Row<'a>) -> Option<T>,
    ) -> Result<Vec<T>, StoreError> {
        rows.read(read)
            .ok_or_else(|| self.unreadable(rows.answer()))
    }

    /// Returns the error for an answer of status 200 that has no rows as requested.
    fn unreadable(&self, answer: &[u8]) -> StoreError {
        // A server that ignores `wait_end_of_query` reports late errors within the answer.
        let tail = answer.len().saturating_sub(MESSAGE as usize);
        let tail = answer.get(tail..).unwrap_or_default();
        match ServerError::of(200, None, tail) {
            Some(error) => refused(&error, &self.address.database),
            None => odd("it has no rows in the requested format"),
        }
    }

    /// Inserts a block. The server ignores one with the token of a recent one.
    pub(super) fn insert(
        &self,
        statement: &str,
        token: &str,
        block: &[u8],
    ) -> Result<(), StoreError> {
        let request = self
            .request()
            .query("query", statement)
            .query("insert_deduplication_token", token)
            .query("wait_end_of_query", "1");
        self.send(request, block).map(drop)
    }

    /// Runs a statement. `database` is the one in which it runs.
    pub(super) fn run(&self, statement: &str, database: &str) -> Result<(), StoreError> {
        let request = self.agent.post(&self.address.url);
        let request = self.authorized(request).query("database", database);
        self.send(request, statement.as_bytes()).map(drop)
    }

    fn request(&self) -> RequestBuilder<WithBody> {
        let request = self.agent.post(&self.address.url);
        self.authorized(request)
            .query("database", &self.address.database)
    }

    /// Adds the credentials, as headers: addresses are in logs.
    fn authorized(&self, mut request: RequestBuilder<WithBody>) -> RequestBuilder<WithBody> {
        let Address { user, password, .. } = &self.address;
        if let Some(user) = user {
            request = request.header("X-ClickHouse-User", user);
        }
        if let Some(password) = password {
            request = request.header("X-ClickHouse-Key", password);
        }
        request
    }

    fn send(&self, request: RequestBuilder<WithBody>, body: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut answer = request.send(body).map_err(|error| unreachable(&error))?;
        let status = answer.status().as_u16();
        let code = code(&answer);
        let is_error = status != 200 || code.is_some();
        let limit = if is_error { MESSAGE } else { ANSWER };
        let body = answer.body_mut().with_config().limit(limit).read_to_vec();
        if is_error {
            let body = body.unwrap_or_default();
            return Err(match ServerError::of(status, code.as_deref(), &body) {
                Some(error) => refused(&error, &self.address.database),
                None => odd(&format!("HTTP {status}")),
            });
        }
        body.map_err(|error| unfinished(&error))
    }
}

/// Returns the code of the exception in an answer.
fn code(answer: &Response<ureq::Body>) -> Option<String> {
    let code = answer.headers().get("x-clickhouse-exception-code")?;
    Some(code.to_str().ok()?.to_owned())
}

/// Returns the settings of TLS: the certificates of the system.
fn tls() -> TlsConfig {
    let found = rustls_native_certs::load_native_certs();
    let certificates: Vec<_> = (found.certs.iter())
        .map(|it| Certificate::from_der(it).to_owned())
        .collect();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&certificates))
        .unversioned_rustls_crypto_provider(provider)
        .build()
}
