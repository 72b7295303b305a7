//! FaaS metrics according to the conventions, derived from invocations.

use lamplight_relay::metrics::{Settings, SpanMeter};
use opentelemetry_proto::tonic::{common::v1::any_value::Value, trace::v1::Status};

use super::common::*;

fn meter() -> SpanMeter {
    SpanMeter::new(Settings::default())
}

fn failed(
    mut span: opentelemetry_proto::tonic::trace::v1::Span,
) -> opentelemetry_proto::tonic::trace::v1::Span {
    span.status = Some(Status {
        code: 2,
        ..Status::default()
    });
    span
}

#[test]
fn invocations_errors_timeouts_and_cold_starts_are_counted() {
    let cold = vec![
        attribute("faas.coldstart", Value::BoolValue(true)),
        attribute("lamplight.init.duration_ms", Value::DoubleValue(180.25)),
    ];
    let warm = vec![attribute("faas.coldstart", Value::BoolValue(false))];
    let spans = vec![
        invocation(20_000_000, cold),
        invocation(5_000_000, warm.clone()),
        invocation(1_000_000, warm),
        failed(invocation(3_000_000, vec![])),
        failed(invocation(
            29_900_000_000,
            vec![text("error.type", "timeout")],
        )),
    ];
    let all = measured(&mut meter(), &[service("shop", spans)]);
    for (metric, unit, count) in [
        ("faas.invocations", "{invocation}", 3),
        ("faas.errors", "{error}", 2),
        ("faas.timeouts", "{timeout}", 1),
        ("faas.coldstarts", "{coldstart}", 1),
    ] {
        let found = of(&all, metric);
        assert_eq!((found.len(), found[0].sum()), (1, count), "{metric}");
        assert_eq!(found[0].metric.unit, unit);
        assert_eq!(found[0].attributes.len(), 1);
        assert_eq!(found[0].attributes["faas.trigger"], "http");
    }
    let bounds = [
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
    ];
    let invoke = of(&all, "faas.invoke_duration");
    let Point::Explicit(point) = &invoke[0].point else {
        panic!("{invoke:?}");
    };
    assert_eq!((invoke[0].metric.unit.as_str(), point.count), ("s", 5));
    assert_eq!(point.explicit_bounds, bounds);
    assert_eq!(
        point.bucket_counts,
        [3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    );
    assert_eq!((point.min, point.max), (Some(0.001), Some(29.9)));
    let init = of(&all, "faas.init_duration");
    let Point::Explicit(point) = &init[0].point else {
        panic!("{init:?}");
    };
    assert_eq!((point.count, point.sum), (1, Some(0.180_25)));
    assert_eq!(point.explicit_bounds, bounds);
}

#[test]
fn invocations_that_heads_sampled_stand_for_the_others() {
    let sampled = |mut span: opentelemetry_proto::tonic::trace::v1::Span| {
        span.trace_id = vec![0xff; 16];
        span.trace_state = "ot=th:c".to_owned();
        span
    };
    let spans = vec![
        sampled(invocation(1, vec![])),
        sampled(failed(invocation(1, vec![]))),
        failed(invocation(1, vec![])),
    ];
    let all = measured(&mut meter(), &[service("shop", spans)]);
    assert_eq!(of(&all, "faas.invocations")[0].sum(), 4);
    assert_eq!(of(&all, "faas.errors")[0].sum(), 5);
    let Point::Explicit(point) = &of(&all, "faas.invoke_duration")[0].point else {
        panic!("{all:?}");
    };
    assert_eq!(point.count, 9);
}

#[test]
fn what_did_not_happen_has_no_point() {
    let all = measured(
        &mut meter(),
        &[service("shop", vec![invocation(1, vec![])])],
    );
    let mut names: Vec<_> = all.iter().map(|it| it.metric.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "faas.invocations",
            "faas.invoke_duration",
            "traces.span.metrics.calls",
            "traces.span.metrics.duration"
        ]
    );
}

#[test]
fn only_invocations_are_invocations() {
    // The span of one record of a batch has a trigger, but no invocation id of its own.
    let mut record = span("process orders", 1);
    record.kind = 5;
    record.attributes = vec![text("faas.trigger", "pubsub")];
    // The caller of a function has at most its id.
    let mut call = invocation(1, vec![]);
    call.kind = 3;
    let all = measured(
        &mut meter(),
        &[service("shop", vec![record, call, span("GET /", 1)])],
    );
    assert!(
        all.iter().all(|it| !it.metric.name.starts_with("faas.")),
        "{all:?}"
    );
}

#[test]
fn an_invocation_of_another_distribution_may_have_no_trigger() {
    let mut other = span("function", 1);
    other.attributes = vec![text("faas.execution", "af9d5aa4")];
    let all = measured(&mut meter(), &[service("shop", vec![other])]);
    let found = of(&all, "faas.invocations");
    assert_eq!((found.len(), found[0].attributes.len()), (1, 0));
}

#[test]
fn each_can_be_off() {
    let spans = || service("shop", vec![invocation(1, vec![])]);
    let mut settings = Settings::default();
    settings.invocations = false;
    let all = measured(&mut SpanMeter::new(settings), &[spans()]);
    assert!(all.iter().all(|it| it.metric.name.starts_with("traces.")) && all.len() == 2);
    let mut settings = Settings::default();
    settings.spans = false;
    let all = measured(&mut SpanMeter::new(settings), &[spans()]);
    assert!(all.iter().all(|it| it.metric.name.starts_with("faas.")) && all.len() == 2);
}
