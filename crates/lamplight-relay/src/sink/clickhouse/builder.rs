//! Options of a sink.

use std::{error::Error, fmt, sync::atomic::AtomicBool, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use lamplight_clickhouse::Schema;
use lamplight_otlp::client::{Compression, OtlpClient, Protocol, Proxy, Tls};

use super::ClickHouseSink;

/// Default timeout of a request. An insert of some thousand rows takes milliseconds, and one into a server
/// that merges parts may take seconds.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// The error for a [`ClickHouseSink`] that cannot be built. It shows no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClickHouseSinkError(String);

impl fmt::Display for ClickHouseSinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for ClickHouseSinkError {}

/// Options of a [`ClickHouseSink`].
#[must_use = "a builder does nothing until it builds"]
pub struct ClickHouseSinkBuilder {
    name: Box<str>,
    url: String,
    database: String,
    user: String,
    password: Option<String>,
    schema: Option<Schema>,
    is_asynchronous: bool,
    timeout: Duration,
    compression: Compression,
    authorities: Option<Vec<u8>>,
}

/// Without the URL and the password, which are or may have secrets.
impl fmt::Debug for ClickHouseSinkBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClickHouseSinkBuilder")
            .field("name", &self.name)
            .field("database", &self.database)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

impl ClickHouseSinkBuilder {
    pub(super) fn new(name: &str, url: &str) -> Self {
        Self {
            name: name.into(),
            url: url.to_owned(),
            database: "default".to_owned(),
            user: "default".to_owned(),
            password: None,
            schema: None,
            is_asynchronous: false,
            timeout: DEFAULT_TIMEOUT,
            compression: Compression::Gzip,
            authorities: None,
        }
    }

    /// Sets the database that the tables are in. Default: `default`.
    pub fn with_database(mut self, database: &str) -> Self {
        self.database = database.to_owned();
        self
    }

    /// Inserts into the database of this schema, and creates its tables when the server answers that one is
    /// missing. Default: no table is created.
    pub fn with_schema(mut self, schema: Schema) -> Self {
        self.database = schema.database().to_owned();
        self.schema = Some(schema);
        self
    }

    /// Sets the user. Default: `default`.
    pub fn with_user(mut self, user: &str) -> Self {
        self.user = user.to_owned();
        self
    }

    /// Sets the password, which nothing shows. Default: none.
    pub fn with_password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self
    }

    /// Makes the server collect blocks of all senders before it writes them, and answer when they are written:
    /// for senders of small blocks, such as functions. Default: each block is written at once.
    pub fn with_async_insert(mut self) -> Self {
        self.is_asynchronous = true;
        self
    }

    /// Sets the timeout of a request, which includes the connection. Default: 30 s. The settings of the queue
    /// do not change it.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the compression of blocks. Default: gzip.
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Sets the authorities that are trusted in place of the system's: certificates in PEM.
    pub fn with_authorities(mut self, pem: &[u8]) -> Self {
        self.authorities = Some(pem.to_owned());
        self
    }

    /// Returns the sink, which uses the proxy that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name. It opens no
    /// connection yet.
    ///
    /// # Errors
    ///
    /// If the URL is invalid, user or password have characters that no header can have, or the certificates
    /// are not usable.
    pub fn build(self) -> Result<ClickHouseSink, ClickHouseSinkError> {
        let failed = |what: &str, why: &dyn fmt::Display| {
            ClickHouseSinkError(format!("the sink {}: {what}: {why}", self.name))
        };
        let url: Uri = self
            .url
            .parse()
            .map_err(|error| failed("its URL", &error))?;
        let mut headers = HeaderMap::new();
        // The server's own default, which as a secret would be hidden in every message about a database of
        // the same name.
        let user = if self.user == "default" {
            ""
        } else {
            &self.user
        };
        let password = self.password.as_deref().unwrap_or_default();
        for (name, value) in [("x-clickhouse-user", user), ("x-clickhouse-key", password)] {
            if !value.is_empty() {
                let value = HeaderValue::from_str(value).map_err(|_| {
                    failed(
                        "user or password",
                        &"has a character that is not visible ASCII",
                    )
                })?;
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        let mut tls = Tls::default();
        if let Some(pem) = &self.authorities {
            tls.set_authorities(pem)
                .map_err(|error| failed("its authorities", &error))?;
        }
        let client = OtlpClient::builder(Protocol::Http, url.clone())
            .with_headers(headers)
            .with_user_agent(concat!("Lamplight-Relay/", env!("CARGO_PKG_VERSION")))
            .with_timeout(self.timeout)
            .with_compression(self.compression)
            .with_proxy(Proxy::of_environment(&url))
            .with_tls(tls)
            .build_http()
            .map_err(|error| failed("its URL", &error))?;
        Ok(ClickHouseSink {
            name: self.name,
            client,
            database: self.database,
            schema: self.schema,
            is_missing: AtomicBool::new(false),
            is_asynchronous: self.is_asynchronous,
            timeout: self.timeout,
        })
    }
}
