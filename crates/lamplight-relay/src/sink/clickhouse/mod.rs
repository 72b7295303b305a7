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
/// answer was lost is in the table once: for a replicated table always, for another one where its setting
/// `non_replicated_deduplication_window` is not 0, as in the tables that the sink creates. A relay that is
/// killed makes other blocks of the same spans afterwards; [`Schema::with_replacing`] is for tables that are to
/// have one row of each span even so.
///
/// What the server cannot take now is tried again: it is busy, its disk is full, a table or a column is missing,
/// or a grant. Such faults are mended on the server, and until then a critical sink loses nothing. Rows that the
/// server refuses are dead letters.
#[derive(Debug)]
pub struct ClickHouseSink {
    name: Box<str>,
    client: HttpClient,
    database: String,
    /// The tables to create before the first insert.
    schema: Option<Schema>,
    is_created: AtomicBool,
    is_asynchronous: bool,
    timeout: Duration,
}

impl ClickHouseSink {
    /// Returns a builder of a sink by this name, to the HTTP interface at a URL such as
    /// `http://clickhouse:8123`.
    pub fn builder(name: &str, url: &str) -> ClickHouseSinkBuilder {
        ClickHouseSinkBuilder::new(name, url)
    }

    async fn deliver(&self, request: Request) -> Result<usize, Failed> {
        self.create_tables().await?;
        let message = request.message();
        match request.signal {
            Signal::Traces => {
                let mut block = TraceBlock::default();
                let pushed = block.push(&message);
                if !block.is_empty() {
                    let into = TraceBlock::statement(&self.database);
                    self.insert(&into, block.finish()).await?;
                }
                Ok(pushed.malformed)
            }
            Signal::Metrics => {
                let mut blocks = MetricBlocks::default();
                let pushed = blocks.push(&message);
                // Where one fails all are sent again; those that are there already are known by their tokens.
                for block in blocks.finish() {
                    self.insert(&block.statement(&self.database), block.body)
                        .await?;
                }
                Ok(pushed.malformed)
            }
        }
    }

    /// Creates what there is not, before the first insert.
    async fn create_tables(&self) -> Result<(), Failed> {
        let Some(schema) = &self.schema else {
            return Ok(());
        };
        if self.is_created.load(Ordering::Acquire) {
            return Ok(());
        }
        for sql in schema.statements() {
            self.post(&statement(), sql.into()).await?;
        }
        self.is_created.store(true, Ordering::Release);
        Ok(())
    }

    async fn insert(&self, into: &str, block: Vec<u8>) -> Result<(), Failed> {
        let query = insert(into, &block, self.is_asynchronous);
        let result = self.post(&query, block.into()).await;
        if let Err(Failed::Server(error)) = &result
            && error.kind() == ErrorKind::NoTable
        {
            // Somebody dropped it: it is created again before the next attempt.
            self.is_created.store(false, Ordering::Release);
        }
        result
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
        let error = match failed {
            Failed::NoAnswer(why) => {
                let why = format!("{url}: {why}");
                return Outcome::Retryable { after: None, why };
            }
            Failed::Server(error) => error,
        };
        let why = self.client.without_secrets(&format!("{url}: {error}"));
        match error.kind() {
            ErrorKind::TooLarge => Outcome::TooLarge { why },
            ErrorKind::Refused => Outcome::Rejected { why },
            // Mended on the server, without a word to the relay.
            _ => Outcome::Retryable { after: None, why },
        }
    }
}

/// The reason why something was not inserted.
enum Failed {
    NoAnswer(String),
    Server(ServerError),
}

impl Sink for ClickHouseSink {
    fn name(&self) -> &str {
        &self.name
    }

    fn timeout(&self) -> Option<Duration> {
        // Tables are created before the first insert, within the same call.
        Some(self.timeout.saturating_mul(2))
    }

    fn send(&self, request: Request) -> BoxFuture<'_, Outcome> {
        Box::pin(async move {
            match self.deliver(request).await {
                Ok(0) => Outcome::accepted(),
                Ok(malformed) => Outcome::Accepted {
                    rejected: malformed,
                    message: "their bytes are no spans or data points".to_owned(),
                },
                Err(failed) => self.outcome(failed),
            }
        })
    }
}
