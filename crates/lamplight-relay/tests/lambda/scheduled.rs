//! The complete function `lamplight-relay-scheduled`: Lambda and Kinesis are simulated, and its
//! checkpoints are in a table.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use lambda_simulator::{InvocationBuilder, InvocationStatus, Simulator};
use lamplight_test_kinesis::{Endpoint, Fault, Kinesis};
use serde_json::json;
use tokio::time::{sleep, timeout};

use crate::{
    receiver::{PATIENCE, Receiver, record},
    table::Table,
};

/// An execution environment: the function's process, and a simulated Lambda.
struct Lambda {
    simulator: Simulator,
    process: Child,
}

impl Drop for Lambda {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Lambda {
    async fn start(world: &World) -> Self {
        let simulator = Simulator::builder().build().await.unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_lamplight-relay-scheduled"))
            .env_clear()
            .envs(simulator.lambda_env_vars())
            .env("AWS_ACCESS_KEY_ID", "key")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("LAMPLIGHT_RELAY_CONFIG", world.config())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        Self { simulator, process }
    }

    /// Begins an invocation with a time limit, and returns its id.
    async fn begin(&self, time: Duration) -> String {
        let millis = time.as_millis().try_into().unwrap();
        // As sent by an EventBridge schedule.
        let event = json!({ "version": "0", "source": "aws.scheduler", "detail": "{}" });
        let invocation = InvocationBuilder::new().payload(event).timeout_ms(millis);
        self.simulator.enqueue(invocation.build().unwrap()).await
    }

    /// Waits for a successful response before the deadline.
    async fn ended(&self, id: &str) {
        let complete = self
            .simulator
            .wait_for_invocation_complete(id, 3 * PATIENCE);
        let state = complete.await.unwrap();
        assert_eq!(state.status, InvocationStatus::Success, "{:?}", state.error);
        let answered = state.response.unwrap().received_at;
        assert!(answered <= state.invocation.deadline, "{answered}");
    }

    async fn invoke(&self) {
        let id = self.begin(2 * PATIENCE).await;
        self.ended(&id).await;
    }
}

#[test]
fn a_function_whose_checkpoints_the_next_run_would_not_find_does_not_start() {
    let sink = "[[sink]]\nname = \"out\"\ntype = \"stdout\"\n";
    let source =
        |kind: &str| format!("[source]\nstreams = [\"s\"]\ncheckpoints = {{ type = {kind} }}\n");
    for (source, said) in [
        (String::new(), "has no [source]"),
        (source("\"memory\""), "find no checkpoint"),
        (source("\"file\", path = \"/tmp/x\""), "find no checkpoint"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_lamplight-relay-scheduled"))
            .env_clear()
            .env("LAMPLIGHT_RELAY_CONFIG", source + sink)
            .output()
            .unwrap();
        assert!(!output.status.success());
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains(said), "{error}");
    }
}

/// The environment of the function: a stream with one shard, a destination, and a table.
struct World {
    kinesis: Kinesis,
    endpoint: Endpoint,
    receiver: Receiver,
    table: Table,
}

impl World {
    async fn new() -> Self {
        let kinesis = Kinesis::new();
        kinesis.create_stream("spans", 1);
        Self {
            endpoint: kinesis.serve().await,
            receiver: Receiver::start().await,
            table: Table::start().await,
            kinesis,
        }
    }

