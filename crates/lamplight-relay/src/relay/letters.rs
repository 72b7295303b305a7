//! Dead letters as log lines, for relays without another destination for them.

use crate::sink::{BoxFuture, DeadLetter, DeadLetters};

/// Maximum number of records named per letter, so that the log line is bounded.
const MAX_NAMED: usize = 100;

/// Logs which records are dead letters. Their data can be read again by sequence number as long as
/// the stream retains them.
#[derive(Debug, Clone, Copy, Default)]
pub struct LogLetters;

impl DeadLetters for LogLetters {
    fn put<'a>(&'a self, letter: &'a DeadLetter) -> BoxFuture<'a, Result<(), String>> {
        let ids = letter.records.iter().take(MAX_NAMED);
        let ids: Vec<_> = ids
            .map(|id| format!("{}:{}", id.shard, id.sequence))
            .collect();
        tracing::warn!(
            target: "lamplight",
            sink = letter.sink.as_deref().unwrap_or("none"),
            items = letter.items,
            bytes = letter.data.len(),
            records = ids.join(","),
            records_left_out = letter.records.len().saturating_sub(MAX_NAMED),
            "dead letter: {}",
            letter.why
        );
        Box::pin(async { Ok(()) })
    }
}
