//! Extraction allocates for what it gives, and not for what it looks at.

// Tests fail by panicking.
#![allow(clippy::unwrap_used)]

#[path = "../benches/extract/events.rs"]
#[allow(dead_code)]
mod events;

use allocation_counter::measure;
use lamplight_propagation::inbound::{EventExtractor, MAX_LINKS, RawInvocation};

fn allocations(event: &str) -> (u64, u64) {
    let extractor = EventExtractor::new();
    let info = measure(|| {
        std::hint::black_box(extractor.extract(&RawInvocation::new(event.as_bytes(), "function")));
    });
    (info.count_total, info.bytes_max)
}

#[test]
fn an_http_request_costs_its_attributes_and_its_parent() {
    // The vector of attributes, six strings in it, the name and the parent.
    let (count, _) = allocations(&events::api_gateway_v2(2 * events::KB));
    assert!(count <= 9, "{count} allocations");
}

#[test]
fn a_message_costs_its_attributes_and_its_parent() {
    // The vector of attributes, queue and id in it, the name and the parent.
    for event in [
        events::sqs(2 * events::KB, 1),
        events::sns_in_sqs(2 * events::KB),
    ] {
        let (count, _) = allocations(&event);
        assert!(count <= 6, "{count} allocations");
    }
    let (count, _) = allocations(&events::eventbridge(2 * events::KB));
    assert!(count <= 4, "{count} allocations");
}

#[test]
fn records_beyond_the_limit_of_links_cost_nothing() {
    let of = |records| allocations(&events::sqs(256 * events::KB, records)).0;
    let full = MAX_LINKS + 1;
    // The id of a message and the attributes it is in; growing the list of links takes a few.
    assert!(of(full) <= 2 * MAX_LINKS as u64 + 16, "{}", of(full));
    assert_eq!(of(full), of(full + 500));
}

#[test]
fn the_payload_is_not_copied() {
    let small = [
        events::api_gateway_v2(2 * events::KB),
        events::sqs(2 * events::KB, 1),
        events::sns_in_sqs(2 * events::KB),
        events::eventbridge(2 * events::KB),
        events::eventbridge_without(2 * events::KB),
    ];
    let large = [
        events::api_gateway_v2(256 * events::KB),
        events::sqs(256 * events::KB, 1),
        events::sns_in_sqs(256 * events::KB),
        events::eventbridge(256 * events::KB),
        events::eventbridge_without(256 * events::KB),
    ];
    for (small, large) in small.iter().zip(&large) {
        assert!(large.len() > 50 * small.len());
        assert_eq!(allocations(small), allocations(large));
    }
}

#[test]
fn a_polled_message_without_context_costs_nothing() {
    let extractor = EventExtractor::new();
    let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0";
    for body in [
        events::sqs(256 * events::KB, 1).replace("traceparent", "other"),
        "x".repeat(256 * events::KB),
        format!("{{{}", "\"a\":{".repeat(20_000)),
    ] {
        let info = measure(|| {
            std::hint::black_box(extractor.message(|_| None, &body, None));
        });
        assert_eq!(info.count_total, 0, "{}", info.bytes_total);
    }
    // The header is read, which is bounded by its own length.
    let info = measure(|| {
        std::hint::black_box(extractor.message(|_| None, "{}", Some(header)));
    });
    assert!(info.bytes_total < 1024, "{}", info.bytes_total);
}