    fn config(&self) -> String {
        format!(
            "[source]
streams = [\"spans\"]
endpoint = {:?}
poll_interval = \"250 ms\"
lease = \"5 s\"
checkpoints = {{ type = \"dynamodb\", table = \"checkpoints\", endpoint = {:?} }}

[sampling]
decision_wait = \"1 h\"
late_window = \"7 d\"

[[rule]]
name = \"errors\"
when = {{ error = true }}
keep = true

[[sink]]
name = \"backend\"
type = \"otlp_http\"
endpoint = {:?}
compression = \"none\"
",
            self.endpoint.url(),
            self.table.url,
            self.receiver.url
        )
    }

    fn put(&self, trace: u8, span: u8, is_error: bool) {
        let data = record(trace, span, is_error);
        self.kinesis.put("spans", &trace.to_string(), data);
    }

    /// Advances the stream's time so far that its content is decided once more records arrive.
    fn pass(&self) {
        self.kinesis.clock().advance(Duration::from_secs(2 * 3600));
    }

    /// Puts a kept trace, followed by records that advance time.
    fn put_decided(&self) {
        self.put(1, 1, false);
        self.put(1, 2, true);
        self.pass();
        self.put(9, 1, false);
    }

    /// Returns the delivered spans, as numbers of traces and spans.
    fn delivered(&self) -> Vec<(u8, u8)> {
        let spans = self.receiver.spans();
        let mut ids: Vec<_> = spans
            .iter()
            .map(|it| (it.trace_id[0], it.span_id[7]))
            .collect();
        ids.sort_unstable();
        ids
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_run_goes_on_where_the_last_one_was_and_traces_are_sampled_as_wholes() {
    let world = World::new().await;
    let lambda = Lambda::start(&world).await;

    world.put(1, 1, false);
    lambda.invoke().await;
    let first = world.table.row().unwrap();
    assert_eq!((first.token, &first.owner), (1, &None));
    assert!(world.delivered().is_empty(), "it is undecided");

    // The span of the first run is decided with this one.
    world.put(1, 2, true);
    world.put(2, 1, false);
    world.pass();
    world.put(3, 1, true);
    lambda.invoke().await;
    let second = world.table.row().unwrap();
    assert_eq!((second.token, &second.owner), (2, &None));
    assert_ne!(second.checkpoint, first.checkpoint);
    assert_eq!(world.delivered(), [(1, 1), (1, 2)]);

    // Late spans follow decisions of an earlier run.
    world.put(1, 3, false);
    world.put(2, 2, false);
    world.pass();
    world.put(4, 1, false);
    lambda.invoke().await;
    let third = world.table.row().unwrap();
    assert_eq!((third.token, &third.owner), (3, &None));
    assert_ne!(third.checkpoint, second.checkpoint);
    assert_eq!(world.delivered(), [(1, 1), (1, 2), (1, 3), (3, 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_runs_that_overlap_one_has_the_shard_and_the_other_ends_without_it() {
    let world = World::new().await;
    world.put_decided();
    // The first one keeps running.
    world
        .kinesis
        .fault("GetRecords", Fault::throttled(), usize::MAX);
    let first = Lambda::start(&world).await;
    let run = first.begin(2 * PATIENCE).await;
    let held = world.table.wait_for(|row| row.owner.is_some()).await;

    let second = Lambda::start(&world).await;
    second.invoke().await;
    let still_held = world.table.row().unwrap();
    assert_eq!(
        (still_held.owner, still_held.token),
        (held.owner, held.token)
    );

    world.kinesis.heal();
    first.ended(&run).await;
    assert_eq!(world.delivered(), [(1, 1), (1, 2)]);
    let done = world.table.row().unwrap();
    assert_eq!((done.owner, done.token), (None, held.token));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_cannot_read_to_the_end_stops_before_its_deadline_and_the_next_one_does_it() {
    let world = World::new().await;
    world.put_decided();
    world
        .kinesis
        .fault("GetRecords", Fault::throttled(), usize::MAX);
    let lambda = Lambda::start(&world).await;
    let run = lambda.begin(Duration::from_secs(12)).await;
    lambda.ended(&run).await;
    assert!(world.delivered().is_empty());
    assert_eq!(
        world.table.row().unwrap().owner,
        None,
        "it gave its lease back"
    );

    world.kinesis.heal();
    lambda.invoke().await;
    assert_eq!(world.delivered(), [(1, 1), (1, 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_destination_is_away_saves_nothing_that_was_not_delivered() {
    let world = World::new().await;
    world.put_decided();
    world.receiver.refuse(usize::MAX);
    let lambda = Lambda::start(&world).await;
    let run = lambda.begin(Duration::from_secs(12)).await;
    lambda.ended(&run).await;
    assert!(world.delivered().is_empty());

    world.receiver.heal();
    lambda.invoke().await;
    assert_eq!(world.delivered(), [(1, 1), (1, 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_a_run_is_killed_because_its_time_is_up() {
    let world = World::new().await;
    world.put_decided();
    world.receiver.refuse(usize::MAX);
    let lambda = Lambda::start(&world).await;
    lambda.begin(2 * PATIENCE).await;
    let has_read = async {
        while !world
            .kinesis
            .calls()
            .iter()
            .any(|call| call.operation == "GetRecords")
        {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, has_read).await.expect("it reads");
    // Lambda ends the process at the time limit, and starts another for the next run.
    drop(lambda);
    let held = world.table.row().unwrap();
    assert!(held.owner.is_some(), "it could not give its lease back");

    world.receiver.heal();
    Lambda::start(&world).await.invoke().await;
    assert_eq!(world.delivered(), [(1, 1), (1, 2)]);
    let done = world.table.row().unwrap();
    assert_eq!((done.owner, done.token), (None, held.token + 1));
}
