//! Traces that no recorder should produce, but some do.

use lamplight_view::{
    facts::Facts,
    journey::{Around, Journey},
    span::{Event, Kind, SpanId, Status, TraceId, Value},
};

use crate::{
    make::{Make, TRACE, id, journey, span},
    outline::outline,
};

#[test]
fn clocks_that_are_hours_apart_are_set_right_where_that_is_beyond_doubt() {
    const HOUR: u64 = 3_600_000;
    let before = journey([
        span("a", 1, 2 * HOUR, 2 * HOUR + 100).kind(Kind::Client),
        // Another machine whose clock is two hours behind, which calls a third one with a correct
        // clock.
        span("b", 2, 10, 60).below(1).kind(Kind::Server),
        span("b", 3, 20, 50).below(2).kind(Kind::Client),
        span("c", 4, 2 * HOUR + 20, 2 * HOUR + 30)
            .below(3)
            .kind(Kind::Server),
    ]);
    assert_eq!(
        outline(&before),
        "\
* a 1 0..100
  * b 2 0..50, 7199990 ms later
    * b 3 10..40, 7199990 ms later
      ? in transit 10..20
      * c 4 20..30
"
    );
    // A clock that is ahead cannot be distinguished from a wait.
    let ahead = journey([
        span("a", 1, 0, 100).kind(Kind::Client),
        span("b", 2, 2 * HOUR, 2 * HOUR + 50)
            .below(1)
            .kind(Kind::Server),
    ]);
    assert_eq!(
        outline(&ahead),
        "\
* a 1 0..100
  ? in transit 100..7200000
  * b 2 7200000..7200050
"
    );
}

#[test]
fn children_before_their_parents_stay_there_in_the_same_process() {
    let journey = journey([
        span("a", 1, 100, 200),
        span("a", 2, 50, 150).below(1),
        span("a", 3, 120, 130).below(2),
    ]);
    assert_eq!(
        outline(&journey),
        "\
* a 1 50..150
  * a 2 0..100
    * a 3 70..80
"
    );
}

#[test]
fn negative_durations_are_none() {
    let journey = journey([span("a", 1, 0, 100), span("a", 2, 80, 20).below(1)]);
    assert_eq!(
        outline(&journey),
        "\
* a 1 0..100
  * a 2 80..80
"
    );
    assert_eq!(journey.nodes[1].span().unwrap().duration(), 0);
}

#[test]
fn times_that_are_missing_do_not_stretch_the_journey() {
    let journey = journey([
        span("a", 1, 10, 100),
        span("a", 2, 0, 0)
            .below(1)
            .with(|it| (it.start, it.end) = (0, 0)),
    ]);
    assert_eq!(journey.begin, journey.nodes[0].start);
    assert_eq!(journey.nodes.len(), 2);
}

#[test]
fn parents_that_are_missing_have_a_place_each() {
    let journey = journey([
        span("a", 1, 20, 30).below(8),
        span("a", 2, 10, 40).below(9),
        span("a", 3, 25, 35).below(8),
        span("a", 4, 0, 5),
    ]);
    assert_eq!(
        outline(&journey),
        "\
- a 4 0..5
* missing 0000000000000009 10..40
  * a 2 10..40
- missing 0000000000000008 20..35
  - a 1 20..30
  - a 3 25..35
"
    );
}

#[test]
fn ids_of_zero_are_nobodys_parents_and_nobodys_copies() {
    let zero = |name: &str, start| {
        let name = name.to_owned();
        span("a", 0, start, start + 10).with(|it| it.name = name)
    };
    let journey = journey([
        zero("first", 0),
        zero("second", 5).below(0),
        zero("first", 0),
        span("a", 1, 7, 9).below(0),
    ]);
    assert_eq!(
        outline(&journey),
        "\
- first 0..10, 2 times
* second 5..15
- a 1 7..9
"
    );
    let zero = TraceId::default();
    let spans = vec![span("a", 1, 0, 1).of(zero).made()];
    let around = Around {
        spans,
        ..Around::default()
    };
    assert_eq!(Journey::new(zero, around).nodes.len(), 1);
}

