//! Calls and durations.

use lamplight_otlp::trace::visit;
use lamplight_relay::{
    metrics::{Settings, SpanMeter},
    record::{ShardId, StreamTime},
};
use opentelemetry_proto::tonic::{common::v1::any_value::Value, trace::v1::Status};
use proptest::prelude::*;

use super::common::*;

fn meter() -> SpanMeter {
    SpanMeter::new(Settings::default())
}

fn with(change: impl FnOnce(&mut Settings)) -> SpanMeter {
    let mut settings = Settings::default();
    change(&mut settings);
    SpanMeter::new(settings)
}

#[test]
fn calls_and_durations_are_named_as_the_collectors_connector_names_them() {
    let mut failed = span("GET /orders", 250_000_000);
    failed.status = Some(Status {
        code: 2,
        ..Status::default()
    });
    let spans = vec![span("GET /orders", 125_000_000), failed.clone(), failed];
    let all = measured(&mut meter(), &[service("shop", spans)]);

    let calls = of(&all, "traces.span.metrics.calls");
    let counted: Vec<_> = calls
        .iter()
        .map(|it| (it.attributes["status.code"].as_str(), it.sum()))
        .collect();
    assert_eq!(
        counted,
        [("STATUS_CODE_ERROR", 2), ("STATUS_CODE_UNSET", 1)]
    );
    let attributes = &calls[0].attributes;
    assert_eq!(attributes.len(), 4);
    assert_eq!(attributes["service.name"], "shop");
    assert_eq!(attributes["span.name"], "GET /orders");
    assert_eq!(attributes["span.kind"], "SPAN_KIND_SERVER");
    assert_eq!(calls[0].resource["service.name"], "shop");

    let durations = of(&all, "traces.span.metrics.duration");
    assert_eq!(durations.len(), 2);
    assert_eq!(durations[0].metric.unit, "s");
    let Point::Exponential(point) = &durations[0].point else {
        panic!("{durations:?}");
    };
    assert_eq!(point.count, 2);
    assert_eq!(
        (point.sum, point.min, point.max),
        (Some(0.5), Some(0.25), Some(0.25))
    );
    // The bucket of 0.25, at the finest scale: it is the upper bound.
    let positive = point.positive.as_ref().unwrap();
    assert_eq!((point.scale, positive.offset), (20, -2 * (1 << 20) - 1));
    assert_eq!(positive.bucket_counts, [2]);
}

#[test]
fn kinds_and_states_have_the_names_of_the_protocol() {
    let kinds = [
        "UNSPECIFIED",
        "INTERNAL",
        "SERVER",
        "CLIENT",
        "PRODUCER",
        "CONSUMER",
    ];
    for (kind, name) in kinds.into_iter().chain(["UNSPECIFIED"]).enumerate() {
        let mut span = span("work", 1);
        span.kind = kind as i32;
        span.status = Some(Status {
            code: 1,
            ..Status::default()
        });
        let all = measured(&mut meter(), &[service("shop", vec![span])]);
        assert_eq!(all[0].attributes["span.kind"], format!("SPAN_KIND_{name}"));
        assert_eq!(all[0].attributes["status.code"], "STATUS_CODE_OK");
    }
}

#[test]
fn a_span_that_ends_before_it_starts_took_no_time() {
    let mut span = span("work", 0);
    span.end_time_unix_nano = 7;
    let all = measured(&mut meter(), &[service("shop", vec![span])]);
    let Point::Exponential(point) = &of(&all, "traces.span.metrics.duration")[0].point else {
        panic!("{all:?}");
    };
    assert_eq!(
        (point.count, point.zero_count, point.sum),
        (1, 1, Some(0.0))
    );
    assert_eq!(point.positive, None);
}

#[test]
fn all_environments_of_a_function_are_one_resource() {
    let environment = |instance: &str| {
        let attributes = vec![
            text("service.name", "shop"),
            text("faas.instance", instance),
            text("cloud.region", "eu-north-1"),
            text("faas.name", "ingress"),
            text("telemetry.sdk.name", "opentelemetry"),
        ];
        resource(attributes, vec![span("work", 1)])
    };
    let all = measured(&mut meter(), &[environment("a"), environment("b")]);
    let calls = of(&all, "traces.span.metrics.calls");
    assert_eq!((calls.len(), calls[0].sum()), (1, 2));
    let keys: Vec<_> = calls[0].resource.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "cloud.region",
            "faas.name",
            "lamplight.relay.shard",
            "service.instance.id",
            "service.name"
        ]
    );
}

