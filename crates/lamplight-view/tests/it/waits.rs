//! Waits between spans have the right place.

use lamplight_semconv::{faas, lamplight, messaging};
use lamplight_view::span::{Kind, TraceId, Value};

use crate::{
    make::{Make, TRACE, journey, span},
    outline::outline,
};

const OTHER: TraceId = TraceId([0xcd; 16]);

impl Make {
    fn queued(self, ms: f64) -> Self {
        self.set(lamplight::queue::LATENCY_MS, Value::Double(ms))
    }

    fn cold(self, init_ms: f64) -> Self {
        self.set(faas::COLDSTART, Value::Bool(true))
            .set(lamplight::init::DURATION_MS, Value::Double(init_ms))
    }

    fn count(self, count: i64) -> Self {
        self.set(messaging::batch::MESSAGE_COUNT, Value::Int(count))
    }
}

#[test]
fn time_before_the_queue_is_the_senders_destinations() {
    let journey = journey([
        span("a", 1, 0, 20).sends("aws.eventbridge", "default"),
        span("b", 2, 500, 600)
            .below(1)
            .handles("aws_sqs", "orders", "m")
            .queued(380.0),
    ]);
    assert_eq!(
        outline(&journey),
        "\
* a 1 0..20
  ? EventBridge 20..120
  ~ SQS orders 120..500
  * b 2 500..600
"
    );
    let said: Vec<_> = journey.nodes[1].waits.iter().map(|it| it.said()).collect();
    assert_eq!(said, ["in EventBridge", "in SQS orders"]);
}

#[test]
fn without_a_time_it_was_sent_all_of_it_is_the_senders_destinations() {
    let journey = journey([
        span("a", 1, 0, 20).sends("aws.sns", "news"),
        span("b", 2, 50, 60)
            .below(1)
            .handles("aws.sns", "news", "m"),
        // Its own messages too.
        span("a", 3, 70, 80)
            .below(1)
            .handles("aws.sns", "news", "n"),
        span("a", 4, 90, 95).below(1),
    ]);
    assert_eq!(
        outline(&journey),
        "\
* a 1 0..20
  ? SNS news 20..50
  - b 2 50..60
  ? SNS news 20..70
  - a 3 70..80
  * a 4 90..95
"
    );
}

#[test]
fn a_record_waits_in_the_queue_and_then_behind_others() {
    let batch = || {
        span("b", 10, 300, 600)
            .of(OTHER)
            .invocation()
            .count(3)
            .cold(50.0)
    };
    let record = |number: u64, from: u64, to: u64| {
        span("b", number, from, to)
            .handles("aws_sqs", "orders", &number.to_string())
            .link(OTHER, 10)
    };
    let journey = journey([
        span("a", 1, 0, 20).sends("aws_sqs", "orders"),
        record(2, 500, 590).below(1).queued(490.0),
        record(3, 302, 400).of(TraceId([1; 16])),
        batch(),
        record(4, 400, 500).of(TraceId([2; 16])),
    ]);
    assert_eq!(
        outline(&journey),
        "\
* a 1 0..20
  ~ SQS orders 10..250
  ~ cold start 250..300
  ? earlier records of its batch 300..500
  * b 2 500..590
"
    );
    let batch = &journey.batches[0];
    assert_eq!(batch.number(journey.nodes[1].span().unwrap().id()), Some(3));
    assert_eq!((batch.size(), batch.records.len()), (3, 3));
}

#[test]
fn records_without_context_wait_before_their_invocation() {
    let journey = journey([
        span("b", 1, 300, 600).invocation().count(2),
        span("b", 2, 302, 400)
            .below(1)
            .handles("aws.kinesis", "s", "2")
            .queued(202.0),
        span("b", 3, 400, 500)
            .below(1)
            .handles("aws.kinesis", "s", "3")
            .queued(350.0),
    ]);
    assert_eq!(
        outline(&journey),
        "\
* b 1 250..550
  ~ Kinesis s 50..250
  * b 2 252..350
  ~ Kinesis s 0..250
  * b 3 350..450
"
    );
}

#[test]
fn the_wait_of_a_batch_of_one_is_the_invocations() {
    let journey = journey([
        span("a", 1, 0, 20).sends("aws_sqs", "orders"),
        span("b", 2, 100, 200)
            .below(1)
            .invocation()
            .count(1)
            .cold(30.0),
        // The span for all messages of an event.
        span("b", 3, 101, 190)
            .below(2)
            .with(|it| it.kind = Kind::Consumer)
            .text(messaging::SYSTEM, "aws_sqs")
            .count(1),
        span("b", 4, 105, 180)
            .below(3)
            .handles("aws_sqs", "orders", "m")
            .queued(90.0),
    ]);
    assert_eq!(
        outline(&journey),
        "\
* a 1 0..20
  ~ SQS orders 15..70
  ~ cold start 70..100
  * b 2 100..200
    * b 3 101..190
      * b 4 105..180
"
    );
}

#[test]
fn services_with_spans_of_their_own_are_not_told_twice() {
    let hop = |number, from, to, system: &str| {
        span("b", number, from, to)
            .text(lamplight::inferred::SERVICE, system)
            .text(messaging::SYSTEM, system)
    };
    let journey = journey([
        span("a", 1, 0, 20).sends("aws.sns", "news"),
        hop(2, 60, 90, "aws.sns").below(1),
        hop(3, 90, 200, "aws_sqs").below(2),
        span("b", 4, 200, 300)
            .below(3)
            .invocation()
            .count(1)
            .cold(10.0),
        span("b", 5, 201, 290)
            .below(4)
            .handles("aws_sqs", "orders", "m")
            .queued(111.0),
    ]);
    assert_eq!(
        outline(&journey),
        "\
* a 1 0..20
  ? SNS news 20..60
  * b 2 60..90
    * b 3 90..200
      ~ cold start 190..200
      * b 4 200..300
        * b 5 201..290
"
    );
}

