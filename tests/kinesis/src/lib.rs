//! A simulated Kinesis with reading, and an event source mapping, within the process of a test.
//!
//! [`Kinesis`] implements the behavior that readers depend on: shards that end and name their
//! children, splits and merges, the limits of 5 calls and 2 MB per second and shard, iterators that
//! expire, empty responses although records follow, retention, and [`Fault`]s on request. It
//! responds within the test's own process ([`Kinesis::call`]) and over HTTP ([`Kinesis::serve`]).
//! Its [`Clock`] follows Tokio's, paused or not, and can be advanced.
//!
//! [`Mapping`] invokes a function with batches of a stream, as Lambda's event source mapping does.

// Tests fail by panicking.
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

/// A simulated Kinesis. Clones share its state.
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

/// The state of a Kinesis.
#[derive(Debug, Default)]
struct State {
    streams: BTreeMap<String, Stream>,
    settings: Settings,
    faults: Vec<fault::Planned>,
    /// Iterators from earlier epochs are refused.
    epoch: u64,
    next_sequence: u64,
    calls: Vec<Call>,
    /// Number of empty responses to give although records follow.
    empty_answers: usize,
}

impl State {
    fn take_empty_answer(&mut self) -> bool {
        let empty = self.empty_answers > 0;
        self.empty_answers = self.empty_answers.saturating_sub(1);
        empty
    }
}

/// The behavior of a Kinesis.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Settings {
    /// True if the read limits are enforced.
    pub limits: bool,
    /// Time for which records are kept.
    pub retention: Duration,
    /// Maximum number of shards per page of a listing.
    pub page: usize,
    /// True if the response with the last records of a closed shard marks its end.
    pub ends_with_records: bool,
    /// Maximum number of records per response, whatever was requested.
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

/// A recorded call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// The operation, such as `GetRecords`.
    pub operation: String,
    /// The shard of the call, if any.
    pub shard: Option<String>,
    /// Time of the call, in milliseconds since 1970.
    pub at: u64,
    /// The name of the error in the response, if any.
    pub error: Option<String>,
}

/// A response of the service.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, if it is JSON.
    pub body: Value,
    /// The events of a streaming response.
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

    /// Returns the encoded body.
    pub fn bytes(&self) -> Bytes {
        let json = || Bytes::from(self.body.to_string());
        self.events.clone().unwrap_or_else(json)
    }

    /// Returns the content type of the body.
    pub fn content_type(&self) -> &'static str {
        match self.events {
            Some(_) => "application/vnd.amazon.eventstream",
            None => "application/x-amz-json-1.1",
        }
    }

    /// Returns the name of the error; `None` on success.
    pub fn kind(&self) -> Option<&str> {
        (self.status != 200).then(|| self.body["__type"].as_str().unwrap_or("unknown"))
    }
}

impl Kinesis {
    /// Returns a Kinesis without streams, with the machine's time.
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

    /// Changes the behavior.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.state().settings);
    }

    /// Creates a stream.
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

    /// Merges two adjacent shards, and returns their child.
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

    /// Returns the shards of a stream, including closed ones.
    pub fn shards(&self, stream: &str) -> Vec<Shard> {
        self.state().streams[stream].shards.clone()
    }

    /// Returns a shard.
    pub fn shard(&self, stream: &str, shard: &str) -> Shard {
        let shards = self.shards(stream);
        let found = shards.into_iter().find(|found| found.id == shard);
        found.expect("the shard exists")
    }

    /// Returns all remaining records of a stream, shard by shard.
    pub fn records(&self, stream: &str) -> Vec<Stored> {
        let shards = self.shards(stream);
        shards.into_iter().flat_map(|shard| shard.records).collect()
    }

    /// Removes records that arrived before a time in milliseconds since 1970, and shards that were
    /// closed before it.
    pub fn trim(&self, stream: &str, before: u64) {
        let mut state = self.state();
        let stream = state.streams.get_mut(stream).expect("the stream exists");
        stream.trim(before);
    }

    /// Makes all existing iterators expire now.
    pub fn expire_iterators(&self) {
        self.state().epoch += 1;
    }

    /// Injects a fault into the next `times` calls of an operation. `operation` is a name, or `*`
    /// for all.
    pub fn fault(&self, operation: &str, fault: Fault, times: usize) {
        self.state().faults.push(fault::Planned {
            operation: operation.to_owned(),
            fault,
            times,
        });
    }

    /// Makes the next `times` responses of `GetRecords` empty, even if there are records.
    pub fn answer_empty(&self, times: usize) {
        self.state().empty_answers += times;
    }

    /// Removes all scheduled faults.
    pub fn heal(&self) {
        self.state().faults.clear();
    }

    /// Returns the calls so far, over HTTP or direct.
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// Returns a receiver of a number that changes with every call and every record.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.inner.changed.subscribe()
    }

    /// Responds to a call of an operation, such as `GetRecords`. Returns `None` for a fault that
    /// breaks the connection; never returns for one that hangs.
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
