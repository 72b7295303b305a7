//! Dead letters that are nowhere else: lines in the log.

use crate::sink::{BoxFuture, DeadLetter, DeadLetters};

/// Says in the log which records are dead letters. Their data can be read again by their sequence numbers, as
/// long as the stream keeps them.
#[derive(Debug, Clone, Copy, Default)]
pub struct LogLetters;

impl DeadLetters for LogLetters {
    fn put<'a>(&'a self, letter: &'a DeadLetter) -> BoxFuture<'a, Result<(), String>> {
        let ids = letter.records.iter();
        let ids: Vec<_> = ids
            .map(|id| format!("{}:{}", id.shard, id.sequence))
            .collect();
        tracing::warn!(
            target: "lamplight",
            sink = letter.sink.as_deref().unwrap_or("none"),
            items = letter.items,
            bytes = letter.data.len(),
            records = ids.join(","),
            "dead letter: {}",
            letter.why
        );
        Box::pin(async { Ok(()) })
    }
}
