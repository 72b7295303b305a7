//! The records of a Kinesis stream.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use lamplight_relay::{
    decode::{Limits, payloads},
    record::StreamTime,
    source::{Happened, KinesisStream, MemoryStore, Position, Reader, Start, store::Save},
};
use lamplight_view::server::Intake;

use crate::output::print_error;

/// Default time span to read from a stream.
const SINCE: Duration = Duration::from_secs(15 * 60);

/// Interval at which new shards are detected: short, since a user is watching.
const DISCOVERY: Duration = Duration::from_secs(5);

/// Adds the spans of a stream as they arrive.
pub(super) async fn follow(name: String, since: Option<Duration>, intake: Intake) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let from = now
        .unwrap_or_default()
        .saturating_sub(since.unwrap_or(SINCE));
    let from = StreamTime::from_millis(u64::try_from(from.as_millis()).unwrap_or(u64::MAX));
    let config = lamplight_aws_config::load().await;
    let stream = KinesisStream::with_config(&name, &config);
    let mut reader = Reader::builder(Arc::new(MemoryStore::new()))
        .start(Start::Time(from))
        .discovery(DISCOVERY)
        .stream(Arc::new(stream))
        .open();
    let checkpoints = reader.checkpoints();
    let limits = Limits::default();
    let mut has_said = false;
    while let Some(event) = reader.next().await {
        match event.what {
            Happened::Records { records, .. } => {
                for record in records {
                    match payloads(&record.data, &limits) {
                        Ok(payloads) => {
                            for payload in payloads {
                                if let Err(error) = intake.add_async(payload.to_vec()).await {
                                    print_error(&format!("warning: not stored: {error}"));
                                }
                            }
                        }
                        Err(_) if has_said => {}
                        Err(refusal) => {
                            has_said = true;
                            let place = record.sequence.as_str();
                            print_error(&format!(
                                "warning: {name}: record {place} has no valid spans ({refusal}); \
                                similar records are skipped silently"
                            ));
                        }
                    }
                }
            }
            // Its children are read from now on.
            Happened::Ended { .. } => {
                let save = Save::new(Position::End, Bytes::new());
                if let Err(error) = checkpoints.save(&event.shard, &save).await {
                    print_error(&format!("warning: {}: {error}", event.shard));
                }
            }
            _ => {}
        }
    }
}
