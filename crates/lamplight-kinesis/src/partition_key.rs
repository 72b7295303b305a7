//! Partition keys, which determine the shard of a record.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use lamplight_internal::diagnostics::warn_once;
use opentelemetry::trace::TraceId;
use opentelemetry_sdk::trace::SpanData;

/// The maximum length of a partition key, in characters, a limit of the API.
const LONGEST: usize = 256;

/// A choice of the partition keys of records, which Kinesis hashes to shards.
///
/// Keys that Kinesis would reject, together with their spans, are corrected: a key longer than 256 characters
/// is truncated, and an empty key becomes the trace id. So does the key of a function that panics, which is
/// logged once.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum PartitionKey {
    /// The trace id, in hexadecimal: one record per trace and flush, and all spans of a trace in one
    /// shard, in order, which is what a tail sampler downstream needs. The default.
    #[default]
    TraceId,
    /// A random key per record: the fewest records, evenly distributed.
    Random,
    /// The same key for every record: one shard, with all records in order. 1 to 256 characters.
    Fixed(String),
    /// A user-defined key for each span: spans with the same key share records. Created by
    /// [`PartitionKey::custom`].
    Custom(CustomPartitionKey),
}

/// A function from spans to partition keys. See [`PartitionKey::custom`].
#[derive(Clone)]
pub struct CustomPartitionKey(Arc<dyn Fn(&SpanData) -> String + Send + Sync>);

impl CustomPartitionKey {
    /// Returns the key of `span`, or `None` if the user's function panics: this span then has no key of its
    /// own, and no other span is affected.
    fn of(&self, span: &SpanData) -> Option<String> {
        let made = catch_unwind(AssertUnwindSafe(|| (self.0)(span)));
        if made.is_err() {
            warn_once("kinesis-partition-key", || {
                "the function given to PartitionKey::custom panicked; the trace id is the key of such \
                 spans"
                    .to_owned()
            });
        }
        made.ok()
    }
}

impl fmt::Debug for CustomPartitionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CustomPartitionKey")
    }
}

impl PartitionKey {
    /// Returns a user-defined choice, such as the tenant that a span belongs to.
    ///
    /// `key` is called where spans are delivered, for each span and each time it is offered. It must neither
    /// block nor wait for a runtime. If it panics, the trace id is the key.
    ///
    /// ```
    /// use lamplight_kinesis::PartitionKey;
    ///
    /// let by_name = PartitionKey::custom(|span| span.name.to_string());
    /// ```
    pub fn custom(key: impl Fn(&SpanData) -> String + Send + Sync + 'static) -> Self {
        Self::Custom(CustomPartitionKey(Arc::new(key)))
    }

    /// Groups the spans that may share a record.
    pub(crate) fn group(&self, batch: Vec<SpanData>) -> Vec<Vec<SpanData>> {
        match self {
            Self::TraceId => grouped(batch, |span| trace_id(span).to_bytes()),
            Self::Custom(key) => grouped(batch, |span| {
                key.of(span).unwrap_or_else(|| trace_id(span).to_string())
            }),
            Self::Random | Self::Fixed(_) if batch.is_empty() => Vec::new(),
            Self::Random | Self::Fixed(_) => vec![batch],
        }
    }

    /// Returns the key of a record with `spans`, which are all of one group.
    pub(crate) fn of(&self, spans: &[SpanData]) -> String {
        let by_trace = || spans.first().map_or(TraceId::INVALID, trace_id).to_string();
        let mut key = match self {
            Self::TraceId => return by_trace(),
            Self::Random => return format!("{:032x}", fastrand::u128(..)),
            Self::Fixed(key) => key.clone(),
            Self::Custom(key) => {
                let key = spans.first().and_then(|span| key.of(span));
                key.unwrap_or_default()
            }
        };
        if key.is_empty() {
            return by_trace();
        }
        if let Some((end, _)) = key.char_indices().nth(LONGEST) {
            key.truncate(end);
        }
        key
    }
}

/// Groups spans by `key`; within a group, they keep the order in which they ended.
fn grouped<K: Ord>(batch: Vec<SpanData>, key: impl Fn(&SpanData) -> K) -> Vec<Vec<SpanData>> {
    let mut keyed: Vec<_> = batch.into_iter().map(|span| (key(&span), span)).collect();
    keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut groups: Vec<Vec<SpanData>> = Vec::new();
    let mut last: Option<K> = None;
    for (key, span) in keyed {
        match groups.last_mut() {
            Some(group) if last.as_ref() == Some(&key) => group.push(span),
            _ => groups.push(vec![span]),
        }
        last = Some(key);
    }
    groups
}

fn trace_id(span: &SpanData) -> TraceId {
    span.span_context.trace_id()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::tests::span;

    fn named(id: u64, name: &'static str) -> SpanData {
        SpanData {
            name: name.into(),
            ..span(id.into(), id, 0)
        }
    }

    #[test]
    fn spans_with_the_same_custom_key_share_a_group_in_order() {
        let key = PartitionKey::custom(|span| span.name.to_string());
        let batch = vec![named(1, "b"), named(2, "a"), named(3, "b")];
        let groups = key.group(batch);
        let ids = |group: &[SpanData]| -> Vec<u128> {
            let id = |span: &SpanData| u128::from_be_bytes(trace_id(span).to_bytes());
            group.iter().map(id).collect()
        };
        let all: Vec<_> = groups
            .iter()
            .map(|group| (key.of(group), ids(group)))
            .collect();
        assert_eq!(
            all,
            [("a".to_owned(), vec![2]), ("b".to_owned(), vec![1, 3])]
        );
    }

    #[test]
    fn keys_that_kinesis_refuses_are_mended() {
        let spans = [span(7, 1, 0)];
        for key in [
            PartitionKey::Fixed(String::new()),
            PartitionKey::custom(|_| String::new()),
        ] {
            assert_eq!(key.of(&spans), format!("{:032x}", 7), "{key:?}");
        }
        let long = PartitionKey::Fixed("ü".repeat(300)).of(&spans);
        assert_eq!(long, "ü".repeat(256));
    }

    #[test]
    fn a_function_that_panics_costs_its_spans_their_own_key_and_nothing_else() {
        let key = PartitionKey::custom(|span| match &*span.name {
            "bad" => panic!("no tenant"),
            name => name.to_owned(),
        });
        let batch = vec![
            named(1, "a"),
            named(2, "bad"),
            named(3, "a"),
            named(4, "bad"),
        ];
        let groups = key.group(batch);
        let keys: Vec<_> = groups
            .iter()
            .map(|group| (key.of(group), group.len()))
            .collect();
        let trace = |id: u64| format!("{id:032x}");
        assert_eq!(keys, [(trace(2), 1), (trace(4), 1), ("a".to_owned(), 2)]);
    }
}