#[test]
fn spans_without_a_service_are_measured_too() {
    let all = measured(&mut meter(), &[resource(vec![], vec![span("work", 1)])]);
    assert_eq!(all[0].resource["service.name"], "unknown_service");
    assert_eq!(all[0].attributes["service.name"], "unknown_service");
}

#[test]
fn chosen_attributes_of_spans_come_before_those_of_resources() {
    let mut meter = with(|it| {
        it.attributes = [
            "http.route",
            "http.response.status_code",
            "tenant",
            "service.name",
            "list",
        ]
        .map(str::to_owned)
        .to_vec();
    });
    let mut one = span("work", 1);
    one.attributes = vec![
        text("http.route", "/orders"),
        attribute("http.response.status_code", Value::IntValue(200)),
        text("tenant", "blue"),
        text("tenant", "the second one does not count"),
        text("service.name", "not twice"),
        attribute("list", Value::BytesValue(vec![1])),
    ];
    let two = span("work", 1);
    let resource_attributes = vec![text("service.name", "shop"), text("tenant", "red")];
    let all = measured(&mut meter, &[resource(resource_attributes, vec![one, two])]);
    let calls = of(&all, "traces.span.metrics.calls");
    assert_eq!(calls.len(), 2);
    let (one, two) = match calls[0].attributes.contains_key("http.route") {
        true => (&calls[0].attributes, &calls[1].attributes),
        false => (&calls[1].attributes, &calls[0].attributes),
    };
    assert_eq!(one["http.route"], "/orders");
    assert_eq!(one["http.response.status_code"], "200");
    assert_eq!(
        (one["tenant"].as_str(), one["service.name"].as_str()),
        ("blue", "shop")
    );
    assert_eq!((one.len(), two.len()), (7, 5));
    assert_eq!(two["tenant"], "red");
}

#[test]
fn what_there_is_no_room_for_is_one_series() {
    let mut meter = with(|it| it.max_series = 3);
    let spans = (0..10).map(|it| span(&format!("name {it}"), 1)).collect();
    let again = vec![span("name 1", 1), span("name 7", 1)];
    let all = measured(
        &mut meter,
        &[service("shop", spans), service("other", again)],
    );
    let calls = of(&all, "traces.span.metrics.calls");
    assert_eq!(calls.len(), 4);
    let rest: Vec<_> = calls
        .iter()
        .filter(|it| it.attributes.contains_key("otel.metric.overflow"))
        .collect();
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0].attributes["otel.metric.overflow"], "true");
    assert_eq!((rest[0].attributes.len(), rest[0].sum()), (1, 9));
    assert_eq!(rest[0].resource["service.name"], "unknown_service");
    assert_eq!(calls.iter().map(|it| it.sum()).sum::<i64>(), 12);
    assert_eq!(of(&all, "traces.span.metrics.duration").len(), 4);
}

#[test]
fn requests_are_split_by_bytes() {
    let spans: Vec<_> = (0..1000)
        .map(|it| span(&format!("name {it}"), it))
        .collect();
    let whole = {
        let mut meter = meter();
        measure(&mut meter, SHARD, MINUTE, &service("shop", spans.clone()));
        finish(&mut meter)
    };
    assert_eq!(whole[0].requests.len(), 1);
    let mut meter = with(|it| it.max_request_bytes = 100_000);
    measure(&mut meter, SHARD, MINUTE, &service("shop", spans));
    let split = finish(&mut meter);
    assert!(split[0].requests.len() > 2);
    assert!(split[0].requests.iter().all(|it| it.len() <= 100_000));
    assert_eq!(series(&split[0]), series(&whole[0]));
}

#[test]
fn spans_that_heads_sampled_stand_for_those_that_they_did_not_keep() {
    let sampled = |nanos: u64| {
        let mut span = span("work", nanos);
        span.trace_id = vec![0xff; 16];
        span.trace_state = "ot=th:e666".to_owned();
        span
    };
    let mut spans: Vec<_> = (0..100).map(|_| sampled(1_000_000_000)).collect();
    spans.extend((0..7).map(|_| span("work", 1_000_000_000)));
    let all = measured(&mut meter(), &[service("shop", spans.clone())]);
    let counted = of(&all, "traces.span.metrics.calls")[0].sum();
    // 100 times 9.99939, and 7.
    assert_eq!(counted, 1007);
    let Point::Exponential(point) = &of(&all, "traces.span.metrics.duration")[0].point else {
        panic!("{all:?}");
    };
    assert_eq!((point.count, point.sum), (1007, Some(1007.0)));
    let all = measured(
        &mut with(|it| it.extrapolate = false),
        &[service("shop", spans)],
    );
    assert_eq!(of(&all, "traces.span.metrics.calls")[0].sum(), 107);
}

