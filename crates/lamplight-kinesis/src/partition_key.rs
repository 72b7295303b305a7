//! Which shard a record goes to.

use opentelemetry::trace::TraceId;
use opentelemetry_sdk::trace::SpanData;

/// How the partition key of a record is chosen. Kinesis hashes the key to a shard.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum PartitionKey {
    /// The trace id, in hexadecimal: one record per trace and flush, and all spans of a trace in one
    /// shard, in order, which is what a tail sampler downstream needs. The default.
    #[default]
    TraceId,
    /// A random key per record: the fewest records, spread evenly.
    Random,
    /// The same key for every record: one shard, everything in order. 1 to 256 characters.
    Fixed(String),
}

impl PartitionKey {
    /// The spans that may share a record.
    pub(crate) fn group(&self, mut batch: Vec<SpanData>) -> Vec<Vec<SpanData>> {
        if !matches!(self, Self::TraceId) {
            return if batch.is_empty() {
                Vec::new()
            } else {
                vec![batch]
            };
        }
        // Stable: within a trace, spans stay in the order they ended.
        batch.sort_by_key(|span| trace_id(span).to_bytes());
        let mut groups: Vec<Vec<SpanData>> = Vec::new();
        for span in batch {
            match groups.last_mut() {
                Some(group) if group.first().map(trace_id) == Some(trace_id(&span)) => {
                    group.push(span);
                }
                _ => groups.push(vec![span]),
            }
        }
        groups
    }

    pub(crate) fn of(&self, spans: &[SpanData]) -> String {
        match self {
            Self::TraceId => spans.first().map_or(TraceId::INVALID, trace_id).to_string(),
            Self::Random => format!("{:032x}", fastrand::u128(..)),
            Self::Fixed(key) => key.clone(),
        }
    }
}

fn trace_id(span: &SpanData) -> TraceId {
    span.span_context.trace_id()
}
