//! Two thousand invocations with all faults between the function and Kinesis, and freezes of any length in
//! between.
//!
//! The default run is short. The complete one takes a quarter of an hour: `cargo test -p lamplight-tests
//! --test it -- lifecycle::chaos::whole --ignored --nocapture`. Its rows are: policy, faults, invocations,
//! requests, disturbed requests, spans started, received, dropped, received more than once, median and
//! longest response time.

use std::{collections::HashMap, time::Duration};

use lamplight_tests::{
    Closing, Fault, Kinesis, LambdaBuilder, Proxy, SERVER_ERROR, THROTTLED, all_faults,
};
use serde_json::json;

use crate::lifecycle::function;

/// The timeout of a client in these tests, and of a flush.
const TIMEOUT: Duration = Duration::from_millis(300);
const BUDGET: Duration = Duration::from_millis(400);

/// A late answer takes longer than all timeouts.
const FAULTS: [Fault; 7] = all_faults(TIMEOUT.saturating_mul(3));

/// A response that waited for a hanging flush takes longer; almost no other does.
const SLOW: Duration = Duration::from_millis(250);

/// The outcome of a run.
#[derive(Debug)]
struct Outcome {
    invocations: usize,
    started: usize,
    received: usize,
    dropped: usize,
    /// Spans that were received more than once.
    duplicated: usize,
    /// Those of them whose answer was not lost: there must be none.
    unexplained: usize,
    requests: usize,
    faults: usize,
    /// The median and the maximum response time, and the number of slow responses.
    usual: Duration,
    longest: Duration,
    slow: usize,
}

struct Run<'a> {
    policy: &'a str,
    faults: &'a [Fault],
    /// The percentage of disturbed requests.
    share: u8,
    /// True if the stream's throughput is occasionally used up, so that it rejects single records.
    exhaust: bool,
    /// True if idle connections end during freezes.
    close: bool,
    /// The number of spans that the queue holds.
    queue: usize,
    invocations: usize,
    seed: u64,
}

impl Default for Run<'_> {
    fn default() -> Self {
        Self {
            policy: "after-response",
            faults: &FAULTS,
            share: 25,
            exhaust: false,
            close: false,
            queue: 64,
            invocations: 200,
            seed: fastrand::u64(..),
        }
    }
}

