//! Export of spans as lines of OTLP/JSON on standard output.

use std::{
    future::{Future, ready},
    io::{Write, stdout},
};

use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    trace::{SpanData, SpanExporter},
};

use crate::otlp_json::encode_json;

/// A span exporter that prints each batch as one line of OTLP/JSON to standard output.
///
/// Selected with `OTEL_TRACES_EXPORTER=console`. A line can be fed to any OTLP/JSON reader, such as
/// the OpenTelemetry Collector's `otlpjsonfile` receiver.
#[derive(Debug)]
pub struct ConsoleExporter {
    resource: Resource,
}

impl Default for ConsoleExporter {
    fn default() -> Self {
        Self {
            resource: Resource::builder_empty().build(),
        }
    }
}

impl SpanExporter for ConsoleExporter {
    fn export(&self, batch: Vec<SpanData>) -> impl Future<Output = OTelSdkResult> + Send {
        let mut line = encode_json(&self.resource, &batch);
        line.push('\n');
        // The whole line in one write, so that lines of other threads do not interleave.
        let written = stdout().lock().write_all(line.as_bytes());
        ready(written.map_err(|error| OTelSdkError::InternalFailure(error.to_string())))
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.clone();
    }
}
