mod bounds;
mod faults;
mod rig;
mod splits;

use std::time::Duration;

use self::rig::{Rig, Scripted, never, retryable};
use super::*;
use crate::sink::{BreakerState, Content, Outcome, Signal, tickets};

const PATIENCE: Duration = Duration::from_secs(3_600);

#[tokio::test(start_paused = true)]
async fn what_is_accepted_is_settled_and_sent_once() {
    let rig = Rig::critical(Scripted::accepting());
    let (tickets, mut settlements) = tickets();
    for number in 0..3 {
        let parcel = rig::parcel(number, &[&format!("s{number}")]);
        rig.queue
            .push(parcel.with_ticket(tickets.issue([number])))
            .await;
    }
    assert_eq!(settlements.try_next(), None, "not before");
    rig.queue.flush().await;
    let settled: Vec<_> = std::iter::from_fn(|| settlements.try_next()).collect();
    assert_eq!(settled, [0, 1, 2]);
    assert_eq!(rig.sink.spans(), [["s0", "s1", "s2"]]);
    let stats = rig.queue.stats();
    assert_eq!((stats.received, stats.delivered), (3, 3));
    assert_eq!((stats.queued, stats.queued_bytes), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn equal_resources_and_scopes_are_in_a_request_once() {
    let rig = Rig::critical(Scripted::accepting());
    for (number, resource) in [(1, "a"), (2, "b"), (3, "a")] {
        let name = format!("s{number}");
        rig.queue
            .push(rig::parcel_of(number, resource, &[&name]))
            .await;
    }
    rig.queue.flush().await;
    let request = rig.sink.decoded().remove(0);
    assert_eq!(request.resource_spans.len(), 2);
    assert_eq!(rig.sink.spans(), [["s1", "s3", "s2"]]);
}

#[tokio::test(start_paused = true)]
async fn a_request_fills_up_for_a_moment_unless_somebody_waits_for_it() {
    let rig = Rig::critical(Scripted::accepting());
    let began = tokio::time::Instant::now();
    rig.queue.push(rig::parcel(1, &["a"])).await;
    rig.sink.requests_are(1).await;
    assert_eq!(began.elapsed(), Duration::from_millis(100));
    rig.queue.push(rig::parcel(1, &["b"])).await;
    rig.queue.flush().await;
    assert_eq!(began.elapsed(), Duration::from_millis(100));
}

/// Three responses of 503, then 200: only the failed request is repeated, with waits that double,
/// with jitter.
#[tokio::test(start_paused = true)]
async fn a_sink_that_is_away_is_waited_for_and_gets_everything_once_it_is_back() {
    let rig = Rig::critical(Scripted::new([
        retryable(None),
        retryable(None),
        retryable(None),
    ]));
    let (tickets, mut settlements) = tickets();
    let parcel = rig::parcel(1, &["a"]).with_ticket(tickets.issue([7]));
    rig.queue.push(parcel).await;
    rig.queue.flush().await;
    assert_eq!(settlements.try_next(), Some(7));
    assert_eq!(rig.sink.spans(), [["a"], ["a"], ["a"], ["a"]]);
    let waits = rig.sink.waits();
    for (wait, longest) in waits.iter().zip([1_000, 2_000, 4_000]) {
        let longest = Duration::from_millis(longest);
        assert!(*wait >= longest / 2 && *wait <= longest, "{waits:?}");
    }
    let stats = rig.queue.stats();
    assert_eq!((stats.delivered, stats.retried), (1, 3));
    assert_eq!(stats.breaker, BreakerState::Closed);
}

/// The unit is seconds (opentelemetry-go#8383), within a bound.
#[tokio::test(start_paused = true)]
async fn a_sink_that_asks_for_a_pause_gets_it() {
    let seconds = |seconds| retryable(Some(Duration::from_secs(seconds)));
    let rig = Rig::critical(Scripted::new([seconds(10), seconds(86_400), seconds(0)]));
    rig.queue.push(rig::parcel(1, &["a"])).await;
    rig.queue.flush().await;
    let waits: Vec<_> = rig.sink.waits().iter().map(Duration::as_millis).collect();
    assert_eq!(waits, [10_000, 300_000, 100], "zero is no leave to hammer");
    assert_eq!(
        rig.queue.stats().breaker,
        BreakerState::Closed,
        "it answers"
    );
}

#[tokio::test(start_paused = true)]
async fn waits_never_become_longer_than_the_longest() {
    let rig = Rig::critical(Scripted::new(vec![retryable(None); 40]));
    rig.queue.push(rig::parcel(1, &["a"])).await;
    rig.queue.flush().await;
    let waits = rig.sink.waits();
    assert!(
        waits.iter().all(|wait| *wait <= Duration::from_secs(31)),
        "{waits:?}"
    );
    assert!(waits[20] >= Duration::from_secs(15), "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn after_three_failures_a_probe_of_one_trace_decides_whether_the_rest_follows() {
    let rig = Rig::critical(Scripted::new(vec![retryable(None); 4]));
    for number in 0..5 {
        rig.queue.push(rig::parcel(number, &["a"])).await;
    }
    rig.sink.requests_are(4).await;
    assert_eq!(rig.queue.stats().breaker, BreakerState::Open);
    rig.queue.flush().await;
    let sizes: Vec<_> = rig.sink.spans().iter().map(Vec::len).collect();
    assert_eq!(sizes, [5, 5, 5, 1, 1, 4]);
    assert_eq!(rig.queue.stats().breaker, BreakerState::Closed);
    assert_eq!(rig.queue.stats().delivered, 5);
}

/// open-telemetry/opentelemetry-collector-contrib#50437 and #31775.
#[tokio::test(start_paused = true)]
async fn a_sink_that_is_away_makes_no_other_wait_and_none_gets_anything_twice() {
    let (up, down) = (
        Rig::critical(Scripted::accepting()),
        Rig::critical(Scripted::new(vec![retryable(None); 3])),
    );
    let (tickets, mut settlements) = tickets();
    let ticket = tickets.issue([1]);
    for rig in [&up, &down] {
        rig.queue
            .push(rig::parcel(1, &["a"]).with_ticket(ticket.clone()))
            .await;
    }
    ticket.settle();
    up.queue.flush().await;
    assert_eq!(
        settlements.try_next(),
        None,
        "one of two critical sinks has it"
    );
    down.queue.flush().await;
    assert_eq!(settlements.try_next(), Some(1));
    assert_eq!((up.sink.spans().len(), down.sink.spans().len()), (1, 4));
}

#[tokio::test(start_paused = true)]
async fn a_best_effort_sink_that_never_answers_holds_nothing() {
    let (critical, other) = (
        Rig::critical(Scripted::accepting()),
        Rig::best_effort(Scripted::new([never()])),
    );
    let (tickets, mut settlements) = tickets();
    let ticket = tickets.issue([1]);
    for rig in [&other, &critical] {
        rig.queue
            .push(rig::parcel(1, &["a"]).with_ticket(ticket.clone()))
            .await;
    }
    ticket.settle();
    critical.queue.flush().await;
    assert_eq!(settlements.try_next(), Some(1));
    assert_eq!(other.queue.stats().delivered, 0);
}

/// https://opentelemetry.io/docs/specs/otlp/#partial-success.
#[tokio::test(start_paused = true)]
async fn what_a_partial_success_rejects_is_counted_and_never_sent_again() {
    for (rejected, counted) in [(2, (1, 2)), (0, (3, 0)), (99, (0, 3))] {
        let message = "too old".to_owned();
        let rig = Rig::critical(Scripted::new([rig::Answer::Now(Outcome::Accepted {
            rejected,
            message,
        })]));
        let (tickets, mut settlements) = tickets();
        let parcel = rig::parcel(1, &["a", "b", "c"]).with_ticket(tickets.issue([1]));
        rig.queue.push(parcel).await;
        rig.queue.flush().await;
        let stats = rig.queue.stats();
        assert_eq!((stats.delivered, stats.rejected), counted);
        assert_eq!(rig.sink.spans().len(), 1);
        assert_eq!(settlements.try_next(), Some(1));
        assert!(rig.letters.all().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_sink_refuses_is_a_dead_letter_and_in_nobodys_way() {
    let rig = Rig::critical(Scripted::new([rig::rejected(), rig::accepted()]));
    let (tickets, mut settlements) = tickets();
    let bad = rig::parcel(1, &["bad"])
        .with_records(vec![rig::record("49")])
        .with_ticket(tickets.issue([1]));
    rig.queue.push(bad).await;
    rig.queue.flush().await;
    rig.queue.push(rig::parcel(2, &["good"])).await;
    rig.queue.flush().await;
    assert_eq!(settlements.try_next(), Some(1));
    let letters = rig.letters.all();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].records, [rig::record("49")]);
    assert_eq!(letters[0].sink.as_deref(), Some("test"));
    assert_eq!(rig::names(&letters[0].data), ["bad"]);
    assert_eq!(rig.sink.spans(), [["bad"], ["good"]], "once each");
    let stats = rig.queue.stats();
    assert_eq!((stats.delivered, stats.dead_lettered), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn metrics_are_metrics_and_never_in_a_request_with_spans() {
    let rig = Rig::critical(Scripted::accepting());
    rig.queue.push(rig::parcel(1, &["a"])).await;
    for message in [&b"\x0a\x00"[..], b"\x0a\x01x"] {
        let content = Content::Metrics(bytes::Bytes::from_static(message), 2);
        rig.queue.push(Parcel::new([0; 16], content)).await;
    }
    rig.queue.push(rig::parcel(2, &["b"])).await;
    rig.queue.flush().await;
    let requests = rig.sink.requests();
    let signals: Vec<_> = requests.iter().map(|request| request.signal).collect();
    assert_eq!(signals, [Signal::Traces, Signal::Metrics, Signal::Traces]);
    assert_eq!(requests[1].message(), &b"\x0a\x00\x0a\x01x"[..]);
    assert_eq!(requests[1].items, 4);
}

#[tokio::test(start_paused = true)]
async fn a_flush_waits_for_what_has_no_items_too() {
    let rig = Rig::critical(Scripted::new(vec![retryable(None); 3]));
    let content = Content::Metrics(bytes::Bytes::from_static(b"\x0a\x00"), 0);
    rig.queue.push(Parcel::new([0; 16], content)).await;
    rig.queue.flush().await;
    assert_eq!(rig.sink.requests().len(), 4);
}
