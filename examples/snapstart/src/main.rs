//! A function with SnapStart: Lambda starts many environments from one snapshot of the process.
//!
//! ```sh
//! OTEL_TRACES_EXPORTER=console cargo lambda watch
//! cargo lambda invoke example-snapstart --data-ascii '{"article": "lamp"}'
//! ```
//!
//! Telemetry needs no code for it: spans are delivered before the snapshot, connections are opened anew
//! after it, the first invocation is a cold start again, and no two environments make the same trace
//! ids. Register resources of your own with the runtime that `wrap` returns.
//!
//! On AWS: `SnapStart: {ApplyOn: PublishedVersions}`.

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};

use lambda_runtime::{BoxFuture, Error, LambdaEvent, SnapStartResource, service_fn};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Order numbers that are unique across environments.
struct Numbers {
    environment: RwLock<Uuid>,
    last: AtomicU64,
}

impl Numbers {
    fn new() -> Self {
        Self {
            environment: RwLock::new(Uuid::new_v4()),
            last: AtomicU64::new(0),
        }
    }

    fn next(&self) -> String {
        let environment = self.environment.read();
        let environment = environment.unwrap_or_else(PoisonError::into_inner);
        let number = self.last.fetch_add(1, Ordering::Relaxed);
        format!("{environment}-{number}")
    }
}

impl SnapStartResource for Numbers {
    fn after_restore(&self) -> BoxFuture<'_, Result<(), Error>> {
        let environment = self.environment.write();
        *environment.unwrap_or_else(PoisonError::into_inner) = Uuid::new_v4();
        Box::pin(async { Ok(()) })
    }
}

#[derive(Deserialize)]
struct Order {
    article: String,
}

#[derive(Serialize)]
struct Placed {
    number: String,
    article: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let numbers = Arc::new(Numbers::new());
    let handler = service_fn(|event| place(&numbers, event));
    let runtime = lamplight::init().wrap(handler);
    runtime
        .register_snapstart_resource(numbers.clone())
        .run()
        .await
}

async fn place(numbers: &Numbers, event: LambdaEvent<Order>) -> Result<Placed, Error> {
    Ok(Placed {
        number: numbers.next(),
        article: event.payload.article,
    })
}

#[cfg(test)]
mod tests;
