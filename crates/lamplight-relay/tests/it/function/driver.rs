//! The driver, with a source and sinks of the test.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use bytes::Bytes;
use lamplight_relay::{
    clean::SpanEditor,
    engine::Checkpoint,
    record::{Record, SequenceNumber, ShardId, StreamTime},
    relay::{Lane, Relay, RelayBuilder, RelayError, SaveCheckpoints, Source},
    rules::{Condition, Rule},
    sink::{Outcome, SinkSettings},
    source::{
        BoxFuture, Happened, Position, ShardEvent,
        store::{Save, StoreError},
    },
};
use tokio::{sync::oneshot, time::sleep};

use super::spans::{Keep, request, trace};

const START: u64 = 1_700_000_000_000;

/// A source of scripted events, which keeps the saved checkpoints.
struct Script {
    events: VecDeque<ShardEvent>,
    ends: bool,
    saved: Arc<Saved>,
}

#[derive(Default)]
struct Saved {
    saves: Mutex<Vec<(ShardId, Save)>>,
    is_away: AtomicBool,
    is_lost: AtomicBool,
}

impl Saved {
    fn last(&self) -> Option<Position> {
        let saves = self.saves.lock().unwrap();
        saves.last().map(|(_, save)| save.position.clone())
    }
}

impl Source for Script {
    fn next(&mut self) -> BoxFuture<'_, Option<ShardEvent>> {
        Box::pin(async move {
            match self.events.pop_front() {
                Some(event) => Some(event),
                None if self.ends => None,
                None => std::future::pending().await,
            }
        })
    }

    fn checkpoints(&self) -> Arc<dyn SaveCheckpoints> {
        Arc::new(Shared(self.saved.clone()))
    }

    fn close(self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }
}

struct Shared(Arc<Saved>);

impl SaveCheckpoints for Shared {
    fn save<'a>(
        &'a self,
        shard: &'a ShardId,
        save: &'a Save,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            if self.0.is_away.load(Relaxed) {
                return Err(StoreError::Unavailable("away".to_owned()));
            }
            self.0
                .saves
                .lock()
                .unwrap()
                .push((shard.clone(), save.clone()));
            Ok(())
        })
    }

    fn holds(&self, _: &ShardId) -> bool {
        !self.0.is_lost.load(Relaxed)
    }
}

fn shard() -> ShardId {
    ShardId::new("spans/shardId-000000000000")
}

fn opened(position: Position, state: Bytes, log: Vec<Bytes>) -> ShardEvent {
    let what = Happened::Opened {
        position,
        state,
        log,
    };
    ShardEvent::new(shard(), what)
}

/// Returns an event with records, each with its position and second of arrival, and the time.
fn records(records: &[(u32, u64, Vec<u8>)], now: u64) -> ShardEvent {
    let record = |(place, second, data): &(u32, u64, Vec<u8>)| {
        let arrival = StreamTime::from_millis(START + second * 1000);
        let sequence = SequenceNumber::new(&place.to_string());
        Record::new(sequence, "key", arrival, data.clone().into())
    };
    let what = Happened::Records {
        records: records.iter().map(record).collect(),
        now: StreamTime::from_millis(START + now * 1000),
        behind: Duration::ZERO,
    };
    ShardEvent::new(shard(), what)
}

fn script(events: Vec<ShardEvent>, saved: &Arc<Saved>) -> Script {
    Script {
        events: events.into(),
        ends: true,
        saved: saved.clone(),
    }
}

fn rules() -> RelayBuilder {
    Relay::builder()
        .rule(Rule::keep("errors", Condition::error()))
        .rule(Rule::probability("tenth", Condition::always(), 0.1))
}

fn all() -> Vec<ShardEvent> {
    vec![
        opened(Position::TrimHorizon, Bytes::new(), Vec::new()),
        records(
            &[
                (1, 0, request(trace(0, false), 1, false)),
                (2, 1, request(trace(1, false), 1, false)),
                (3, 2, request(trace(0, false), 2, true)),
                (4, 50, request(trace(2, true), 1, false)),
            ],
            55,
        ),
    ]
}

