//! Bounds of size and time.

use super::*;
use crate::sink::Criticality;

fn small(criticality: Criticality) -> SinkSettings {
    SinkSettings {
        criticality,
        queue_bytes: 500,
        ..SinkSettings::default()
    }
}

#[tokio::test(start_paused = true)]
async fn a_best_effort_queue_drops_what_has_waited_longest_and_counts_it() {
    let rig = Rig::with(Scripted::new([never()]), small(Criticality::BestEffort));
    rig.queue.push(rig::parcel(0, &["sending"])).await;
    rig.sink.requests_are(1).await;
    for number in 0..100 {
        rig.queue
            .push(rig::parcel(number, &[&*format!("{number:02}")]))
            .await;
        assert!(rig.queue.stats().queued_bytes <= 500);
    }
    rig.queue.flush().await;
    let stats = rig.queue.stats();
    assert_eq!(stats.received, 101);
    assert_eq!(stats.delivered + stats.dropped, 101);
    let spans = rig.sink.spans().concat();
    assert_eq!(spans.first().map(String::as_str), Some("sending"));
    assert_eq!(
        spans.last().map(String::as_str),
        Some("99"),
        "the newest stay"
    );
    assert!(!spans.contains(&"00".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_critical_queue_that_is_full_makes_whoever_fills_it_wait_and_loses_nothing() {
    let rig = Rig::with(
        Scripted::new(vec![retryable(None); 5]),
        small(Criticality::Critical),
    );
    let names: Vec<_> = (0..50).map(|number| format!("{number:02}")).collect();
    let began = tokio::time::Instant::now();
    for name in &names {
        rig.queue.push(rig::parcel(1, &[name])).await;
        assert!(rig.queue.stats().queued_bytes <= 500);
    }
    assert!(began.elapsed() > Duration::from_secs(1), "it waited");
    rig.queue.flush().await;
    let stats = rig.queue.stats();
    assert_eq!(
        (stats.received, stats.delivered, stats.dropped),
        (50, 50, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn a_parcel_that_does_not_fit_now_is_given_back() {
    let rig = Rig::with(Scripted::new([never()]), small(Criticality::Critical));
    while rig.queue.try_push(rig::parcel(1, &["a"])).is_ok() {}
    let (tickets, mut settlements) = tickets();
    let ticket = tickets.issue([1]);
    let back = rig
        .queue
        .try_push(rig::parcel(1, &["b"]).with_ticket(ticket));
    assert!(back.unwrap_err().ticket.is_some());
    assert_eq!(settlements.try_next(), None);
}

#[tokio::test(start_paused = true)]
async fn a_parcel_larger_than_the_queue_fits_into_an_empty_one() {
    let rig = Rig::with(Scripted::accepting(), small(Criticality::Critical));
    let name = "x".repeat(2_000);
    for _ in 0..2 {
        rig.queue.push(rig::parcel(1, &[&name])).await;
    }
    rig.queue.flush().await;
    assert_eq!(rig.queue.stats().delivered, 2);
}

#[tokio::test(start_paused = true)]
async fn a_best_effort_queue_gives_up_after_its_time_and_goes_on() {
    let rig = Rig::best_effort(Scripted::judging({
        let began = tokio::time::Instant::now();
        move |_| match began.elapsed() < Duration::from_secs(400) {
            true => retryable(None),
            false => rig::accepted(),
        }
    }));
    rig.queue.push(rig::parcel(1, &["old"])).await;
    rig.queue.flush().await;
    let stats = rig.queue.stats();
    assert_eq!((stats.dropped, stats.delivered), (1, 0));
    assert!(rig.letters.all().is_empty(), "it was not refused");
    rig.queue.push(rig::parcel(1, &["new"])).await;
    rig.queue.flush().await;
    assert_eq!(rig.queue.stats().delivered, 1);
}

#[tokio::test(start_paused = true)]
async fn a_critical_sink_is_tried_for_as_long_as_it_takes() {
    let rig = Rig::critical(Scripted::new(vec![retryable(None); 1_000]));
    rig.queue.push(rig::parcel(1, &["a"])).await;
    rig.queue.flush().await;
    let stats = rig.queue.stats();
    assert_eq!((stats.delivered, stats.retried), (1, 1_000));
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_delivers_what_it_can_and_settles_nothing_else() {
    let rig = Rig::critical(Scripted::new([rig::accepted(), never()]));
    let (tickets, mut settlements) = tickets();
    for number in 0..2 {
        let parcel = rig::parcel(number, &["a", "b"]);
        rig.queue
            .push(parcel.with_ticket(tickets.issue([number])))
            .await;
        rig.sink
            .requests_are(usize::try_from(number).unwrap() + 1)
            .await;
    }
    rig.queue
        .push(rig::parcel(9, &["c"]).with_ticket(tickets.issue([9])))
        .await;
    let began = tokio::time::Instant::now();
    let stats = rig.queue.shutdown(Duration::from_secs(5)).await;
    assert_eq!(began.elapsed(), Duration::from_secs(5));
    assert_eq!((stats.delivered, stats.abandoned, stats.queued), (2, 3, 0));
    assert_eq!(settlements.try_next(), Some(0));
    assert_eq!(settlements.try_next(), None);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_of_a_sink_that_answers_waits_for_no_more() {
    let rig = Rig::critical(Scripted::accepting());
    rig.queue.push(rig::parcel(1, &["a"])).await;
    let began = tokio::time::Instant::now();
    let stats = rig.queue.shutdown(PATIENCE).await;
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!((stats.delivered, stats.abandoned), (1, 0));
}