#[test]
fn two_spans_of_one_id_are_both_there_and_the_first_has_the_children() {
    let journey = journey([
        span("a", 1, 0, 100),
        span("b", 2, 30, 40).below(1).kind(Kind::Server),
        span("a", 2, 20, 50).below(1).kind(Kind::Client),
        span("b", 3, 35, 36).below(2),
    ]);
    assert_eq!(
        outline(&journey),
        "\
* a 1 0..100
  * a 2 20..50
    ? in transit 20..35
    * b 3 35..36
  - b 2 30..40
"
    );
}

#[test]
fn exact_copies_are_counted() {
    let copy = || span("a", 2, 10, 20).below(1).text("key", "value");
    let journey = journey([
        copy(),
        span("a", 1, 0, 30),
        copy(),
        copy().text("key", "other"),
        copy(),
    ]);
    assert_eq!(
        outline(&journey),
        "\
* a 1 0..30
  * a 2 10..20, 3 times
  - a 2 10..20
"
    );
}

#[test]
fn rings_are_opened_where_they_began() {
    let journey = journey([
        span("a", 1, 20, 30).below(3),
        span("a", 2, 10, 40).below(1),
        span("a", 3, 15, 35).below(2),
        span("a", 4, 12, 13).below(2),
        span("a", 5, 0, 50).below(5),
    ]);
    assert_eq!(
        outline(&journey),
        "\
* a 5 0..50
- a 2 10..40
  - a 4 12..13
  - a 3 15..35
    - a 1 20..30
"
    );
}

#[test]
fn a_million_spans_are_joined() {
    const CHAIN: u64 = 300_000;
    let chain = (1..=CHAIN).map(|number| {
        let made = span("a", number, number, 2 * CHAIN - number);
        if number == 1 {
            made
        } else {
            made.below(number - 1)
        }
    });
    let flat = (CHAIN + 1..=1_000_000).map(|number| span("a", number, number, number + 1).below(1));
    // They share their resource, as in a store.
    let resource = span("a", 1, 0, 1).made().resource;
    let share = |made: Make| made.with(|it| it.resource = resource.clone());
    let journey = journey(chain.chain(flat).map(share));
    assert_eq!(journey.nodes.len(), 1_000_000);
    assert_eq!(journey.nodes.last().unwrap().depth, 1);
    let deepest = journey.nodes.iter().map(|node| node.depth).max();
    assert_eq!(deepest, Some(299_999));
}

#[test]
fn many_copies_and_as_many_spans_of_one_id_are_told_apart() {
    let copies = (0..20_000).map(|_| span("a", 1, 0, 10));
    let others = (0..20_000).map(|number| span("a", 2, number, number + 10));
    let journey = journey(copies.chain(others));
    assert_eq!(journey.nodes.len(), 20_001);
    assert_eq!(journey.nodes[0].span().unwrap().times, 20_000);
}

#[test]
fn values_of_a_megabyte_and_markup_in_every_field_are_kept_as_they_are() {
    const MARKUP: &str = "<script>alert(1)</script>&\"'\0\u{202e}";
    let big = "x".repeat(1_000_000);
    let made = span("a", 1, 0, 10)
        .text("big", &big)
        .text(MARKUP, MARKUP)
        .sends(MARKUP, MARKUP)
        .with(|it| {
            it.name = MARKUP.to_owned();
            it.status = Status::Error;
            it.status_message = MARKUP.to_owned();
            it.events.push(Event::new(0, MARKUP));
        });
    let received = span("b", 2, 20, 30)
        .below(1)
        .handles(MARKUP, MARKUP, MARKUP);
    let journey = journey([made, received]);
    let kept = journey.nodes[0].span().unwrap();
    assert_eq!(kept.attributes.text("big"), Some(big.as_str()));
    assert_eq!(
        kept.attributes.get(MARKUP),
        Some(&Value::String(MARKUP.to_owned()))
    );
    assert_eq!(Facts::of(kept).destination, Some(MARKUP));
    assert_eq!(
        journey.nodes[1].waits[0].place,
        format!("{MARKUP} {MARKUP}")
    );
}

#[test]
fn a_trace_of_nothing_is_a_journey_of_nothing() {
    let journey = Journey::new(TRACE, Around::default());
    assert_eq!((journey.begin, journey.end, journey.nodes.len()), (0, 0, 0));
    assert_eq!(journey.find(id(1)), None);
    assert_eq!(journey.find(SpanId::default()), None);
}
