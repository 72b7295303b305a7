//! Windows of stream time.

use std::time::Duration;

use lamplight_relay::{
    metrics::{MetricsWindow, Settings, SpanMeter},
    record::{ShardId, StreamTime},
};
use proptest::prelude::*;

use super::common::*;

fn meter() -> SpanMeter {
    SpanMeter::new(Settings::default())
}

fn shard(name: &str) -> ShardId {
    ShardId::new(name)
}

fn take(meter: &mut SpanMeter, until: u64) -> Vec<MetricsWindow> {
    meter.take(&shard(SHARD), StreamTime::from_millis(until))
}

fn work() -> Vec<u8> {
    service("shop", vec![span("work", 1)])
}

fn times(windows: &[MetricsWindow]) -> Vec<(u64, u64, u64)> {
    let times = |it: &MetricsWindow| (it.start.as_millis(), it.end.as_millis(), it.spans);
    windows.iter().map(times).collect()
}

#[test]
fn windows_begin_at_whole_minutes_of_the_stream() {
    let mut meter = meter();
    for at in [
        MINUTE + 1,
        MINUTE + 59_999,
        MINUTE + 60_000,
        MINUTE + 200_000,
    ] {
        measure(&mut meter, SHARD, at, &work());
    }
    let windows = take(&mut meter, MINUTE + 200_000);
    let expected = [
        (MINUTE, MINUTE + 60_000, 2),
        (MINUTE + 60_000, MINUTE + 120_000, 1),
    ];
    assert_eq!(times(&windows), expected);
    for window in &windows {
        assert_eq!(of(&series(window), "traces.span.metrics.calls").len(), 1);
    }
}

#[test]
fn a_window_is_over_when_the_time_of_its_shard_says_so() {
    let mut meter = meter();
    measure(&mut meter, SHARD, MINUTE, &work());
    assert!(take(&mut meter, MINUTE + 59_999).is_empty());
    assert_eq!(take(&mut meter, MINUTE + 60_000).len(), 1);
    assert!(
        take(&mut meter, MINUTE + 120_000).is_empty(),
        "it is taken once"
    );
}

#[test]
fn time_goes_on_where_there_are_no_spans() {
    let mut meter = meter();
    let taken = |meter: &SpanMeter, until| {
        let until = StreamTime::from_millis(until);
        meter.taken(&shard(SHARD), until).as_millis()
    };
    assert_eq!(taken(&meter, MINUTE + 90_000), MINUTE + 60_000);
    measure(&mut meter, SHARD, MINUTE + 90_000, &work());
    assert_eq!(taken(&meter, MINUTE + 119_999), MINUTE + 60_000);
    assert_eq!(take(&mut meter, MINUTE + 300_001).len(), 1);
    assert_eq!(taken(&meter, MINUTE + 300_001), MINUTE + 300_000);
}

#[test]
fn shards_have_windows_of_their_own() {
    let mut meter = meter();
    let other = "shardId-000000000004";
    for at in [MINUTE, MINUTE + 1] {
        measure(&mut meter, SHARD, at, &work());
        measure(&mut meter, other, at + 180_000, &work());
    }
    assert!(take(&mut meter, MINUTE + 10_000).is_empty());
    let until = StreamTime::from_millis(MINUTE + 240_000);
    let windows = meter.take(&shard(other), until);
    assert_eq!(times(&windows), [(MINUTE + 180_000, MINUTE + 240_000, 2)]);
    assert_eq!(
        series(&windows[0])[0].resource["lamplight.relay.shard"],
        other
    );
    assert_eq!(
        times(&take(&mut meter, MINUTE + 60_000)),
        [(MINUTE, MINUTE + 60_000, 2)]
    );
}

#[test]
fn what_a_shard_ends_with_is_a_window_of_the_usual_length() {
    let mut meter = meter();
    measure(&mut meter, SHARD, MINUTE + 7, &work());
    assert_eq!(times(&finish(&mut meter)), [(MINUTE, MINUTE + 60_000, 1)]);
    meter.forget(&shard(SHARD));
    assert!(finish(&mut meter).is_empty());
}

#[test]
fn forgetting_a_shard_leaves_the_others() {
    let mut meter = meter();
    let names = ["a", "b", "c"];
    for name in names {
        measure(&mut meter, name, MINUTE, &work());
    }
    meter.forget(&shard("a"));
    measure(&mut meter, "c", MINUTE, &work());
    assert!(meter.finish(&shard("a")).is_empty());
    assert_eq!(meter.finish(&shard("b"))[0].spans, 1);
    assert_eq!(meter.finish(&shard("c"))[0].spans, 2);
}

#[test]
fn a_batch_is_a_window_from_its_first_record_to_its_last() {
    let mut settings = Settings::default();
    settings.window = None;
    let mut meter = SpanMeter::new(settings);
    for at in [MINUTE + 5, MINUTE + 90_000] {
        measure(&mut meter, SHARD, at, &work());
    }
    assert!(take(&mut meter, MINUTE + 900_000).is_empty());
    let windows = finish(&mut meter);
    assert_eq!(times(&windows), [(MINUTE + 5, MINUTE + 90_001, 2)]);
    series(&windows[0]);
    measure(&mut meter, SHARD, MINUTE + 90_001, &work());
    assert_eq!(
        times(&finish(&mut meter)),
        [(MINUTE + 90_001, MINUTE + 90_002, 1)]
    );
}

#[test]
fn windows_may_have_any_length_and_times_any_value() {
    for length in [Duration::ZERO, Duration::from_millis(1), Duration::MAX] {
        let mut settings = Settings::default();
        settings.window = Some(length);
        let mut meter = SpanMeter::new(settings);
        for at in [
            0,
            1,
            MINUTE,
            u64::MAX / 2_000_000,
            u64::MAX - 1,
            u64::MAX,
            3,
        ] {
            measure(&mut meter, SHARD, at, &work());
        }
        let windows = finish(&mut meter);
        assert!(
            windows.iter().map(|it| it.spans).sum::<u64>() == 7,
            "{length:?}"
        );
    }
}

proptest! {
    /// A relay that restarts before the first window that it had not delivered gives the remaining
    /// windows with identical bytes.
    #[test]
    fn replays_from_the_start_of_a_window_give_the_same_bytes(
        records in proptest::collection::vec((0..40_000_u64, 0..4_u8, any::<u32>()), 1..60),
        kill in any::<proptest::sample::Index>(),
    ) {
        let mut at = MINUTE;
        let records: Vec<_> = records
            .iter()
            .map(|(later, name, nanos)| {
                at += later;
                let span = span(&format!("name {name}"), u64::from(*nanos));
                (at, service("shop", vec![span]))
            })
            .collect();
        let run = |meter: &mut SpanMeter, from: u64| {
            let mut windows = Vec::new();
            for (at, request) in records.iter().filter(|(at, _)| *at >= from) {
                measure(meter, SHARD, *at, request);
                windows.extend(take(meter, *at));
            }
            windows.extend(finish(meter));
            windows
        };
        let whole = run(&mut meter(), 0);
        let first = &whole[kill.index(whole.len())];
        let place = whole.iter().position(|it| it == first).unwrap();
        let rest = run(&mut meter(), first.start.as_millis());
        prop_assert_eq!(&whole[place..], &rest[..]);
    }
}
