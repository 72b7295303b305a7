//! The process is killed at random points of a run with splits, merges, throttles and a sink that fails: what
//! its rules keep arrives, and nothing else does.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use fastrand::Rng;
use lamplight_test_kinesis::{Fault, Kinesis};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    trace::v1::{ResourceSpans, ScopeSpans, Span, Status},
};
use prost::Message as _;

use crate::{Folder, config, receiver::Receiver, relay};

const STREAM: &str = "spans";

/// How often the process is killed, unless the variable says otherwise: a longer run is
/// `LAMPLIGHT_RELAY_KILLS=500 cargo test -p lamplight-relay --test process kill -- --nocapture`.
const KILLS: usize = 25;

/// A span that was put into the stream.
#[derive(Debug, Clone, Copy)]
struct Put {
    is_error: bool,
    is_health: bool,
    is_late: bool,
}

/// Everything that was put, by trace and span.
#[derive(Debug, Default)]
struct Truth(BTreeMap<Vec<u8>, BTreeMap<u8, Put>>);

impl Truth {
    /// Returns the spans that the rules of the test keep: traces without health checks that have errors or
    /// are of a quarter, with what came late to them; and late errors.
    fn kept(&self) -> BTreeSet<(Vec<u8>, u8)> {
        let mut kept = BTreeSet::new();
        for (trace, spans) in &self.0 {
            let timely = || spans.values().filter(|span| !span.is_late);
            let is_vetoed = timely().any(|span| span.is_health);
            // The randomness is the last seven bytes.
            let is_kept = timely().any(|span| span.is_error) || trace[9] >= 0xc0;
            for (id, span) in spans {
                if !is_vetoed && (is_kept || span.is_late && span.is_error) {
                    kept.insert((trace.clone(), *id));
                }
            }
        }
        kept
    }
}

/// Puts traces into a stream whose clock runs ahead.
struct Producer {
    kinesis: Kinesis,
    rng: Rng,
    truth: Truth,
    /// What is still to come of earlier traces, and after how many steps.
    late: Vec<(usize, Vec<u8>)>,
    steps: usize,
}

impl Producer {
    /// Puts some traces, whose spans are mixed.
    fn step(&mut self) {
        self.steps += 1;
        let mut spans = Vec::new();
        for _ in 0..self.rng.usize(1..4) {
            let trace: Vec<u8> = std::iter::repeat_with(|| self.rng.u8(1..))
                .take(16)
                .collect();
            let is_bad = self.rng.u8(..) < 40;
            for id in 1..=self.rng.u8(1..5) {
                let put = Put {
                    is_error: is_bad && self.rng.bool(),
                    is_health: self.rng.u8(..) < 12,
                    is_late: false,
                };
                spans.push((trace.clone(), id, put));
            }
            if self.rng.u8(..) < 60 {
                let after = self.steps + self.rng.usize(3..8);
                self.late.push((after, trace));
            }
        }
        let steps = self.steps;
        let due: Vec<_> = self.late.extract_if(.., |(at, _)| *at <= steps).collect();
        for (_, trace) in due {
            let put = Put {
                is_error: self.rng.u8(..) < 80,
                is_health: false,
                is_late: true,
            };
            spans.push((trace, 100, put));
        }
        self.rng.shuffle(&mut spans);
        for (trace, id, put) in spans {
            self.kinesis.clock().advance(Duration::from_millis(10));
            let data = record(&trace, id, put);
            let key: String = trace.iter().map(|byte| format!("{byte:02x}")).collect();
            self.kinesis.put(STREAM, &key, data);
            self.truth.0.entry(trace).or_default().insert(id, put);
        }
        // What comes in a later step is late for what came in this one.
        self.kinesis.clock().advance(Duration::from_millis(3_200));
    }

    /// Does something to the stream.
    fn disturb(&mut self) {
        let mut open = self.kinesis.shards(STREAM);
        open.retain(|shard| shard.closed.is_none());
        open.sort_by_key(|shard| shard.first);
        match self.rng.u8(..16) {
            0 if open.len() < 4 => {
                let shard = self.rng.usize(..open.len());
                self.kinesis.split(STREAM, &open[shard].id);
            }
            // Neighbors by their hash keys.
            1 if open.len() > 1 => {
                let first = self.rng.usize(..open.len() - 1);
                let (first, second) = (&open[first].id, &open[first + 1].id);
                self.kinesis.merge(STREAM, first, second);
            }
            2..5 => self.kinesis.fault("GetRecords", Fault::throttled(), 2),
            5..7 => self.kinesis.fault("GetRecords", Fault::internal(), 2),
            7..9 => self.kinesis.expire_iterators(),
            9..11 => self.kinesis.answer_empty(2),
            _ => {}
        }
    }
}

