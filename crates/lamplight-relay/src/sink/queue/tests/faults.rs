//! Sinks and dead letters that do not work.

use proptest::prelude::*;

use super::*;

#[tokio::test(start_paused = true)]
async fn a_sink_that_never_answers_is_tried_again() {
    let rig = Rig::critical(Scripted::new([never()]));
    rig.queue.push(rig::parcel(1, &["a"])).await;
    rig.queue.flush().await;
    assert_eq!(rig.sink.spans(), [["a"], ["a"]]);
    assert!(rig.sink.waits()[0] >= Duration::from_secs(30));
}

/// A sink that takes a given time to respond and announces it as its timeout.
struct Patient(Duration);

impl Sink for Patient {
    fn name(&self) -> &'static str {
        "patient"
    }

    fn timeout(&self) -> Option<Duration> {
        Some(self.0)
    }

    fn send(&self, _: crate::sink::Request) -> crate::sink::BoxFuture<'_, Outcome> {
        Box::pin(async {
            tokio::time::sleep(self.0).await;
            Outcome::accepted()
        })
    }
}

#[tokio::test(start_paused = true)]
async fn the_timeout_of_a_sink_is_the_one_that_counts() {
    for seconds in [1, 60, 600] {
        let sink = Arc::new(Patient(Duration::from_secs(seconds)));
        let letters = Arc::<rig::Letters>::default();
        let queue = SinkQueue::start(sink, SinkSettings::default(), letters);
        queue.push(rig::parcel(1, &["a"])).await;
        queue.flush().await;
        assert_eq!((queue.stats().delivered, queue.stats().retried), (1, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_panics_costs_what_it_was_given_and_no_more() {
    let rig = Rig::critical(Scripted::new([rig::Answer::Panic]));
    let (tickets, mut settlements) = tickets();
    let parcel = rig::parcel(1, &["a"]).with_ticket(tickets.issue([1]));
    rig.queue.push(parcel).await;
    rig.queue.flush().await;
    rig.queue.push(rig::parcel(1, &["b"])).await;
    rig.queue.flush().await;
    let stats = rig.queue.stats();
    assert_eq!((stats.dead_lettered, stats.delivered), (1, 1));
    assert_eq!(settlements.try_next(), Some(1));
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_that_cannot_be_kept_holds_the_checkpoint_of_a_critical_sink() {
    let rig = Rig::critical(Scripted::new([rig::rejected()]));
    *rig.letters.failing.lock().unwrap() = 20;
    let (tickets, mut settlements) = tickets();
    let parcel = rig::parcel(1, &["a"]).with_ticket(tickets.issue([1]));
    rig.queue.push(parcel).await;
    rig.sink.requests_are(1).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(settlements.try_next(), None);
    assert!(rig.queue.stats().dead_letter_failures > 3);
    rig.queue.flush().await;
    assert_eq!(settlements.try_next(), Some(1));
    assert_eq!(rig.queue.stats().dead_lettered, 1);
    assert_eq!(rig.letters.all().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_of_a_best_effort_sink_that_cannot_be_kept_is_dropped_and_counted() {
    let rig = Rig::best_effort(Scripted::new([rig::rejected()]));
    *rig.letters.failing.lock().unwrap() = 20;
    rig.queue.push(rig::parcel(1, &["a"])).await;
    rig.queue.flush().await;
    let stats = rig.queue.stats();
    assert_eq!((stats.dropped, stats.dead_lettered), (1, 0));
    assert_eq!(stats.dead_letter_failures, 3);
}

fn answers() -> impl Strategy<Value = Vec<rig::Answer>> {
    let answer = prop_oneof![
        3 => Just(rig::accepted()),
        1 => Just(rig::rejected()),
        1 => Just(rig::too_large()),
        2 => Just(retryable(None)),
        1 => Just(retryable(Some(Duration::from_secs(10)))),
        1 => Just(never()),
        1 => Just(rig::Answer::Panic),
    ];
    proptest::collection::vec(answer, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever a sink does, each span has exactly one outcome, and a record is settled if and only
    /// if none of its data was abandoned.
    #[test]
    fn everything_is_accounted_for(
        script in answers(),
        parcels in proptest::collection::vec(1_usize..6, 1..12),
        is_critical in any::<bool>(),
        is_cut_short in any::<bool>(),
        failing in 0_usize..5,
    ) {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_time().start_paused(true).build().unwrap();
        let (stats, settled) = runtime.block_on(async {
            let settings = match is_critical {
                true => SinkSettings { max_request_bytes: 200, ..SinkSettings::default() },
                false => SinkSettings { queue_bytes: 600, ..SinkSettings::best_effort() },
            };
            let rig = Rig::with(Scripted::new(script), settings);
            *rig.letters.failing.lock().unwrap() = failing;
            let (tickets, mut settlements) = tickets();
            for (number, spans) in (0..).zip(&parcels) {
                let parcel = rig::parcel(number, &vec!["span"; *spans]);
                rig.queue.push(parcel.with_ticket(tickets.issue([number]))).await;
            }
            let within = if is_cut_short { Duration::from_secs(3) } else { PATIENCE };
            let stats = rig.queue.shutdown(within).await;
            (stats, std::iter::from_fn(|| settlements.try_next()).count())
        });
        let spans: usize = parcels.iter().sum();
        prop_assert_eq!(stats.received, u64::try_from(spans).unwrap());
        let ends = stats.delivered + stats.rejected + stats.dropped + stats.dead_lettered;
        prop_assert_eq!(ends + stats.abandoned, stats.received, "{:?}", stats);
        prop_assert_eq!((stats.queued, stats.queued_bytes), (0, 0));
        prop_assert!(is_cut_short || stats.abandoned == 0);
        if stats.abandoned == 0 || !is_critical {
            prop_assert_eq!(settled, parcels.len());
        } else {
            prop_assert!(settled < parcels.len());
        }
        prop_assert!(!is_critical || stats.dropped == 0);
    }
}
