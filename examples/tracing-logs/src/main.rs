//! Logs with the ids of their trace, and `#[instrument]` spans below the invocation's.
//!
//! ```sh
//! OTEL_TRACES_EXPORTER=console RUST_LOG=info,example_tracing_logs=debug cargo lambda watch
//! cargo lambda invoke example-tracing-logs --data-ascii '{"grams": 300, "country": "NO"}'
//! cargo lambda invoke example-tracing-logs --data-ascii '{"grams": 300, "country": "XX"}'
//! ```
//!
//! Each log line is a JSON object with `trace_id` and `span_id`: search for a trace id to find all lines of
//! a trace. The second invocation fails: the spans of the invocation and of `zone` are errors, and `zone`
//! has the exception.
//!
//! `RUST_LOG` decides which lines are logged, and has no influence on spans.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};
use tracing::{debug, info, instrument};

#[derive(Debug, Deserialize)]
struct Parcel {
    grams: u32,
    country: String,
}

#[derive(Debug, Serialize)]
struct Quote {
    cents: u32,
}

#[derive(Debug, thiserror::Error)]
#[error("parcels do not go to {country}")]
struct UnknownCountry {
    country: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let telemetry = lamplight::init();
    telemetry.init_tracing();
    telemetry.run(service_fn(quote)).await
}

async fn quote(event: LambdaEvent<Parcel>) -> Result<Quote, Error> {
    let cents = price(&event.payload).await?;
    info!(cents, "quoted");
    Ok(Quote { cents })
}

#[instrument]
async fn price(parcel: &Parcel) -> Result<u32, UnknownCountry> {
    let zone = zone(&parcel.country)?;
    debug!(zone, "zone found");
    Ok(400 * zone + parcel.grams / 2)
}

#[instrument(err)]
fn zone(country: &str) -> Result<u32, UnknownCountry> {
    match country {
        "DK" | "NO" | "SE" => Ok(1),
        "DE" | "FI" => Ok(2),
        _ => Err(UnknownCountry {
            country: country.to_owned(),
        }),
    }
}