fn record(trace: &[u8], id: u8, put: Put) -> Vec<u8> {
    let span = Span {
        trace_id: trace.to_owned(),
        span_id: vec![1, 0, 0, 0, 0, 0, 0, id],
        name: if put.is_health { "health" } else { "work" }.to_owned(),
        status: put.is_error.then(|| Status {
            code: 2,
            ..Status::default()
        }),
        ..Span::default()
    };
    let scope = ScopeSpans {
        spans: vec![span],
        ..ScopeSpans::default()
    };
    let resource = ResourceSpans {
        scope_spans: vec![scope],
        ..ResourceSpans::default()
    };
    ExportTraceServiceRequest {
        resource_spans: vec![resource],
    }
    .encode_to_vec()
}

const RULES: &str = "
[[rule]]
name = \"health\"
when = { name = \"health\" }
drop = true

[[rule]]
name = \"a quarter\"
probability = \"25 %\"
";

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_at_any_point_delivers_what_its_rules_keep_and_nothing_else() {
    let kills = std::env::var("LAMPLIGHT_RELAY_KILLS").ok();
    let kills = kills.map_or(KILLS, |kills| kills.parse().unwrap());
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let (folder, kinesis) = (Folder::new("kill"), Kinesis::new());
    kinesis.create_stream(STREAM, 2);
    let endpoint = kinesis.serve().await;
    let receiver = Receiver::start().await;
    let config = config(&folder, &endpoint.url(), &receiver.url);
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(
        &config,
        text.replace("[[sink]]", &format!("{RULES}\n[[sink]]")),
    )
    .unwrap();
    let config = config.to_str().unwrap();
    let mut producer = Producer {
        kinesis: kinesis.clone(),
        rng: Rng::with_seed(seed),
        truth: Truth::default(),
        late: Vec::new(),
        steps: 0,
    };

    for _ in 0..kills {
        let mut child = relay(&["--config", config])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // Now and then long enough for a checkpoint or several.
        let patience = match producer.rng.u8(..4) {
            0 => producer.rng.u64(1_000..2_500),
            _ => producer.rng.u64(20..600),
        };
        producer.step();
        producer.disturb();
        match producer.rng.u8(..6) {
            0 => receiver.refuse(1),
            1 => receiver.forget_to_answer(1),
            _ => {}
        }
        tokio::time::sleep(Duration::from_millis(patience)).await;
        child.kill().unwrap();
        child.wait().unwrap();
    }
    kinesis.heal();
    receiver.heal();
    // What decides all that is undecided: time, in each shard.
    let kept = producer.truth.kept();
    let child = relay(&["--config", config])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut child = Ends(child);
    let mut arrived = BTreeMap::new();
    let all_there = async {
        loop {
            for n in 0..32 {
                let trace = [[2, n, 7, 7, 7, 7, 7, 7, 7], [0; 9]].concat()[..16].to_vec();
                let nothing = Put {
                    is_error: false,
                    is_health: true,
                    is_late: false,
                };
                kinesis.put(STREAM, &format!("end {n}"), record(&trace, 1, nothing));
            }
            kinesis.clock().advance(Duration::from_secs(4));
            arrived = by_id(receiver.spans());
            if kept.iter().all(|span| arrived.contains_key(span)) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let is_all_there = tokio::time::timeout(5 * crate::receiver::PATIENCE, all_there).await;
    child.0.kill().unwrap();

    let delivered: usize = arrived.values().map(Vec::len).sum();
    let lost: Vec<_> = kept
        .iter()
        .filter(|span| !arrived.contains_key(*span))
        .collect();
    let unwanted: Vec<_> = arrived
        .keys()
        .filter(|span| !kept.contains(*span))
        .collect();
    let put: usize = producer.truth.0.values().map(BTreeMap::len).sum();
    println!(
        "{kills} kills, {} traces of {put} spans put, {} kept, {delivered} delivered, {} of them again, \
         {} lost, {} unwanted; {} shards",
        producer.truth.0.len(),
        kept.len(),
        delivered - arrived.len(),
        lost.len(),
        unwanted.len(),
        kinesis.shards(STREAM).len()
    );
    assert!(is_all_there.is_ok() && lost.is_empty(), "lost: {lost:?}");
    assert!(unwanted.is_empty(), "unwanted: {unwanted:?}");
    for (id, copies) in &arrived {
        assert!(
            copies.iter().all(|copy| copy == &copies[0]),
            "{id:?}: {copies:?}"
        );
    }
}

/// Returns the spans as they arrived, each with all its copies.
fn by_id(spans: Vec<Span>) -> BTreeMap<(Vec<u8>, u8), Vec<Span>> {
    let mut all = BTreeMap::<_, Vec<Span>>::new();
    for span in spans {
        let id = (span.trace_id.clone(), span.span_id[7]);
        all.entry(id).or_default().push(span);
    }
    all
}

/// A process that ends with the test.
struct Ends(std::process::Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
