//! The counts of a queue as OpenTelemetry metrics.

use crate::queue::{Inner, SpanQueue};
use lamplight_semconv::error::ErrorType;
use lamplight_semconv::metrics::otel::sdk::exporter::span::{exported, inflight};
use lamplight_semconv::metrics::otel::sdk::processor::span::{processed, queue};
use lamplight_semconv::otel::component::{self, OtelComponentType};
use lamplight_semconv::{error, otel};
use opentelemetry::KeyValue;
use opentelemetry::metrics::Meter;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

/// Everything there is to report, of one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counts {
    /// Handed to the sink, each once.
    pub(crate) passed: u64,
    pub(crate) delivered: u64,
    pub(crate) failed: u64,
    /// Dropped for want of room.
    pub(crate) no_room: u64,
    /// Dropped because they ended after the shutdown.
    pub(crate) late: u64,
    pub(crate) waiting: usize,
    pub(crate) in_flight: usize,
    pub(crate) capacity: usize,
}

impl SpanQueue {
    /// Reports the queue's counts by `meter`, under the names that the semantic conventions have for
    /// the SDK's own metrics:
    ///
    /// | metric | attribute | |
    /// |---|---|---|
    /// | `otel.sdk.processor.span.processed` | | spans handed to the exporter, each once, whatever it answers |
    /// | | `error.type=queue_full` | spans there was no room for |
    /// | | `error.type=already_shutdown` | spans that ended after the shutdown |
    /// | `otel.sdk.processor.span.queue.size` | | spans that wait |
    /// | `otel.sdk.processor.span.queue.capacity` | | spans that can wait |
    /// | `otel.sdk.exporter.span.exported` | | spans delivered |
    /// | | `error.type=rejected` | spans given up |
    /// | `otel.sdk.exporter.span.inflight` | | spans handed to the exporter, without an answer |
    ///
    /// They are read from the queue when metrics are collected; a span costs nothing more, and a
    /// meter of no provider nothing at all. The meter does not keep the queue alive.
    ///
    /// Specification: <https://opentelemetry.io/docs/specs/semconv/otel/sdk-metrics/>.
    pub fn with_meter(self, meter: &Meter) -> Self {
        static QUEUES: AtomicUsize = AtomicUsize::new(0);
        let number = QUEUES.fetch_add(1, Ordering::Relaxed);
        let exporter_type = self.component_type();
        let exporter = component(exporter_type, number);
        let processor = component("lamplight_export::SpanQueue", number);
        let source = Source(Arc::downgrade(&self.inner));

        let (counts, of) = (source.clone(), processor.clone());
        meter
            .u64_observable_counter(processed::NAME)
            .with_unit(processed::UNIT)
            .with_description(processed::DESCRIPTION)
            .with_callback(move |observer| {
                if let Some(counts) = counts.read() {
                    observer.observe(counts.passed, &of);
                    observer.observe(counts.no_room, &with_error(&of, ErrorType::QueueFull));
                    observer.observe(counts.late, &with_error(&of, ErrorType::AlreadyShutdown));
                }
            })
            .build();
        let (counts, of) = (source.clone(), exporter.clone());
        meter
            .u64_observable_counter(exported::NAME)
            .with_unit(exported::UNIT)
            .with_description(exported::DESCRIPTION)
            .with_callback(move |observer| {
                if let Some(counts) = counts.read() {
                    observer.observe(counts.delivered, &of);
                    observer.observe(counts.failed, &with_error(&of, ErrorType::Rejected));
                }
            })
            .build();
        let level = |name, unit, description, of: [KeyValue; 2], read: fn(Counts) -> usize| {
            let counts = source.clone();
            meter
                .i64_observable_up_down_counter(name)
                .with_unit(unit)
                .with_description(description)
                .with_callback(move |observer| {
                    if let Some(counts) = counts.read() {
                        observer.observe(i64::try_from(read(counts)).unwrap_or(i64::MAX), &of);
                    }
                })
                .build();
        };
        level(
            queue::size::NAME,
            queue::size::UNIT,
            queue::size::DESCRIPTION,
            processor.clone(),
            |counts| counts.waiting,
        );
        level(
            queue::capacity::NAME,
            queue::capacity::UNIT,
            queue::capacity::DESCRIPTION,
            processor,
            |counts| counts.capacity,
        );
        level(
            inflight::NAME,
            inflight::UNIT,
            inflight::DESCRIPTION,
            exporter,
            |counts| counts.in_flight,
        );
        self
    }
}

/// A queue, for as long as it is there.
#[derive(Clone)]
struct Source(Weak<Inner>);

impl Source {
    fn read(&self) -> Option<Counts> {
        let inner = self.0.upgrade()?;
        Some(SpanQueue { inner }.counts())
    }
}

fn component(kind: &'static str, number: usize) -> [KeyValue; 2] {
    [
        otel::component::r#type(OtelComponentType::from_value(kind)),
        component::name(format!("{kind}/{number}")),
    ]
}

fn with_error(component: &[KeyValue; 2], cause: ErrorType) -> [KeyValue; 3] {
    let [kind, name] = component.clone();
    [kind, name, error::r#type(cause)]
}
