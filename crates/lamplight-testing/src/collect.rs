//! An exporter that keeps what it is given, until it is taken.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};

/// Spans kept at a time: those of an environment that is never asked for them.
const MAX_SPANS: usize = 100_000;

/// The spans of an environment that nobody has taken yet. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Collector(Arc<Mutex<Collected>>);

#[derive(Debug, Default)]
struct Collected {
    spans: Vec<SpanData>,
    resource: Option<Arc<Resource>>,
}

impl Collector {
    fn lock(&self) -> MutexGuard<'_, Collected> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the spans that have come since the last call.
    pub(crate) fn take(&self) -> Vec<SpanData> {
        std::mem::take(&mut self.lock().spans)
    }

    /// Returns the resource of the spans.
    pub(crate) fn resource(&self) -> Arc<Resource> {
        let known = self.lock().resource.clone();
        known.unwrap_or_else(|| Arc::new(Resource::builder_empty().build()))
    }
}

impl SpanExporter for Collector {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let mut collected = self.lock();
        let room = MAX_SPANS.saturating_sub(collected.spans.len());
        collected.spans.extend(batch.into_iter().take(room));
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.lock().resource = Some(Arc::new(resource.clone()));
    }
}