#[tokio::test(start_paused = true)]
async fn what_is_decided_is_delivered_and_the_checkpoint_is_the_oldest_that_is_not() {
    let (sink, saved) = (Keep::accepting("backend"), Arc::new(Saved::default()));
    let relay = rules()
        .source(script(all(), &saved))
        .transform(|span: &mut SpanEditor<'_>| span.remove_attribute("user.email"))
        .sink(sink.clone(), SinkSettings::default(), Lane::all());
    let summary = relay
        .build()
        .unwrap()
        .run(std::future::pending())
        .await
        .unwrap();
    assert_eq!(sink.ids(), [(0, 1), (0, 2)]);
    assert!(sink.spans().iter().all(|span| {
        span.attributes
            .iter()
            .all(|attribute| attribute.key != "user.email")
    }));
    assert_eq!(summary.delivered_traces, 1);
    assert_eq!(summary.telemetry.records, 4);
    // The last trace is undecided.
    assert_eq!(saved.last(), Some(Position::At(SequenceNumber::new("4"))));
}

#[tokio::test(start_paused = true)]
async fn a_restart_goes_on_at_the_checkpoint_with_the_decisions_there_were() {
    let (sink, saved) = (Keep::accepting("backend"), Arc::new(Saved::default()));
    let relay = rules().source(script(all(), &saved)).sink(
        sink.clone(),
        SinkSettings::default(),
        Lane::all(),
    );
    relay
        .build()
        .unwrap()
        .run(std::future::pending())
        .await
        .unwrap();
    let (position, state, log) = {
        let saves = saved.saves.lock().unwrap();
        let last = &saves.last().unwrap().1;
        let log = saves.iter().map(|(_, save)| save.log.clone());
        let log: Vec<_> = log.filter(|log| !log.is_empty()).collect();
        (last.position.clone(), last.state.clone(), log)
    };
    assert!(Checkpoint::parse(&state).is_ok());
    // The decided trace has a late span, the undecided one continues.
    let again = vec![
        opened(position, state, log),
        records(
            &[
                (4, 50, request(trace(2, true), 1, false)),
                (5, 60, request(trace(0, false), 3, false)),
            ],
            120,
        ),
    ];
    let relay = rules().source(script(again, &saved)).sink(
        sink.clone(),
        SinkSettings::default(),
        Lane::all(),
    );
    relay
        .build()
        .unwrap()
        .run(std::future::pending())
        .await
        .unwrap();
    assert_eq!(sink.ids(), [(0, 1), (0, 2), (0, 3), (2, 1)]);
    assert_eq!(
        saved.last(),
        Some(Position::After(SequenceNumber::new("5")))
    );
}

#[tokio::test(start_paused = true)]
async fn a_critical_sink_that_is_away_holds_the_checkpoint_and_the_end_comes_in_time() {
    let away = || Outcome::Retryable {
        after: None,
        why: "away".to_owned(),
    };
    let critical = Keep::answering("critical", move |_| away());
    let (other, saved) = (Keep::accepting("other"), Arc::new(Saved::default()));
    let relay = rules()
        .source(script(all(), &saved))
        .shutdown_within(Duration::from_secs(10))
        .sink(critical, SinkSettings::default(), Lane::all())
        .sink(other.clone(), SinkSettings::best_effort(), Lane::all());
    let started = tokio::time::Instant::now();
    let summary = relay
        .build()
        .unwrap()
        .run(std::future::pending())
        .await
        .unwrap();
    assert!(
        started.elapsed() < Duration::from_secs(12),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(other.ids(), [(0, 1), (0, 2)]);
    assert_eq!(summary.abandoned, 2);
    assert_eq!(saved.last(), Some(Position::At(SequenceNumber::new("1"))));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_at_the_end_is_said() {
    let saved = Arc::new(Saved::default());
    saved.is_away.store(true, Relaxed);
    let relay = rules().source(script(all(), &saved)).sink(
        Keep::accepting("backend"),
        SinkSettings::default(),
        Lane::all(),
    );
    let error = relay
        .build()
        .unwrap()
        .run(std::future::pending())
        .await
        .unwrap_err();
    assert!(matches!(error, RelayError::Unsaved(_)), "{error}");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_delivered_of_a_shard_whose_lease_is_not_held() {
    let (sink, saved) = (Keep::accepting("backend"), Arc::new(Saved::default()));
    saved.is_lost.store(true, Relaxed);
    let mut events = all();
    events.push(ShardEvent::new(shard(), Happened::Lost));
    let mut source = script(events, &saved);
    source.ends = false;
    let relay = rules()
        .source(source)
        .shutdown_within(Duration::from_secs(2))
        .sink(sink.clone(), SinkSettings::default(), Lane::all());
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(async move {
        let stopped = async {
            let _ = stopped.await;
        };
        relay.build().unwrap().run(stopped).await
    });
    sleep(Duration::from_secs(30)).await;
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
    assert_eq!(sink.ids(), []);
    assert!(saved.saves.lock().unwrap().is_empty());
}
