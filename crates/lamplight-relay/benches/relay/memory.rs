//! Memory in addition to the bytes of records.

use std::{
    env, fs,
    io::{Read as _, Write as _, stdin},
    process::{Command, ExitCode, Stdio},
    sync::Arc,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use lamplight_otlp::Writer;
use lamplight_relay::{
    engine::{Engine, Settings},
    function::{Batch, Handler},
    record::{Record, SequenceNumber, ShardId, StreamTime},
    relay::{Lane, Relay},
    rules::{Condition, Rule, Rules},
    sink::{BoxFuture, Outcome, Request, Sink, SinkSettings},
};

use crate::corpus::Corpus;

/// Goal for the memory of a trace in addition to its records: 48 bytes of state, 12 that link a
/// record to it, and its part of the index, which is 6 to 12 as tables grow.
const GOAL: f64 = 72.0;

/// Goal for the memory of a function with 128 MB, in MB.
const FUNCTION: f64 = 128.0;

/// Maximum number of records in a batch, and maximum size of its event in bytes.
const BATCH: (usize, usize) = (10_000, 6_000_000);

const CHILD: &str = "--child";

pub(crate) fn is_child(arguments: &[String]) -> bool {
    arguments.first().is_some_and(|first| first == CHILD)
}

pub(crate) fn main(arguments: &[String], check: bool) -> ExitCode {
    if let [_, what, records, traces] = arguments
        && is_child(arguments)
    {
        let (records, traces) = (records.parse().unwrap(), traces.parse().unwrap());
        match what.as_str() {
            "held" => println!("{}", held(records, traces)),
            _ => function(),
        }
        return ExitCode::SUCCESS;
    }
    let taken = |records, traces| *child("held", records, traces, "").first().unwrap();
    // The same number of records, with more traces in each: the difference is caused by the traces
    // alone.
    let (records, few, many) = (50_000, 1, 9);
    let (with_few, with_many) = (taken(records, few), taken(records, many));
    let traces = f64::from(records * (many - few));
    let a_trace = (with_many - with_few) / traces;
    let a_record = with_few / f64::from(records) - a_trace;
    println!("an undecided trace takes {a_trace:.1} bytes beside its records");
    println!("a record takes {a_record:.1} bytes beside its data");
    let mut highest = 0.0_f64;
    for (name, event) in [("as usual", usual()), ("with nothing but ids", smallest())] {
        let (megabytes, records) = (event.len() as f64 / 1e6, event.matches("eventID").count());
        let [peak, idle] = child("function", 0, 0, &event)[..] else {
            panic!("the child said something else");
        };
        println!(
            "a batch of {records} records {name}, in an event of {megabytes:.2} MB, takes at most \
             {peak:.1} MB with the event in it; before it is read, {idle:.1} MB"
        );
        highest = highest.max(peak);
    }
    if check && (a_trace > GOAL || highest > FUNCTION) {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Returns the numbers that another process of this program prints.
fn child(what: &str, records: u32, traces: u32, input: &str) -> Vec<f64> {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args([CHILD, what, &records.to_string(), &traces.to_string()]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    text.split_whitespace()
        .map(|number| number.parse().unwrap())
        .collect()
}

/// Returns a line of `/proc/self/status` in kB, converted to bytes.
fn status(name: &str) -> f64 {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<f64>()
        .unwrap()
        * 1024.0
}

/// Returns the memory of an engine with records of this number of traces each.
fn held(records: u32, traces: u32) -> f64 {
    let shard = ShardId::new("shardId-000000000000");
    let rules = Rules::builder().rule(Rule::keep("all", Condition::always()));
    let mut settings = Settings::default();
    settings.max_bytes = usize::MAX;
    let mut engine = Engine::new(settings, Arc::new(rules.build().unwrap()));
    engine.open(shard.clone(), None, &[] as &[&[u8]]).unwrap();
    let mut all: Vec<Record> = (0..records).map(|number| small(number, traces)).collect();
    let before = status("VmRSS");
    // From the end, so that the list need not be moved; all arrive at the same time.
    while let Some(record) = all.pop() {
        engine.push(&shard, record, &mut ());
    }
    let taken = status("VmRSS") - before;
    assert_eq!(
        engine.shard_stats().first().unwrap().traces,
        (records * traces) as usize
    );
    taken
}

/// Returns a record of spans with only ids.
fn small(number: u32, traces: u32) -> Record {
    let mut writer = Writer::default();
    writer.message(1, |writer| {
        writer.message(2, |writer| {
            for trace in 0..traces {
                let id = (u128::from(number) << 32 | u128::from(trace) | 1 << 100)
                    .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
                writer.message(2, |writer| {
                    writer.bytes(2, &[7; 8]);
                    writer.bytes(1, &id.to_be_bytes());
                });
            }
        });
    });
    Record::new(
        SequenceNumber::new(&format!("49590338271490256608559692538{number:027}")),
        &format!("{number:032x}"),
        StreamTime::from_millis(1_773_119_783_000),
        writer.into_bytes().into(),
    )
}

/// Returns the event with the maximum number of records, with only ids in their spans.
fn smallest() -> String {
    event((0..BATCH.0 as u32).map(|number| small(number, 1).data))
}

/// Returns the event of the maximum size.
fn usual() -> String {
    let corpus = Corpus::new(2000);
    event(corpus.payloads().iter().cloned())
}

/// Returns an event with as many of these records as fit.
fn event(records: impl Iterator<Item = Bytes>) -> String {
    let mut event = String::from("{\"Records\":[");
    for (number, data) in records.enumerate() {
        let record = format!(
            "{{\"kinesis\":{{\"kinesisSchemaVersion\":\"1.0\",\"partitionKey\":\"{number:032x}\",\
             \"sequenceNumber\":\"49590338271490256608559692538{number:027}\",\"data\":\"{}\",\
             \"approximateArrivalTimestamp\":1773119783.{:03}}},\"eventSource\":\"aws:kinesis\",\
             \"eventVersion\":\"1.0\",\"eventID\":\"shardId-000000000006:\
             49590338271490256608559692538{number:027}\",\"eventName\":\"aws:kinesis:record\",\
             \"awsRegion\":\"eu-west-1\"}}",
            STANDARD.encode(data),
            number % 1000,
        );
        if event.len() + record.len() + 3 > BATCH.1 {
            break;
        }
        if number > 0 {
            event.push(',');
        }
        event.push_str(&record);
    }
    event.push_str("]}");
    event
}

/// A sink that accepts everything.
struct Nowhere;

impl Sink for Nowhere {
    fn name(&self) -> &str {
        "nowhere"
    }

    fn send(&self, _: Request) -> BoxFuture<'_, Outcome> {
        Box::pin(async { Outcome::accepted() })
    }
}

/// Prints the maximum memory of a function with an event, and its memory before reading it.
fn function() {
    let mut event = String::new();
    stdin().read_to_string(&mut event).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let relay = Relay::builder().clean(crate::redact()).sink(
        Arc::new(Nowhere),
        SinkSettings::default(),
        Lane::all(),
    );
    let handler = Handler::new(relay).unwrap();
    let idle = status("VmRSS") / 1e6;
    let answer = runtime.block_on(async {
        let batch: Batch = serde_json::from_str(&event).unwrap();
        handler.handle(batch, Duration::from_secs(60)).await
    });
    assert_eq!(answer.failed, None);
    println!("{} {idle}", status("VmHWM") / 1e6);
}
