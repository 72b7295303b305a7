//! The queue's counts, as a metrics SDK sees them.

use std::{
    collections::BTreeMap,
    future::Future as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use lamplight_export::{Delivery, DeliveryFuture, ExporterSink, SpanQueue, SpanSink};
use opentelemetry::{
    metrics::MeterProvider,
    trace::{Tracer, TracerProvider},
};
use opentelemetry_sdk::{
    metrics::{
        InMemoryMetricExporter, SdkMeterProvider,
        data::{AggregatedMetrics, MetricData},
    },
    trace::{InMemorySpanExporter, SdkTracerProvider, SpanData},
};

/// The values of all metrics, by name and `error.type`; each with its unit.
fn collect(
    provider: &SdkMeterProvider,
    exporter: &InMemoryMetricExporter,
) -> BTreeMap<String, (i128, String)> {
    exporter.reset();
    provider.force_flush().unwrap();
    let mut values = BTreeMap::new();
    for resource in exporter.get_finished_metrics().unwrap() {
        for metric in resource.scope_metrics().flat_map(|scope| scope.metrics()) {
            let mut put = |attributes: Vec<&opentelemetry::KeyValue>, value: i128| {
                let text = |key: &str| {
                    let found = attributes.iter().find(|kv| kv.key.as_str() == key);
                    found.map(|kv| kv.value.to_string())
                };
                let kind = text("otel.component.type").unwrap();
                let name = text("otel.component.name").unwrap();
                let number = name.strip_prefix(&format!("{kind}/")).unwrap();
                assert!(number.parse::<usize>().is_ok(), "{name}");
                let error = text("error.type").map_or(String::new(), |error| format!(" {error}"));
                let old = values.insert(
                    format!("{}{error}", metric.name()),
                    (value, metric.unit().to_owned()),
                );
                assert_eq!(old, None, "{} twice", metric.name());
            };
            match metric.data() {
                AggregatedMetrics::U64(MetricData::Sum(sum)) => {
                    assert!(sum.is_monotonic());
                    for point in sum.data_points() {
                        put(point.attributes().collect(), point.value().into());
                    }
                }
                AggregatedMetrics::I64(MetricData::Sum(sum)) => {
                    assert!(!sum.is_monotonic());
                    for point in sum.data_points() {
                        put(point.attributes().collect(), point.value().into());
                    }
                }
                other => panic!("{}: {other:?}", metric.name()),
            }
        }
    }
    values
}

/// Settles the first span of a batch, gives up the second and hands back the rest.
#[derive(Debug, Default)]
struct Picky(AtomicUsize);

impl SpanSink for Picky {
    fn deliver(self: Arc<Self>, mut batch: Vec<SpanData>) -> DeliveryFuture {
        self.0.fetch_add(1, Ordering::Relaxed);
        let returned = batch.split_off(2);
        Box::pin(async move {
            let mut delivery = Delivery::returned(returned);
            (delivery.delivered, delivery.failed) = (1, 1);
            delivery
        })
    }
}

#[tokio::test]
async fn every_span_is_in_the_metrics_once() {
    let exporter = InMemoryMetricExporter::default();
    let meters = SdkMeterProvider::builder()
        .with_periodic_exporter(exporter.clone())
        .build();
    let queue = SpanQueue::builder(Picky::default())
        .with_max_spans(5)
        .with_meter(&meters.meter("test"))
        .build();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(queue.clone())
        .build();
    let tracer = provider.tracer("test");
    for _ in 0..8 {
        tracer.in_span("work", |_| ());
    }
    queue.flush().await;
    provider.shutdown().unwrap_err();
    // A span that began before the shutdown and ends after it is hard to come by: the processor is
    // asked as the SDK would ask it.
    let late = {
        let spans = InMemorySpanExporter::default();
        let other = SpanQueue::new(ExporterSink::new(spans.clone()));
        let provider = SdkTracerProvider::builder()
            .with_span_processor(other.clone())
            .build();
        provider.tracer("test").in_span("late", |_| ());
        other.flush().await;
        spans.get_finished_spans().unwrap().remove(0)
    };
    opentelemetry_sdk::trace::SpanProcessor::on_end(&queue, late);

    let snapshot = queue.snapshot();
    let (delivered, failed) = (snapshot.delivered, snapshot.failed);
    assert_eq!((delivered, failed, snapshot.dropped()), (1, 1, 4));
    let values = collect(&meters, &exporter);
    let expected = [
        ("otel.sdk.exporter.span.exported", 1),
        ("otel.sdk.exporter.span.exported rejected", 1),
        ("otel.sdk.exporter.span.inflight", 0),
        ("otel.sdk.processor.span.processed", 5),
        ("otel.sdk.processor.span.processed already_shutdown", 1),
        ("otel.sdk.processor.span.processed queue_full", 3),
        ("otel.sdk.processor.span.queue.capacity", 5),
        ("otel.sdk.processor.span.queue.size", 3),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), (value, "{span}".to_owned())));
    assert_eq!(values, BTreeMap::from(expected));
}

/// SDK metrics, `otel.sdk.processor.span.processed`: a span is counted "at the point the processor
/// invokes the export operation", the count is not delayed "until the export operation concludes", and
/// its outcome does not matter. So a span that is handed back is not counted again.
#[tokio::test]
async fn a_span_is_processed_when_it_is_handed_over() {
    #[derive(Debug, Default)]
    struct HandsBack;
    impl SpanSink for HandsBack {
        fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
            Box::pin(async move {
                tokio::task::yield_now().await;
                Delivery::returned(batch)
            })
        }
    }
    let exporter = InMemoryMetricExporter::default();
    let meters = SdkMeterProvider::builder()
        .with_periodic_exporter(exporter.clone())
        .build();
    let queue = SpanQueue::builder(HandsBack)
        .with_meter(&meters.meter("test"))
        .build();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(queue.clone())
        .build();
    let processed = || collect(&meters, &exporter)["otel.sdk.processor.span.processed"].0;
    provider.tracer("test").in_span("one", |_| ());
    assert_eq!(processed(), 0);
    let flush = queue.flush();
    let mut flush = std::pin::pin!(flush);
    let waker = std::task::Waker::noop();
    let polled = flush
        .as_mut()
        .poll(&mut std::task::Context::from_waker(waker));
    assert!(polled.is_pending());
    assert_eq!(processed(), 1, "under way");
    flush.await;
    assert_eq!(processed(), 1, "handed back");
    provider.tracer("test").in_span("two", |_| ());
    queue.flush().await;
    assert_eq!(processed(), 2, "only one was new");
}

#[test]
fn a_meter_does_not_keep_a_queue_alive() {
    let exporter = InMemoryMetricExporter::default();
    let meters = SdkMeterProvider::builder()
        .with_periodic_exporter(exporter.clone())
        .build();
    let queue = SpanQueue::builder(Picky::default())
        .with_meter(&meters.meter("test"))
        .build();
    assert!(!collect(&meters, &exporter).is_empty());
    drop(queue);
    assert!(collect(&meters, &exporter).is_empty());
}
