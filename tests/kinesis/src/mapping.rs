//! An event source mapping: Lambda's reader of a stream.

use std::{collections::BTreeMap, future::Future, time::Duration};

use serde_json::{Value, json};

use crate::{
    Kinesis, Shard, Stored,
    operations::{base64, seconds},
};

/// Maximum size of an event: 6 MB of JSON.
const LARGEST_EVENT: usize = 6_000_000;

/// An event source mapping of a stream, which invokes a function with batches on request.
///
/// Shards are read parents first. There are no waits: a retry follows at once, and a batch is as
/// full as the stream permits.
#[derive(Debug)]
pub struct Mapping {
    kinesis: Kinesis,
    stream: String,
    settings: MappingSettings,
    /// The number of the next record of each shard.
    checkpoints: BTreeMap<String, u64>,
    failures: Vec<Value>,
    invocations: usize,
}

/// The settings of a mapping.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct MappingSettings {
    /// `BatchSize`. Default: 100 records.
    pub batch_size: usize,
    /// `BisectBatchOnFunctionError`. Default: false. A split does not count as a retry.
    pub bisect: bool,
    /// `MaximumRetryAttempts`; `None` for -1, without limit.
    pub retries: Option<usize>,
    /// `MaximumRecordAgeInSeconds`; `None` for -1, without limit.
    pub max_age: Option<Duration>,
    /// True if `FunctionResponseTypes` contains `ReportBatchItemFailures`. Default: false.
    pub report_failures: bool,
    /// Maximum number of invocations in total, so that a blocked shard ends the test.
    pub most_invocations: usize,
}

impl Default for MappingSettings {
    fn default() -> Self {
        Self {
            batch_size: 100,
            bisect: false,
            retries: None,
            max_age: None,
            report_failures: false,
            most_invocations: 10_000,
        }
    }
}

/// A batch in progress.
#[derive(Debug)]
struct Batch {
    records: Vec<Stored>,
    /// Number of retries.
    retries: usize,
    /// Number of attempts.
    invoked: usize,
}

/// The result of an invocation.
enum Done {
    All,
    /// All records before this one succeeded.
    Before(usize),
    Nothing,
}

impl Mapping {
    /// Returns the mapping of a stream with default settings, at its oldest records.
    pub fn new(kinesis: &Kinesis, stream: &str) -> Self {
        Self::with_settings(kinesis, stream, MappingSettings::default())
    }

    /// Returns the mapping of a stream, at its oldest records.
    pub fn with_settings(kinesis: &Kinesis, stream: &str, settings: MappingSettings) -> Self {
        Self {
            kinesis: kinesis.clone(),
            stream: stream.to_owned(),
            settings,
            checkpoints: BTreeMap::new(),
            failures: Vec::new(),
            invocations: 0,
        }
    }

    /// Invokes a function with batches until it has received all records in the stream. `function`
    /// receives an event, and returns the function's response or an error. Returns whether
    /// everything was processed: a shard may be blocked by a batch that always fails.
    pub async fn drain<F, R>(&mut self, mut function: F) -> bool
    where
        F: FnMut(Value) -> R,
        R: Future<Output = Result<Value, String>>,
    {
        // Children have larger numbers than their parents.
        let shards = self.kinesis.shards(&self.stream);
        let mut complete = true;
        for shard in &shards {
            let parents = |id: &String| shards.iter().any(|other| other.id == *id);
            let waits = shard
                .parents
                .iter()
                .any(|id| parents(id) && !self.is_done(id));
            complete &= !waits && self.drain_shard(shard, &mut function).await;
        }
        complete
    }

    /// Returns the messages to its on-failure destination.
    pub fn failures(&self) -> &[Value] {
        &self.failures
    }

    /// Returns the number of invocations.
    pub fn invocations(&self) -> usize {
        self.invocations
    }

    fn is_done(&self, shard: &str) -> bool {
        self.rest(&self.kinesis.shard(&self.stream, shard))
            .is_empty()
    }

    fn rest(&self, shard: &Shard) -> Vec<Stored> {
        let from = self.checkpoints.get(&shard.id).copied().unwrap_or_default();
        let records = shard.records.iter();
        records
            .filter(|record| record.number >= from)
            .cloned()
            .collect()
    }

    async fn drain_shard<F, R>(&mut self, shard: &Shard, function: &mut F) -> bool
    where
        F: FnMut(Value) -> R,
        R: Future<Output = Result<Value, String>>,
    {
        loop {
            let records = self.fill(shard);
            if records.is_empty() {
                return true;
            }
            let mut waiting = vec![Batch {
                records,
                retries: 0,
                invoked: 0,
            }];
            while let Some(batch) = waiting.pop() {
                if self.invocations >= self.settings.most_invocations {
                    return false;
                }
                let batch = self.without_old(shard, batch);
                if !batch.records.is_empty() {
                    let done = self.invoke(shard, &batch, function).await;
                    waiting.extend(self.after(shard, batch, &done));
                }
            }
        }
    }

