//! Several invocations at a time in one environment, as on Lambda Managed Instances.
//!
//! ```sh
//! nc -lk 7000 # the warehouse: type a number for each article it prints
//! OTEL_TRACES_EXPORTER=console WAREHOUSE_ADDRESS=127.0.0.1:7000 cargo lambda watch
//! cargo lambda invoke example-managed-instances --data-ascii '{"article": "lamp"}'
//! ```
//!
//! Lambda sets `AWS_LAMBDA_MAX_CONCURRENCY` on such instances. Without it, the function handles one
//! invocation after the other, as everywhere else. Each invocation has its own span, and
//! `lamplight::current()` is the invocation that runs the code, on any thread.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight::opentelemetry::KeyValue;
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufStream},
    net::TcpStream,
    sync::Semaphore,
};

/// The state that all invocations share.
struct Warehouse {
    address: String,
    /// The warehouse takes ten connections.
    connections: Semaphore,
}

#[derive(Deserialize)]
struct Question {
    article: String,
}

#[derive(Serialize)]
struct Answer {
    pieces: i64,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let warehouse = Arc::new(Warehouse {
        address: std::env::var("WAREHOUSE_ADDRESS")?,
        connections: Semaphore::new(10),
    });
    let handler = service_fn(move |event| answer(warehouse.clone(), event));
    lamplight::init().run_concurrent(handler).await
}

async fn answer(warehouse: Arc<Warehouse>, event: LambdaEvent<Question>) -> Result<Answer, Error> {
    let pieces = warehouse.pieces(&event.payload.article).await?;
    // Other invocations had their turn meanwhile; the span is still this one's.
    lamplight::current().set_attribute(KeyValue::new("shop.article.pieces", pieces));
    Ok(Answer { pieces })
}

impl Warehouse {
    /// Returns the number of pieces in stock. A question is a line, and so is its answer.
    async fn pieces(&self, article: &str) -> Result<i64, Error> {
        let _connection = self.connections.acquire().await?;
        let mut stream = BufStream::new(TcpStream::connect(&self.address).await?);
        stream.write_all(format!("{article}\n").as_bytes()).await?;
        stream.flush().await?;
        let mut pieces = String::new();
        stream.read_line(&mut pieces).await?;
        Ok(pieces.trim().parse()?)
    }
}
