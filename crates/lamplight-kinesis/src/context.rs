//! The context of the exporter's own work.

use opentelemetry::Context;

/// Returns a context that suppresses tracing, because tracing the exporter would never end. It does not
/// include the current context, because a delivery may outlive that.
pub(crate) fn suppressed() -> Context {
    Context::new().with_telemetry_suppressed()
}
