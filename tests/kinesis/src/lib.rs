//! A Kinesis with a read side, and an event source mapping, in the process of a test.
//!
//! [`Kinesis`] does what readers depend on: shards that end and name their children, splits and merges, the
//! limits of 5 calls and 2 MB a second and shard, iterators that expire, answers that are empty although
//! records follow, retention, and [`Fault`]s on command. It answers in the test's own process
//! ([`Kinesis::call`]) and over HTTP ([`Kinesis::serve`]). Its [`Clock`] follows Tokio's, paused or not, and can
//! be put forward.
//!
//! [`Mapping`] invokes a function with batches of a stream, as Lambda's event source mapping does.

// Tests stop where something is wrong.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking"
)]

mod clock;
mod fault;
mod mapping;
mod operations;
mod server;
mod stream;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::watch;

pub use clock::Clock;
pub use fault::Fault;
pub use mapping::{Mapping, MappingSettings};
pub use server::Endpoint;
pub use stream::{Shard, Stored};

use stream::Stream;

/// A Kinesis. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Kinesis {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    clock: Clock,
    state: Mutex<State>,
    changed: watch::Sender<u64>,
}

/// What a Kinesis holds.
#[derive(Debug, Default)]
struct State {
    streams: BTreeMap<String, Stream>,
    settings: Settings,
    faults: Vec<fault::Planned>,
    /// Iterators that were given before are refused.
    epoch: u64,
    next_sequence: u64,
    calls: Vec<Call>,
    /// How many answers have no records although some follow.
    empty_answers: usize,
}

impl State {
    fn take_empty_answer(&mut self) -> bool {
        let empty = self.empty_answers > 0;
        self.empty_answers = self.empty_answers.saturating_sub(1);
        empty
    }
}

/// How a Kinesis behaves.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Settings {
    /// Whether the limits of reading are enforced.
    pub limits: bool,
    /// How long records are kept.
    pub retention: Duration,
    /// Most shards on a page of a listing.
    pub page: usize,
    /// Whether the answer with the last records of a closed shard says that it is the last.
    pub ends_with_records: bool,
    /// Most records in an answer, whatever was asked for.
    pub most_records: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: true,
            retention: Duration::from_secs(24 * 60 * 60),
            page: 1000,
            ends_with_records: false,
            most_records: 10_000,
        }
    }
}

/// A call that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// The operation, such as `GetRecords`.
    pub operation: String,
    /// The shard that it was about, if it was about one.
    pub shard: Option<String>,
    /// When it was made: milliseconds since 1970 began.
    pub at: u64,
    /// The name of the error that it was answered with.
    pub error: Option<String>,
}

/// An answer of the service.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, if it is JSON.
    pub body: Value,
    /// The events of an answer that is a stream of them.
    pub(crate) events: Option<Bytes>,
}

impl Answer {
    fn ok(body: Value) -> Self {
        Self {
            status: 200,
            body,
            events: None,
        }
    }

    pub(crate) fn error(status: u16, kind: &str, message: &str) -> Self {
        Self {
            status,
            body: json!({"__type": kind, "message": message}),
            events: None,
        }
    }

    /// Returns the body as it is on the wire.
    pub fn bytes(&self) -> Bytes {
        let json = || Bytes::from(self.body.to_string());
        self.events.clone().unwrap_or_else(json)
    }

    /// Returns what the body is.
    pub fn content_type(&self) -> &'static str {
        match self.events {
            Some(_) => "application/vnd.amazon.eventstream",
            None => "application/x-amz-json-1.1",
        }
    }

    /// Returns the name of the error; `None` if all is well.
    pub fn kind(&self) -> Option<&str> {
        (self.status != 200).then(|| self.body["__type"].as_str().unwrap_or("unknown"))
    }
}

impl Kinesis {
    /// Returns a Kinesis without streams, whose time is the machine's.
    pub fn new() -> Self {
        Self::with_clock(Clock::system())
    }

    /// Returns a Kinesis without streams, with a clock.
    pub fn with_clock(clock: Clock) -> Self {
        Self {
            inner: Arc::new(Inner {
                clock,
                state: Mutex::default(),
                changed: watch::Sender::new(0),
            }),
        }
    }