#[test]
fn calls_wait_for_what_they_call() {
    let journey = journey([
        span("a", 1, 0, 100)
            .kind(Kind::Client)
            .text(faas::INVOKED_NAME, "b"),
        span("b", 2, 60, 90).below(1).invocation().cold(40.0),
        span("a", 3, 100, 110)
            .below(1)
            .kind(Kind::Client)
            .text(faas::INVOKED_NAME, "c"),
        // Nothing waits for the response.
        span("c", 4, 400, 410).below(3).invocation(),
        // Half a millisecond on the network does not count as a wait.
        span("c", 5, 402, 408).below(4).kind(Kind::Client),
        span("d", 6, 402, 404).below(5).kind(Kind::Server),
    ]);
    assert_eq!(
        outline(&journey),
        "\
* a 1 0..100
  ? Lambda 0..20
  ~ cold start 20..60
  * b 2 60..90
  * a 3 100..110
    ? Lambda 110..400
    * c 4 400..410
      * c 5 402..408
        * d 6 402..404
"
    );
}

#[test]
fn attempts_wait_from_the_end_of_the_one_before_and_show_where_they_were_moved() {
    let failing = |number, from, to| {
        span("b", number, from, to)
            .below(1)
            .handles("aws_sqs", "orders", "m")
            .queued(f64::from(u32::try_from(from).unwrap()) - 10.0)
            .with(|it| it.status = lamplight_view::span::Status::Error)
    };
    let journey = journey([
        span("a", 1, 0, 20).sends("aws_sqs", "orders"),
        failing(2, 50, 60),
        failing(3, 200, 220),
        span("c", 4, 500, 510)
            .below(1)
            .handles("aws_sqs", "dead", "m")
            .queued(490.0),
    ]);
    assert_eq!(
        outline(&journey),
        "\
* a 1 0..20
  ~ SQS orders 10..50
  * b 2 50..60
  ~ SQS orders 60..200
  * b 3 200..220
  ~ SQS dead 220..500
  * c 4 500..510
"
    );
    let [attempts] = journey.attempts.as_slice() else {
        panic!("{:?}", journey.attempts);
    };
    assert_eq!((attempts.deliveries.len(), attempts.open), (3, false));
    assert!(
        journey.nodes[1..]
            .iter()
            .all(|node| node.attempts == Some(0))
    );
}

#[test]
fn deliveries_to_several_subscribers_are_no_attempts() {
    let journey = journey([
        span("a", 1, 0, 20).sends("aws.sns", "news"),
        span("b", 2, 50, 60)
            .below(1)
            .handles("aws.sns", "news", "m"),
        span("c", 3, 50, 70)
            .below(1)
            .handles("aws.sns", "news", "m"),
    ]);
    assert!(journey.attempts.is_empty());
}

#[test]
fn an_invocation_that_did_not_arrive_is_known_by_its_records() {
    let journey = journey([
        span("b", 2, 10, 20)
            .handles("aws_sqs", "q", "2")
            .link(OTHER, 10),
        span("b", 3, 20, 30)
            .of(OTHER)
            .handles("aws_sqs", "q", "3")
            .link(OTHER, 10),
    ]);
    let [batch] = journey.batches.as_slice() else {
        panic!("{:?}", journey.batches);
    };
    assert!(batch.invocation.is_none());
    assert_eq!(
        (batch.id.trace, batch.records.len(), batch.size()),
        (OTHER, 2, 2)
    );
}

#[test]
fn impossible_waits_are_none() {
    for wait in [-5.0, f64::INFINITY, 1e300, f64::MAX, 1e11] {
        let journey = journey([span("b", 1, 10, 20)
            .handles("aws_sqs", "q", "m")
            .queued(wait)
            .cold(wait)]);
        assert_eq!(outline(&journey), "* b 1 0..10\n", "{wait}");
    }
}

#[test]
fn links_are_known_from_both_ends() {
    let journey = journey([
        span("a", 1, 0, 10),
        span("b", 2, 0, 10).of(OTHER).link(TRACE, 1),
        span("b", 3, 0, 10)
            .of(OTHER)
            .link(TRACE, 1)
            .link(TRACE, 1)
            .link(TRACE, 9),
    ]);
    let from: Vec<_> = journey.nodes[0]
        .linked_from
        .iter()
        .map(|id| id.trace)
        .collect();
    assert_eq!(from, [OTHER, OTHER]);
}

#[test]
fn the_critical_path_leads_through_what_ended_last() {
    let journey = journey([
        span("a", 1, 0, 100),
        span("a", 2, 0, 40).below(1),
        span("a", 3, 10, 60).below(1),
        span("a", 4, 20, 30).below(3),
        span("a", 5, 62, 90).below(1),
        span("a", 6, 65, 95).below(1),
        span("a", 7, 0, 5).below(1),
    ]);
    let critical: Vec<_> = (journey.nodes.iter())
        .filter(|node| node.critical)
        .map(|node| node.span().unwrap().name.as_str())
        .collect();
    assert_eq!(critical, ["a 1", "a 7", "a 3", "a 4", "a 6"]);
}
