//! The reader with a custom stream, without any service.
//!
//! Its behavior with Kinesis is tested in `tests/kinesis`, which simulates one.

mod ends;
mod lost;
mod restarts;
mod rig;
mod stream;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use bytes::Bytes;
use lamplight_relay::{
    record::{HashRange, Record, SequenceNumber, ShardId, StreamTime},
    source::{
        BoxFuture, Happened, MemoryStore, Position, Reader,
        store::Save,
        stream::{Batch, Cursor, ReadError, ShardInfo, StreamClient},
    },
};

/// A stream of one shard with three records.
#[derive(Debug)]
struct Three;

#[derive(Debug)]
struct Counting(u64);

impl StreamClient for Three {
    fn name(&self) -> &str {
        "mine"
    }

    fn shards(&self) -> BoxFuture<'_, Result<Vec<ShardInfo>, ReadError>> {
        Box::pin(async { Ok(vec![ShardInfo::new("only", &[], HashRange::ALL)]) })
    }

    fn open<'a>(
        &'a self,
        _: &'a str,
        position: &'a Position,
    ) -> BoxFuture<'a, Result<Box<dyn Cursor>, ReadError>> {
        let at = position.sequence().map_or("0", SequenceNumber::as_str);
        let next = at.parse().map_err(|_| ReadError::Position);
        Box::pin(async move { Ok(Box::new(Counting(next?)) as Box<dyn Cursor>) })
    }
}

impl Cursor for Counting {
    fn read(&mut self, _: u32) -> BoxFuture<'_, Result<Batch, ReadError>> {
        Box::pin(async {
            if self.0 == 3 {
                return Ok(Batch::new(Vec::new(), Duration::ZERO));
            }
            let sequence = SequenceNumber::new(&self.0.to_string());
            let arrival = StreamTime::from_millis(1000 * self.0);
            self.0 += 1;
            let record = Record::new(sequence, "key", arrival, Bytes::new());
            Ok(Batch::new(vec![record], Duration::from_secs(1)))
        })
    }
}

/// A missing stream.
#[derive(Debug, Default)]
struct Missing(AtomicUsize);

impl StreamClient for Missing {
    fn name(&self) -> &str {
        "missing"
    }

    fn shards(&self) -> BoxFuture<'_, Result<Vec<ShardInfo>, ReadError>> {
        self.0.fetch_add(1, Relaxed);
        Box::pin(async { Err(ReadError::Refused("no such stream".to_owned())) })
    }

    fn open<'a>(
        &'a self,
        _: &'a str,
        _: &'a Position,
    ) -> BoxFuture<'a, Result<Box<dyn Cursor>, ReadError>> {
        Box::pin(async { Err(ReadError::Gone) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_cannot_be_listed_is_asked_again_after_growing_waits() {
    let stream = Arc::new(Missing::default());
    let reader = Reader::builder(Arc::new(MemoryStore::new())).stream(stream.clone());
    let mut reader = reader.open();
    let waited = tokio::time::timeout(Duration::from_secs(60), reader.next()).await;
    assert!(waited.is_err());
    let asked = stream.0.load(Relaxed);
    assert!((5..30).contains(&asked), "{asked}");
}

async fn read(store: &MemoryStore) -> (Reader, Vec<SequenceNumber>) {
    let reader = Reader::builder(Arc::new(store.clone())).stream(Arc::new(Three));
    let mut reader = reader.until_tip(None).open();
    let mut sequences = Vec::new();
    while let Some(event) = reader.next().await {
        if let Happened::Records { records, .. } = event.what {
            sequences.extend(records.into_iter().map(|record| record.sequence));
        }
    }
    (reader, sequences)
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_ones_own_is_read_from_its_checkpoint() {
    let store = MemoryStore::new();
    let (reader, sequences) = read(&store).await;
    let all = ["0", "1", "2"].map(SequenceNumber::new);
    assert_eq!(sequences, all);
    let save = Save::new(Position::At(all[1].clone()), Bytes::new());
    let saved = reader
        .checkpoints()
        .save(&ShardId::new("mine/only"), &save)
        .await;
    assert_eq!(saved, Ok(()));
    reader.close().await;
    let (_, sequences) = read(&store).await;
    assert_eq!(sequences, all[1..]);
}
