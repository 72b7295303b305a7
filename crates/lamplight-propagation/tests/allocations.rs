//! Extraction allocates for what it gives, and not for what it looks at.

// Tests fail by panicking.
#![allow(clippy::unwrap_used)]

#[path = "../benches/extract/events.rs"]
#[allow(dead_code)]
mod events;

use allocation_counter::measure;
use lamplight_propagation::inbound::{Extractor, Invocation};

fn allocations(event: &str) -> (u64, u64) {
    let extractor = Extractor::new();
    let info = measure(|| {
        std::hint::black_box(extractor.extract(&Invocation::new(event.as_bytes(), "function")));
    });
    (info.count_total, info.bytes_max)
}

#[test]
fn an_http_request_costs_its_attributes_and_its_parent() {
    // The vector of attributes, seven strings in it, the name and the context.
    let (count, _) = allocations(&events::api_gateway_v2(2 * events::KB));
    assert!(count <= 10, "{count} allocations");
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
