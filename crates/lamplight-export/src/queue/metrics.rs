//! The counts of a queue as OpenTelemetry metrics.

use std::sync::{
    Arc, Weak,
    atomic::{AtomicUsize, Ordering},
};

use lamplight_semconv::{
    error::{self, ErrorType},
    metrics::otel::sdk::{
        exporter::span::{exported, inflight},
        processor::span::{processed, queue as span_queue},
    },
    otel::{
        self,
        component::{self, OtelComponentType},
    },
};
use opentelemetry::{
    KeyValue,
    metrics::{AsyncInstrument, Meter},
};

use super::{Inner, SpanQueue, snapshot::QueueSnapshot};

/// Registers instruments that observe `queue`, for as long as it exists. `exporter_type` is the
/// `otel.component.type` of its sink.
pub(super) fn observe(queue: &SpanQueue, meter: &Meter, exporter_type: &'static str) {
    static QUEUES: AtomicUsize = AtomicUsize::new(0);
    let number = QUEUES.fetch_add(1, Ordering::Relaxed);
    let instruments = Instruments {
        meter,
        source: Source(Arc::downgrade(&queue.inner)),
        processor: component("lamplight_export::SpanQueue", number),
        exporter: component(exporter_type, number),
    };
    instruments.register_counters();
    instruments.register_levels();
}

struct Instruments<'a> {
    meter: &'a Meter,
    source: Source,
    processor: Component,
    exporter: Component,
}

type Component = [KeyValue; 2];

impl Instruments<'_> {
    fn register_counters(&self) {
        let processor = self.processor.clone();
        self.meter
            .u64_observable_counter(processed::NAME)
            .with_unit(processed::UNIT)
            .with_description(processed::DESCRIPTION)
            .with_callback(self.observing(move |snapshot, observer| {
                let error = |cause| with_error(&processor, cause);
                observer.observe(snapshot.processed, &processor);
                observer.observe(snapshot.dropped_queue_full, &error(ErrorType::QueueFull));
                observer.observe(
                    snapshot.dropped_already_shutdown,
                    &error(ErrorType::AlreadyShutdown),
                );
            }))
            .build();
        let exporter = self.exporter.clone();
        self.meter
            .u64_observable_counter(exported::NAME)
            .with_unit(exported::UNIT)
            .with_description(exported::DESCRIPTION)
            .with_callback(self.observing(move |snapshot, observer| {
                let rejected = with_error(&exporter, ErrorType::Rejected);
                observer.observe(snapshot.delivered, &exporter);
                observer.observe(snapshot.failed, &rejected);
            }))
            .build();
    }

    fn register_levels(&self) {
        use span_queue::{capacity, size};

        let level = |name, unit, description, of: &Component, read: fn(QueueSnapshot) -> usize| {
            let of = of.clone();
            self.meter
                .i64_observable_up_down_counter(name)
                .with_unit(unit)
                .with_description(description)
                .with_callback(self.observing(move |snapshot, observer| {
                    observer.observe(i64::try_from(read(snapshot)).unwrap_or(i64::MAX), &of);
                }))
                .build();
        };
        level(
            size::NAME,
            size::UNIT,
            size::DESCRIPTION,
            &self.processor,
            |snapshot| snapshot.size,
        );
        level(
            capacity::NAME,
            capacity::UNIT,
            capacity::DESCRIPTION,
            &self.processor,
            |snapshot| snapshot.capacity,
        );
        level(
            inflight::NAME,
            inflight::UNIT,
            inflight::DESCRIPTION,
            &self.exporter,
            |snapshot| snapshot.in_flight,
        );
    }

    /// Returns a callback that runs `observe` with a snapshot, unless the queue is gone.
    fn observing<T>(
        &self,
        observe: impl Fn(QueueSnapshot, &dyn AsyncInstrument<T>) + Send + Sync + 'static,
    ) -> impl Fn(&dyn AsyncInstrument<T>) + Send + Sync + 'static {
        let source = self.source.clone();
        move |observer| {
            if let Some(snapshot) = source.read() {
                observe(snapshot, observer);
            }
        }
    }
}

/// A queue, for as long as it exists.
#[derive(Clone)]
struct Source(Weak<Inner>);

impl Source {
    fn read(&self) -> Option<QueueSnapshot> {
        let inner = self.0.upgrade()?;
        Some(SpanQueue { inner }.snapshot())
    }
}

fn component(kind: &'static str, number: usize) -> Component {
    [
        otel::component::r#type(OtelComponentType::from_value(kind)),
        component::name(format!("{kind}/{number}")),
    ]
}

fn with_error(component: &Component, cause: ErrorType) -> [KeyValue; 3] {
    let [kind, name] = component.clone();
    [kind, name, error::r#type(cause)]
}