fn chaotic(policy: &str, queue: usize, kinesis: &Kinesis, proxy: &Proxy) -> LambdaBuilder {
    let millis = |time: Duration| time.as_millis().to_string();
    function()
        .with_variables(kinesis.variables())
        .with_variable("AWS_ENDPOINT_URL_KINESIS", proxy.url())
        .with_variable("LAMPLIGHT_KINESIS_TIMEOUT", millis(TIMEOUT))
        .with_variable("LAMPLIGHT_FLUSH", policy)
        .with_variable("LAMPLIGHT_FLUSH_BUDGET", millis(BUDGET))
        .with_variable("LAMPLIGHT_SIGTERM", "true")
        // Small, so that batches are full.
        .with_variable("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "8")
        .with_variable("OTEL_BSP_MAX_QUEUE_SIZE", queue.to_string())
}

impl Run<'_> {
    async fn run(&self) -> Outcome {
        let mut random = fastrand::Rng::with_seed(self.seed);
        let kinesis = Kinesis::start().await;
        let proxy = Proxy::to(kinesis.address()).await;
        proxy.disturb(self.faults, self.share, random.u64(..));
        let mut lambda = chaotic(self.policy, self.queue, &kinesis, &proxy)
            .start()
            .await;
        let is_manual = self.policy == "manual";

        let mut started = 0;
        let mut times = Vec::new();
        for number in 0..self.invocations {
            if self.exhaust && random.u8(..100) < 4 {
                kinesis.exhaust().await;
            }
            let children = random.usize(..4);
            let flush = is_manual && number % 3 == 0;
            lambda.idle().await;
            let event = json!({"do": {"spans": children}, "flush": flush});
            let answer = lambda.invoke_now(event).await;
            assert!(!answer.is_error);
            started += 1 + children;
            // A flush by hand is awaited.
            if !flush {
                times.push(answer.took);
            }
            // Lambda freezes when the function requests the next event; this one occasionally does it at any
            // other time.
            if random.u8(..100) >= 5 {
                lambda.idle().await;
            } else {
                tokio::time::sleep(Duration::from_micros(random.u64(..6_000))).await;
            }
            lambda.freeze();
            if self.close && random.u8(..100) < 10 {
                let ways = [Closing::Closed, Closing::Reset, Closing::Forgotten];
                proxy.close_idle(*random.choice(&ways).unwrap());
            }
            let longest = if random.u8(..100) < 2 { 700 } else { 15 };
            tokio::time::sleep(Duration::from_millis(random.u64(..longest))).await;
            lambda.thaw();
        }

        proxy.heal();
        let mut dropped = 0;
        for _ in 0..200 {
            let event = json!({"do": "stats", "flush": is_manual});
            let stats = lambda.invoke(event).await.json();
            started += 1;
            dropped = usize::try_from(stats["dropped"].as_u64().unwrap()).unwrap();
            lambda.idle().await;
            // With the adaptive policy, the waiting spans are delivered at the end.
            if stats["queued"].as_u64().unwrap() <= 12 {
                break;
            }
            // Lets pauses after failures end, and the stream recover.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let (status, _, log) = lambda.terminate().await;
        assert_eq!(status.code(), Some(0));
        let lost = log
            .lines()
            .find(|line| line.contains("not delivered before"));
        assert_eq!(lost, None);
        self.outcome(started, dropped, times, &kinesis, &proxy)
            .await
    }

    async fn outcome(
        &self,
        started: usize,
        dropped: usize,
        mut times: Vec<Duration>,
        kinesis: &Kinesis,
        proxy: &Proxy,
    ) -> Outcome {
        let mut counts = HashMap::<_, usize>::new();
        for span in kinesis.spans(0).await {
            *counts.entry(span.span_id).or_default() += 1;
        }
        let unanswered = proxy.unanswered().await;
        let duplicated: Vec<_> = counts.iter().filter(|(_, count)| **count > 1).collect();
        let unexplained = duplicated
            .iter()
            .filter(|(span, _)| !unanswered.contains(*span));
        let (requests, faults) = proxy.happened();
        times.sort();
        Outcome {
            invocations: self.invocations,
            started,
            received: counts.len(),
            dropped,
            duplicated: duplicated.len(),
            unexplained: unexplained.count(),
            requests,
            faults: faults.values().sum(),
            usual: times[times.len() / 2],
            longest: times[times.len() - 1],
            slow: times.iter().filter(|took| **took > SLOW).count(),
        }
    }
}

impl Outcome {
    fn print(&self, policy: &str, faults: &str) {
        println!(
            "| {policy} | {faults} | {} | {} | {} | {} | {} | {} | {} | {:.1?} | {:.0?} |",
            self.invocations,
            self.requests,
            self.faults,
            self.started,
            self.received,
            self.dropped,
            self.duplicated,
            self.usual,
            self.longest,
        );
    }

    fn check(&self, policy: &str) {
        assert_eq!(
            self.received + self.dropped,
            self.started,
            "{policy}: {self:?}"
        );
        assert_eq!(self.unexplained, 0, "{policy}: {self:?}");
        if policy != "before-response" {
            // A busy machine is occasionally slow; there are far more faults.
            let allowed = 1 + self.invocations / 100;
            assert!(self.slow <= allowed, "{policy}: {self:?}");
        }
    }
}

/// One fault at a time.
fn single() -> Vec<(String, Run<'static>)> {
    let faults = FAULTS.iter().map(|fault| {
        let faults = std::slice::from_ref(fault);
        let run = Run {
            faults,
            ..Run::default()
        };
        let name = match *fault {
            THROTTLED => "Throttled".to_owned(),
            SERVER_ERROR => "ServerError".to_owned(),
            other => format!("{other:?}"),
        };
        (name, run)
    });
    let healthy = || Run {
        share: 0,
        ..Run::default()
    };
    let away = Run {
        faults: &[THROTTLED],
        share: 97,
        queue: 16,
        ..Run::default()
    };
    let exhausted = Run {
        exhaust: true,
        ..healthy()
    };
    let closed = Run {
        close: true,
        ..healthy()
    };
    let others = [
        ("none", healthy()),
        ("single records refused", exhausted),
        ("idle connections end", closed),
        ("throttled for long, queue of 16", away),
    ];
    let others = others.map(|(name, run)| (name.to_owned(), run));
    faults.chain(others).collect()
}

/// All faults at once.
async fn mixed(policy: &str, invocations: usize) -> Outcome {
    let run = Run {
        policy,
        exhaust: true,
        close: true,
        invocations,
        ..Run::default()
    };
    println!("{policy}: seed {}", run.seed);
    run.run().await
}

async fn short(policy: &str) {
    let outcome = mixed(policy, 80).await;
    outcome.print(policy, "all");
    outcome.check(policy);
    // One request in four is disturbed. After long pauses, there may be few requests.
    assert!(outcome.faults > 0 || outcome.requests < 60, "{outcome:?}");
}

#[tokio::test]
async fn after_the_response_no_span_is_lost() {
    short("after-response").await;
}

#[tokio::test]
async fn at_an_adaptive_pace_no_span_is_lost() {
    short("adaptive").await;
}

#[tokio::test]
async fn before_the_response_no_span_is_lost() {
    short("before-response").await;
}

#[tokio::test]
async fn by_hand_no_span_is_lost() {
    short("manual").await;
}

/// The rows of one policy.
async fn whole(policy: &str) {
    let mut outcomes = Vec::new();
    let outcome = mixed(policy, 2_000).await;
    outcome.print(policy, "all");
    outcomes.push(outcome);
    for (name, run) in single() {
        let outcome = Run { policy, ..run }.run().await;
        outcome.print(policy, &name);
        outcomes.push(outcome);
    }
    for outcome in outcomes {
        outcome.check(policy);
    }
}

#[tokio::test]
#[ignore = "a quarter of an hour"]
async fn whole_after_response() {
    whole("after-response").await;
}

#[tokio::test]
#[ignore = "a quarter of an hour"]
async fn whole_adaptive() {
    whole("adaptive").await;
}

#[tokio::test]
#[ignore = "a quarter of an hour"]
async fn whole_before_response() {
    whole("before-response").await;
}

#[tokio::test]
#[ignore = "a quarter of an hour"]
async fn whole_manual() {
    whole("manual").await;
}
