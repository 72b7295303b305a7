//! A request that is refused as a whole, for one record, for its size, or for what it is.

use std::sync::Arc;

use lamplight_export::{Delivery, SpanSink};
use lamplight_kinesis::{KinesisExporter, PartitionKey};
use opentelemetry::trace::{Span, Tracer, TracerProvider};
use opentelemetry_sdk::trace::SpanData;

use crate::common::{
    config, end_spans, spans,
    stub::{Answer, Stub},
};

/// The key of a record is the name of its span.
fn exporter(stub: &Stub) -> Arc<KinesisExporter> {
    let exporter = KinesisExporter::builder("telemetry")
        .with_sdk_config(&config(&stub.url))
        .with_timeout(std::time::Duration::from_secs(20))
        .with_partition_key(PartitionKey::custom(|span| span.name.to_string()));
    Arc::new(exporter.build())
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("good{i:03}")).collect()
}

fn all(names: &[String]) -> Vec<SpanData> {
    spans(names.iter().map(String::as_str))
}

fn counts(delivery: &Delivery) -> (usize, usize, usize) {
    let returned = delivery.returned.len();
    (delivery.delivered, delivery.failed, returned)
}

#[tokio::test]
async fn one_bad_record_costs_itself_and_a_few_requests() {
    for bad in [0, 100, 199] {
        let stub = Stub::start(|_, keys| match keys.iter().any(|key| key == "bad") {
            true => Answer::error("ValidationException"),
            false => Answer::taken(keys.len()),
        });
        let mut names = names(200);
        names[bad] = "bad".to_owned();
        let delivery = exporter(&stub).deliver(all(&names)).await;
        assert_eq!(counts(&delivery), (199, 1, 0));
        let requests = stub.requests().len();
        assert!(requests <= 17, "{requests} requests for one of 200");
    }
}

/// A malformed name of a stream does that for ever.
#[tokio::test]
async fn a_request_that_is_wrong_by_itself_is_found_out_soon_and_its_spans_wait() {
    let stub = Stub::start(|_, _| Answer::error("ValidationException"));
    let delivery = exporter(&stub).deliver(all(&names(200))).await;
    assert_eq!(counts(&delivery), (0, 0, 200));
    assert!(delivery.unreachable);
    let requests = stub.requests().len();
    assert!(requests <= 12, "{requests} requests for 200 records");
}

#[tokio::test]
async fn a_bad_record_does_not_stand_in_front_of_others_for_good() {
    let stub = Stub::start(|_, keys| match keys[0].as_str() {
        "bad" => Answer::error("ValidationException"),
        _ => Answer::taken(keys.len()),
    });
    let exporter = exporter(&stub);
    // It may be the request, as long as nothing was ever taken.
    for _ in 0..3 {
        let delivery = exporter.clone().deliver(spans(["bad"])).await;
        assert_eq!(counts(&delivery), (0, 0, 1));
    }
    let delivery = exporter.clone().deliver(spans(["bad"])).await;
    assert_eq!(counts(&delivery), (0, 1, 0));
    // If the stream has accepted a record before, the record is at fault.
    exporter.clone().deliver(spans(["good"])).await;
    let delivery = exporter.clone().deliver(spans(["bad"])).await;
    assert_eq!(counts(&delivery), (0, 1, 0));
}

/// As when records are larger than the stream allows, but not than the exporter was told.
#[tokio::test]
async fn where_each_record_is_bad_a_few_are_given_up_in_each_flush() {
    let stub = Stub::start(|_, keys| match keys[0].starts_with("bad") {
        true => Answer::error("ValidationException"),
        false => Answer::taken(keys.len()),
    });
    let exporter = exporter(&stub);
    exporter.clone().deliver(spans(["good"])).await;
    let before = stub.requests().len();
    let bad: Vec<_> = (0..100).map(|i| format!("bad{i:02}")).collect();
    let delivery = exporter.deliver(all(&bad)).await;
    assert_eq!(counts(&delivery), (0, 3, 97));
    let requests = stub.requests().len() - before;
    assert!(requests <= 12, "{requests} requests for 100 records");
}

/// The response may come from a proxy, and its body may be unreadable.
#[tokio::test]
async fn what_is_too_large_for_somebody_on_the_way_is_halved_until_it_fits() {
    for body in ["", "<html>413</html>", r#"{"message":"large"}"#] {
        let stub = Stub::start(move |_, keys| match keys.len() {
            0..=10 => Answer::taken(keys.len()),
            _ => Answer::new("413 Payload Too Large", body),
        });
        let delivery = exporter(&stub).deliver(all(&names(100))).await;
        assert_eq!(counts(&delivery), (100, 0, 0), "{body:?}");
        let requests = stub.requests().len();
        assert!(requests <= 31, "{requests} requests for 100 records");
    }
}

#[tokio::test]
async fn a_single_record_that_is_too_large_is_given_up() {
    let stub = Stub::start(|_, _| Answer::new("413 Payload Too Large", ""));
    let delivery = exporter(&stub).deliver(spans(["large"])).await;
    assert_eq!(counts(&delivery), (0, 1, 0));
    assert_eq!(stub.requests().len(), 1);
}

/// A portal that answers yes to everything, or an answer that broke off: it may have been taken.
#[tokio::test]
async fn what_may_have_been_taken_is_not_offered_again_at_once() {
    let stub = Stub::start(|_, _| Answer::new("200 OK", "<html>welcome</html>"));
    let delivery = exporter(&stub).deliver(spans(["a", "b"])).await;
    assert_eq!(counts(&delivery), (0, 0, 2));
    assert!(delivery.unreachable);
    assert_eq!(stub.requests().len(), 1);
}

/// It is not known what became of a record without a result.
#[tokio::test]
async fn an_answer_that_leaves_out_a_record_leaves_its_span_waiting() {
    let stub = Stub::start(|_, keys| Answer::taken(keys.len() - 1));
    let delivery = exporter(&stub).deliver(all(&names(20))).await;
    assert_eq!(counts(&delivery), (19, 0, 1));
    assert_eq!(stub.requests().len(), 4, "as many as there are attempts");
}

/// Each request of a large batch would meet the same.
#[tokio::test]
async fn what_will_not_work_is_not_tried_with_the_rest_of_a_batch() {
    let stub = Stub::start(|_, _| Answer::error("ResourceNotFoundException"));
    let delivery = exporter(&stub).deliver(all(&names(900))).await;
    assert_eq!(counts(&delivery), (0, 0, 900));
    assert_eq!(stub.requests().len(), 1);
}

#[tokio::test]
async fn a_key_that_panics_costs_its_span_nothing_but_the_key() {
    let stub = Stub::good();
    let exporter = KinesisExporter::builder("telemetry")
        .with_sdk_config(&config(&stub.url))
        .with_partition_key(PartitionKey::custom(|span| match &*span.name {
            "bad" => panic!("no key"),
            name => name.to_owned(),
        }));
    let queue = lamplight_export::SpanQueue::new(exporter.build());
    let provider = crate::common::provider(&queue);
    for name in ["a", "bad", "b"] {
        provider.tracer("test").start(name).end();
        queue.flush().await;
    }
    end_spans(&provider, 1, 1);
    queue.flush().await;
    let stats = queue.snapshot();
    assert_eq!((stats.delivered, stats.failed), (4, 0));
    let keys: Vec<_> = stub.requests().into_iter().flatten().collect();
    assert_eq!((&*keys[0], keys[1].len(), &*keys[2]), ("a", 32, "b"));
}