    /// Returns its clock.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Changes how it behaves.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.state().settings);
    }

    /// Makes a stream.
    pub fn create_stream(&self, name: &str, shards: usize) {
        let now = self.inner.clock.now();
        let stream = Stream::new(shards, now);
        self.state().streams.insert(name.to_owned(), stream);
        self.change();
    }

    /// Puts a record, and returns its shard and its sequence number.
    pub fn put(&self, stream: &str, key: &str, data: impl Into<Bytes>) -> (String, String) {
        self.put_at(stream, key, None, data.into())
    }

    fn put_at(&self, stream: &str, key: &str, hash: Option<u128>, data: Bytes) -> (String, String) {
        let now = self.inner.clock.now();
        let mut state = self.state();
        state.next_sequence += 1;
        let number = state.next_sequence;
        let stream = state.streams.get_mut(stream).expect("the stream exists");
        let shard = stream.put(number, key, hash, data, now);
        drop(state);
        self.change();
        (shard, stream::sequence(number))
    }

    /// Splits a shard in the middle of its hash keys, and returns its children.
    pub fn split(&self, stream: &str, shard: &str) -> [String; 2] {
        let range = self.shard(stream, shard);
        let middle = range.first + (range.last - range.first) / 2 + 1;
        let children = self.reshard(stream, |stream, number, now| {
            stream.split(shard, middle, number, now)
        });
        children.expect("the shard can be split")
    }

    /// Merges two neighbors, and returns their child.
    pub fn merge(&self, stream: &str, first: &str, second: &str) -> String {
        let child = self.reshard(stream, |stream, number, now| {
            stream.merge(first, second, number, now)
        });
        child.expect("the shards can be merged")
    }

    fn reshard<T>(&self, stream: &str, change: impl FnOnce(&mut Stream, u64, u64) -> T) -> T {
        let now = self.inner.clock.now();
        let mut state = self.state();
        state.next_sequence += 1;
        let number = state.next_sequence;
        let stream = state.streams.get_mut(stream).expect("the stream exists");
        let done = change(stream, number, now);
        drop(state);
        self.change();
        done
    }

    /// Returns the shards of a stream, closed ones too.
    pub fn shards(&self, stream: &str) -> Vec<Shard> {
        self.state().streams[stream].shards.clone()
    }

    /// Returns a shard.
    pub fn shard(&self, stream: &str, shard: &str) -> Shard {
        let shards = self.shards(stream);
        let found = shards.into_iter().find(|found| found.id == shard);
        found.expect("the shard exists")
    }

    /// Returns all records of a stream that are left, shard by shard.
    pub fn records(&self, stream: &str) -> Vec<Stored> {
        let shards = self.shards(stream);
        shards.into_iter().flat_map(|shard| shard.records).collect()
    }

    /// Removes what arrived before a time, in milliseconds since 1970 began, and shards that were closed
    /// before it.
    pub fn trim(&self, stream: &str, before: u64) {
        let mut state = self.state();
        let stream = state.streams.get_mut(stream).expect("the stream exists");
        stream.trim(before);
    }

    /// Makes all iterators that were given expire now.
    pub fn expire_iterators(&self) {
        self.state().epoch += 1;
    }

    /// Treats the next `times` calls of an operation with a fault. `operation` is a name, or `*` for all.
    pub fn fault(&self, operation: &str, fault: Fault, times: usize) {
        self.state().faults.push(fault::Planned {
            operation: operation.to_owned(),
            fault,
            times,
        });
    }

    /// Answers the next `times` calls of `GetRecords` without records, although there may be some.
    pub fn answer_empty(&self, times: usize) {
        self.state().empty_answers += times;
    }

    /// Forgets all faults that are still to come.
    pub fn heal(&self) {
        self.state().faults.clear();
    }

    /// Returns the calls that were made so far, over HTTP and otherwise.
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// Returns a number that changes with every call and every record, to wait for.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.inner.changed.subscribe()
    }

    /// Answers a call of an operation, such as `GetRecords`. A fault that is none of HTTP's answers is `None`:
    /// the connection breaks. One that hangs never returns.
    pub async fn call(&self, operation: &str, input: &Value) -> Option<Answer> {
        let fault = self.state().take_fault(operation);
        if let Some(fault) = &fault {
            fault.wait().await;
        }
        let answer = match &fault {
            Some(Fault::Answer { status, kind }) => Answer::error(*status, kind, "as planned"),
            Some(Fault::Drop) => Answer::error(0, "Drop", "the connection was dropped"),
            _ => {
                let now = self.inner.clock.now();
                operations::answer(self, operation, input, now)
            }
        };
        let shard = operations::shard_of(input);
        self.state().calls.push(Call {
            operation: operation.to_owned(),
            shard,
            at: self.inner.clock.now(),
            error: answer.kind().map(str::to_owned),
        });
        self.change();
        let dropped = matches!(fault, Some(Fault::Drop | Fault::DropAnswer));
        (!dropped).then_some(answer)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let state = self.inner.state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self) {
        self.inner.changed.send_modify(|changes| *changes += 1);
    }
}

impl Default for Kinesis {
    fn default() -> Self {
        Self::new()
    }
}