#[test]
fn long_names_are_cut() {
    let name = "ä".repeat(1000);
    let all = measured(&mut meter(), &[service(&name, vec![span(&name, 1)])]);
    assert_eq!(all[0].attributes["span.name"], "ä".repeat(128));
    assert_eq!(all[0].resource["service.name"], "ä".repeat(128));
}

#[test]
fn a_span_of_a_known_series_is_measured_without_an_allocation() {
    let mut meter = with(|it| it.attributes = vec!["tenant".to_owned()]);
    let spans = |name: &str| {
        let more = vec![text("tenant", "blue"), text("error.type", "timeout")];
        vec![span(name, 1_000_000), invocation(2_000_000, more)]
    };
    let requests = [service("shop", spans("a")), service("other", spans("b"))];
    let shard = ShardId::new(SHARD);
    let mut measure_all = || {
        for request in &requests {
            let at = StreamTime::from_millis(MINUTE);
            visit(request, |place, span| {
                meter.measure(&shard, at, place, span);
            })
            .unwrap();
        }
    };
    measure_all();
    let allocations = allocation_counter::measure(|| {
        for _ in 0..10 {
            measure_all();
        }
    });
    assert_eq!(allocations.count_total, 0);
    assert_eq!(finish(&mut meter)[0].spans, 44);
}

proptest! {
    /// For any order of spans, the counts are correct, and the bytes depend only on the content.
    #[test]
    fn order_within_a_window_changes_no_byte(
        spans in proptest::collection::vec((0..5_u8, 0..4_u8, 0..3, any::<u32>()), 1..80),
        seed in any::<u64>(),
    ) {
        let requests: Vec<_> = spans
            .iter()
            .map(|(name, kind, status, nanos)| {
                let mut span = span(&format!("name {name}"), u64::from(*nanos));
                span.kind = i32::from(*kind);
                span.status = Some(Status { code: *status, ..Status::default() });
                service(&format!("service {}", name % 2), vec![span])
            })
            .collect();
        let mut shuffled = requests.clone();
        shuffled.sort_by_key(|it| it.iter().fold(seed, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
        }));
        let bytes = |requests: &[Vec<u8>]| {
            let mut meter = meter();
            for request in requests {
                measure(&mut meter, SHARD, MINUTE, request);
            }
            finish(&mut meter)
        };
        prop_assert_eq!(&bytes(&requests), &bytes(&shuffled));
        let all = series(&bytes(&requests)[0]);
        let sum: i64 = of(&all, "traces.span.metrics.calls").iter().map(|it| it.sum()).sum();
        prop_assert_eq!(sum as usize, spans.len());
    }

    /// A backend that computes the bounds finds every value within its bucket.
    #[test]
    fn durations_are_within_their_buckets(nanos in proptest::collection::vec(1..u64::MAX >> 4, 1..40)) {
        let spans = nanos.iter().map(|it| span("work", *it)).collect();
        let all = measured(&mut meter(), &[service("shop", spans)]);
        let Point::Exponential(point) = &of(&all, "traces.span.metrics.duration")[0].point else {
            panic!("{all:?}");
        };
        let positive = point.positive.as_ref().unwrap();
        prop_assert!(positive.bucket_counts.len() <= 160);
        let base = 2_f64.powf(2_f64.powi(-point.scale));
        let mut left = positive.bucket_counts.clone();
        for nanos in nanos {
            let value = nanos as f64 / 1e9;
            let place = (0..left.len()).find(|place| {
                let index = positive.offset + *place as i32;
                let low = base.powi(index) * (1.0 - 1e-9);
                let high = base.powi(index + 1) * (1.0 + 1e-9);
                left[*place] != 0 && low < value && value <= high
            });
            prop_assert!(place.is_some(), "{value} in {point:?}");
            left[place.unwrap()] -= 1;
        }
    }
}
