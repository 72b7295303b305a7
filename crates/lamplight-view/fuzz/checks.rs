//! Properties that must hold for any input. The fuzz targets call these functions, and so does
//! `tests/it/fuzz_smoke.rs`, which replays a corpus on the stable compiler.

use lamplight_view::{
    journey::Journeys,
    read::{Found, Lines, from_json},
    span::Decoded,
};

/// Any input results in requests or problems, and converted JSON is valid protobuf.
pub fn read(data: &[u8]) {
    let mut found = Found::default();
    found.add("input", data);
    assert!(!found.requests.is_empty() || !found.problems.is_empty());
    for request in &found.requests {
        let _ = Decoded::of(request);
    }
    if let Ok(request) = from_json(data) {
        assert_eq!(Decoded::of(&request).refused, 0);
    }
    let mut lines = Lines::default();
    for line in String::from_utf8_lossy(data).lines() {
        let _ = lines.line(line);
    }
}

/// Every span of a request is in the journey of its trace, or counted there as a copy.
pub fn spans(data: &[u8]) {
    let decoded = Decoded::of(data);
    let count = decoded.spans.len();
    let journeys = Journeys::new(decoded.spans);
    let shown = journeys.traces().into_iter().flat_map(|trace| {
        let nodes = journeys.journey(trace).nodes;
        nodes
            .into_iter()
            .filter_map(|node| Some(node.span()?.times as usize))
    });
    assert_eq!(shown.sum::<usize>(), count);
}