    /// Returns the next batch of a shard.
    fn fill(&self, shard: &Shard) -> Vec<Stored> {
        let mut bytes = 0;
        let records = self.rest(shard).into_iter().take(self.settings.batch_size);
        records
            .enumerate()
            .take_while(|(index, record)| {
                bytes += self.event(shard, record).to_string().len() + 1;
                *index == 0 || bytes < LARGEST_EVENT
            })
            .map(|(_, record)| record)
            .collect()
    }

    /// Removes records that are too old.
    fn without_old(&mut self, shard: &Shard, batch: Batch) -> Batch {
        let Some(age) = self.settings.max_age else {
            return batch;
        };
        let age = u64::try_from(age.as_millis()).unwrap();
        let now = self.kinesis.clock().now();
        let (old, records): (Vec<_>, _) = batch
            .records
            .into_iter()
            .partition(|record| record.arrival + age < now);
        if !old.is_empty() {
            self.give_up(shard, &old, "RecordAgeExceeded", batch.invoked);
        }
        Batch { records, ..batch }
    }

    async fn invoke<F, R>(&mut self, shard: &Shard, batch: &Batch, function: &mut F) -> Done
    where
        F: FnMut(Value) -> R,
        R: Future<Output = Result<Value, String>>,
    {
        self.invocations += 1;
        let records: Vec<_> = batch
            .records
            .iter()
            .map(|record| self.event(shard, record))
            .collect();
        match function(json!({"Records": records})).await {
            Ok(answer) if self.settings.report_failures => done(&batch.records, &answer),
            Ok(_) => Done::All,
            Err(_) => Done::Nothing,
        }
    }

    /// Advances the checkpoint, and returns the batches to try next in reverse order.
    fn after(&mut self, shard: &Shard, mut batch: Batch, done: &Done) -> Vec<Batch> {
        let (failed, divided) = match done {
            Done::All => (Vec::new(), true),
            Done::Before(index) => (batch.records.split_off(*index), true),
            Done::Nothing => (std::mem::take(&mut batch.records), false),
        };
        if let Some(last) = batch.records.last() {
            self.checkpoints.insert(shard.id.clone(), last.number + 1);
        }
        if failed.is_empty() {
            return Vec::new();
        }
        let invoked = batch.invoked + 1;
        if self.settings.bisect && !divided && failed.len() > 1 {
            let mut first = failed;
            let second = first.split_off(first.len() / 2);
            let half = |records| Batch {
                records,
                retries: batch.retries,
                invoked,
            };
            return vec![half(second), half(first)];
        }
        if self
            .settings
            .retries
            .is_some_and(|most| batch.retries >= most)
        {
            self.give_up(shard, &failed, "RetryAttemptsExhausted", invoked);
            return Vec::new();
        }
        vec![Batch {
            records: failed,
            retries: batch.retries + 1,
            invoked,
        }]
    }

    /// Reports records to the on-failure destination, and skips them.
    fn give_up(&mut self, shard: &Shard, records: &[Stored], condition: &str, invoked: usize) {
        let (Some(first), Some(last)) = (records.first(), records.last()) else {
            return;
        };
        self.failures.push(json!({
            "requestContext": {
                "requestId": format!("request-{}", self.invocations),
                "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:relay",
                "condition": condition,
                "approximateInvokeCount": invoked,
            },
            "version": "1.0",
            "KinesisBatchInfo": {
                "shardId": shard.id,
                "startSequenceNumber": first.sequence(),
                "endSequenceNumber": last.sequence(),
                "approximateArrivalOfFirstRecord": seconds(first.arrival),
                "approximateArrivalOfLastRecord": seconds(last.arrival),
                "batchSize": records.len(),
                "streamArn": self.arn(),
            },
        }));
        self.checkpoints.insert(shard.id.clone(), last.number + 1);
    }

    fn event(&self, shard: &Shard, record: &Stored) -> Value {
        json!({
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": record.key,
                "sequenceNumber": record.sequence(),
                "data": base64(&record.data),
                "approximateArrivalTimestamp": seconds(record.arrival),
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": format!("{}:{}", shard.id, record.sequence()),
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": "arn:aws:iam::000000000000:role/relay",
            "awsRegion": "us-east-1",
            "eventSourceARN": self.arn(),
        })
    }

    fn arn(&self) -> String {
        format!(
            "arn:aws:kinesis:us-east-1:000000000000:stream/{}",
            self.stream
        )
    }
}

/// Returns the result of a response: all records before the lowest number that it names succeeded;
/// none if it names anything else.
fn done(records: &[Stored], answer: &Value) -> Done {
    let failures = match &answer["batchItemFailures"] {
        Value::Null => return Done::All,
        Value::Array(failures) if failures.is_empty() => return Done::All,
        Value::Array(failures) => failures,
        _ => return Done::Nothing,
    };
    let index = |failure: &Value| {
        let id = failure["itemIdentifier"].as_str()?;
        records.iter().position(|record| record.sequence() == id)
    };
    let indexes: Option<Vec<_>> = failures.iter().map(index).collect();
    match indexes.and_then(|indexes| indexes.into_iter().min()) {
        Some(index) => Done::Before(index),
        None => Done::Nothing,
    }
}
