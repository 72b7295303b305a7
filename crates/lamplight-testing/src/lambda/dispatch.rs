//! A subscriber of `tracing` for one environment.

use lamplight::Telemetry;
use tracing::Dispatch;
use tracing_subscriber::{Registry, prelude::*};

/// Returns a subscriber that makes spans and events of `tracing` those of `telemetry`.
pub(crate) fn of(telemetry: &Telemetry) -> Dispatch {
    let layer = telemetry.instrumentation().tracing_layer();
    Dispatch::new(Registry::default().with(layer))
}
