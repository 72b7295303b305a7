//! Arbitrary bytes.

use lamplight_otlp::trace::visit;
use lamplight_relay::{
    metrics::{Settings, SpanMeter},
    record::{ShardId, StreamTime},
};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use proptest::prelude::*;
use prost::Message;

use super::common::*;

fn meter() -> SpanMeter {
    let mut settings = Settings::default();
    settings.attributes = vec!["tenant".to_owned(), "http.route".to_owned()];
    settings.max_series = 20;
    SpanMeter::new(settings)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Whatever the input, a receiver accepts the output.
    #[test]
    fn what_is_measured_of_any_bytes_is_sound(
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..12),
        copies in 1..5_usize,
    ) {
        let mut meter = meter();
        let shard = ShardId::new(SHARD);
        for copy in 0..copies {
            let attributes = vec![text("service.name", "shop"), text("tenant", "red")];
            let more = vec![text("http.route", "/a"), text("error.type", "timeout")];
            let spans = vec![invocation(copy as u64, more), span("work", 7)];
            let mut data = resource(attributes, spans);
            for (place, byte) in &changes {
                let place = place.index(data.len());
                data[place] = byte.wrapping_add(copy as u8);
            }
            let at = StreamTime::from_millis(MINUTE);
            let _ = visit(&data, |place, span| meter.measure(&shard, at, place, span));
        }
        for window in finish(&mut meter) {
            for request in window.requests {
                prop_assert!(ExportMetricsServiceRequest::decode(request).is_ok());
            }
        }
    }
}
