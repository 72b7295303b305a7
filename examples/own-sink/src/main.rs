//! A sink of your own: spans go as lines of OTLP/JSON through a TCP connection, as agents such as
//! Vector and Fluent Bit take them.
//!
//! ```sh
//! nc -lk 5170 # the agent
//! AGENT_ADDRESS=127.0.0.1:5170 cargo lambda watch
//! cargo lambda invoke example-own-sink --data-ascii '{}'
//! ```
//!
//! A line arrives for each invocation. Start `nc` after the first invocation, and its span arrives with
//! that of the second: a sink answers for each span, and what it returns is offered again.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight::{
    Telemetry,
    export::{Delivery, DeliveryFuture, SpanSink, encode_json},
};
use opentelemetry_sdk::{Resource, trace::SpanData};
use serde_json::Value;
use tokio::{io::AsyncWriteExt, net::TcpStream, sync::Mutex};

#[derive(Debug)]
struct AgentSink {
    address: String,
    resource: Resource,
    connection: Mutex<Option<TcpStream>>,
}

impl AgentSink {
    async fn send(&self, line: &str) -> std::io::Result<()> {
        let mut connection = self.connection.lock().await;
        // Not put back unless all of the line went through it.
        let mut stream = match connection.take() {
            Some(stream) => stream,
            None => TcpStream::connect(&self.address).await?,
        };
        stream.write_all(line.as_bytes()).await?;
        *connection = Some(stream);
        Ok(())
    }
}

impl SpanSink for AgentSink {
    fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
        Box::pin(async move {
            let line = encode_json(&self.resource, &batch) + "\n";
            match self.send(&line).await {
                Ok(()) => Delivery::all(batch.len()),
                // They are offered again after the next invocation.
                Err(_) => Delivery::returned(batch).with_unreachable(),
            }
        })
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.clone();
    }

    /// Called before a snapshot, which no connection survives.
    fn disconnect(&self) {
        if let Ok(mut connection) = self.connection.try_lock() {
            connection.take();
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let sink = AgentSink {
        address: std::env::var("AGENT_ADDRESS")?,
        resource: Resource::builder_empty().build(),
        connection: Mutex::default(),
    };
    let telemetry = Telemetry::builder().with_sink(sink).init();
    telemetry.run(service_fn(echo)).await
}

async fn echo(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(event.payload)
}
