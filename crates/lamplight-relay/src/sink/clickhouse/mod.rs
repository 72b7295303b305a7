//! Tables of ClickHouse, over its HTTP interface.

mod builder;
mod statement;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use bytes::Bytes;
use lamplight_clickhouse::{ErrorKind, MetricBlocks, Schema, ServerError, TraceBlock};
use lamplight_otlp::client::HttpClient;

pub use self::builder::{ClickHouseSinkBuilder, ClickHouseSinkError};
use self::statement::{insert, statement};
use super::{
    destination::{BoxFuture, Sink},
    outcome::Outcome,
    request::{Request, Signal},
};

/// A sink that inserts spans into `otel_traces` and data points into `otel_metrics_*`, with the columns and
/// the spelling of the OpenTelemetry Collector's exporter.
///
/// A request is one block. It has a token made of its content, so that a block that is sent again because its
/// answer was lost is in the table once: always in a replicated table, and in another one if its setting
/// `non_replicated_deduplication_window` is not 0, as in the tables that the sink creates. A relay that is
/// killed makes other blocks of the same spans afterwards; [`Schema::with_replacing`] is for tables that have
/// one row of each span even then.
///
/// A request is retried if the server is busy, its disk is full, a table, a column or a grant is missing, or
/// another fault has to be mended on the server. A critical sink loses nothing until then. Rows that
/// the server refuses because of their values become dead letters; the tables that the sink creates refuse
/// none.
#[derive(Debug)]
pub struct ClickHouseSink {
    name: Box<str>,
    client: HttpClient,
    database: String,
    /// The tables to create if one is missing.
    schema: Option<Schema>,
    /// A table was missing, and not all have been created since.
    is_missing: AtomicBool,
    is_asynchronous: bool,
    timeout: Duration,
}

impl ClickHouseSink {
    /// Returns a builder of a sink with this name. The URL is that of the HTTP interface, such as
    /// `http://clickhouse:8123`.
    pub fn builder(name: &str, url: &str) -> ClickHouseSinkBuilder {
        ClickHouseSinkBuilder::new(name, url)
    }

    async fn deliver(&self, request: Request) -> Result<usize, Failed> {
        let message = request.message();
        match request.signal {
            Signal::Traces => {
                let mut block = TraceBlock::default();
                let pushed = block.push(&message);
                if !block.is_empty() {
                    let into = TraceBlock::statement(&self.database);
                    self.insert(&into, block.finish().into()).await?;
                }
                Ok(pushed.malformed)
            }
            Signal::Metrics => {
                let mut blocks = MetricBlocks::default();
                let pushed = blocks.push(&message);
                // If one fails, all are sent again; the server recognizes the others by their tokens.
                for block in blocks.finish() {
                    let into = block.statement(&self.database);
                    self.insert(&into, block.body.into()).await?;
                }
                Ok(pushed.malformed)
            }
        }
    }

    /// Inserts a block. If a table is missing and the sink creates tables, it does so and tries once more:
    /// where all tables are there, it needs no right to create any.
    async fn insert(&self, into: &str, block: Bytes) -> Result<(), Failed> {
        let query = insert(into, &block, self.is_asynchronous);
        if !self.is_missing.load(Ordering::Acquire) {
            match self.post(&query, block.clone()).await {
                Err(Failed::Server(error))
                    if error.kind() == ErrorKind::NoTable && self.schema.is_some() =>
                {
                    self.is_missing.store(true, Ordering::Release);
                }
                result => return result,
            }
        }
        for sql in self.schema.iter().flat_map(Schema::statements) {
            let created = self.post(&statement(), sql.into()).await;
            created.map_err(Failed::of_statement)?;
        }
        self.is_missing.store(false, Ordering::Release);
        self.post(&query, block).await
    }

    async fn post(&self, query: &str, body: Bytes) -> Result<(), Failed> {
        let reply = match self.client.post(query, body).await.0 {
            Ok(reply) => reply,
            Err(failure) => return Err(Failed::NoAnswer(failure.to_string())),
        };
        let code = reply.headers.get("x-clickhouse-exception-code");
        let code = code.and_then(|code| code.to_str().ok());
        match ServerError::of(reply.status, code, &reply.body) {
            Some(error) => Err(Failed::Server(error)),
            // The end of an answer may be an error, too.
            None if !reply.is_whole => Err(Failed::NoAnswer("the answer broke off".to_owned())),
            None => Ok(()),
        }
    }

    fn outcome(&self, failed: Failed) -> Outcome {
        let url = self.client.shown_url();
        let (text, kind) = match failed {
            Failed::NoAnswer(why) => (why, ErrorKind::Busy),
            Failed::Server(error) => (error.to_string(), error.kind()),
            Failed::Creation(error) => {
                let why = format!("the tables could not be created: {error}");
                (why, ErrorKind::NoTable)
            }
        };
        let why = self.client.without_secrets(&format!("{url}: {text}"));
        match kind {
            ErrorKind::TooLarge => Outcome::TooLarge { why },
            ErrorKind::Refused => Outcome::Rejected { why },
            // It is mended on the server, without a change to the request.
            _ => Outcome::Retryable { after: None, why },
        }
    }
}

/// The reason why something was not inserted.
enum Failed {
    NoAnswer(String),
    Server(ServerError),
    /// The server refused a statement that creates a table. No rows are at fault.
    Creation(ServerError),
}

impl Failed {
    fn of_statement(self) -> Self {
        match self {
            Self::Server(error) => Self::Creation(error),
            other => other,
        }
    }
}

impl Sink for ClickHouseSink {
    fn name(&self) -> &str {
        &self.name
    }

    fn timeout(&self) -> Option<Duration> {
        // Tables are created within the same call.
        Some(self.timeout.saturating_mul(2))
    }

    fn send(&self, request: Request) -> BoxFuture<'_, Outcome> {
        Box::pin(async move {
            match self.deliver(request).await {
                Ok(0) => Outcome::accepted(),
                Ok(malformed) => Outcome::Accepted {
                    rejected: malformed,
                    message: "their bytes are malformed".to_owned(),
                },
                Err(failed) => self.outcome(failed),
            }
        })
    }
}
