//! Identifiers of the records of a batch, as a function's response uses them.

use std::{collections::HashMap, num::NonZeroU64};

use crate::json::{Place, Text, Value};

/// The largest number of records in a batch, and the upper bound for one preallocation.
const LARGEST_BATCH: usize = 10_000;

/// The identifier of a record in `batchItemFailures`.
///
/// Only a hash is kept: a batch may have 10 000 records, and few responses name any of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemId(NonZeroU64);

impl ItemId {
    /// Returns the identifier of an SQS record from its message id, or of a Kinesis or DynamoDB record from
    /// its sequence number; `None` for an empty name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        (!name.is_empty()).then(|| Self::of(name.as_bytes()))
    }

    /// Returns the identifier of a Kafka record from its topic partition (`orders-0`) and its offset there.
    #[must_use]
    pub fn at_offset(partition: &str, offset: i64) -> Option<Self> {
        Self::named(partition).map(|Self(hash)| Self::hashed(hash.get(), offset.cast_unsigned()))
    }

    #[inline]
    fn of(name: &[u8]) -> Self {
        let mut hash = name.len() as u64;
        let mut rest = name;
        while let Some((word, behind)) = rest.split_first_chunk() {
            hash = step(hash, u64::from_le_bytes(*word));
            rest = behind;
        }
        // The last eight bytes include the remainder, unless the name is shorter than eight bytes.
        let last = name.last_chunk().map(|word| u64::from_le_bytes(*word));
        let short = |rest: &[u8]| {
            rest.iter()
                .fold(0, |word, byte| word << 8 | u64::from(*byte))
        };
        Self::hashed(hash, last.unwrap_or_else(|| short(rest)))
    }

    #[inline]
    fn hashed(hash: u64, word: u64) -> Self {
        Self(NonZeroU64::new(step(hash, word)).unwrap_or(NonZeroU64::MAX))
    }
}

/// Mixes a word into a hash. It only has to separate the names within one batch, and a collision gives an
/// attacker nothing. The standard library's hash would dominate the cost of reading a record.
#[inline]
fn step(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The identifiers of a batch's records, as a function's response may name them. Empty for events that are
/// not batches, and for sources whose responses Lambda ignores.
#[derive(Debug, Default)]
pub struct BatchItems {
    /// The first record, so that a batch of one needs no allocation.
    first: Option<ItemId>,
    /// The other records. Boxed, because few events have more than one record, and this value is carried
    /// everywhere.
    rest: Option<Box<Rest>>,
    is_any: bool,
    is_stream: bool,
}

/// The data of a batch with several records.
#[derive(Debug, Default)]
struct Rest {
    ids: Vec<Option<ItemId>>,
    /// The number of records up to the end of each topic partition.
    partition_ends: Vec<usize>,
}

impl BatchItems {
    /// Returns the number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        let rest = self.rest.as_ref().map_or(0, |rest| rest.ids.len());
        usize::from(self.is_any) + rest
    }

    /// Returns true if Lambda does not read failures of single records from responses to this event.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.is_any
    }

    /// Returns the number of records that Lambda delivers again after a response that names these. `None`
    /// stands for an identifier that is empty, null, missing or of the wrong type.
    ///
    /// An SQS message is redelivered alone. A stream resumes from the lowest sequence number, and Kafka from
    /// the lowest offset of each topic partition, so that later records are redelivered too.
    ///
    /// # Errors
    ///
    /// Returns the number of all records if Lambda delivers the whole batch again, because one of the
    /// identifiers is not that of a record.
    pub fn delivered_again(&self, named: &[Option<ItemId>]) -> Result<usize, usize> {
        if named.is_empty() {
            return Ok(0);
        }
        let mut positions = HashMap::with_capacity(self.len());
        for (position, id) in self.iter().enumerate() {
            if let Some(ItemId(hash)) = id {
                positions.entry(hash).or_insert(position);
            }
        }
        let mut failed = named
            .iter()
            .map(|id| positions.get(&id.as_ref()?.0).copied())
            .collect::<Option<Vec<_>>>()
            .ok_or(self.len())?;
        failed.sort_unstable();
        failed.dedup();
        Ok(match self.rest.as_deref() {
            _ if !self.is_stream => failed.len(),
            Some(rest) if !rest.partition_ends.is_empty() => behind(&failed, &rest.partition_ends),
            _ => behind(&failed, &[self.len()]),
        })
    }

    fn iter(&self) -> impl Iterator<Item = &Option<ItemId>> {
        let first = self.is_any.then_some(&self.first);
        let rest = self.rest.iter().flat_map(|rest| &rest.ids);
        first.into_iter().chain(rest)
    }

    /// Adds a record to a batch of about `expected` records.
    #[inline]
    pub(super) fn push(&mut self, id: Option<ItemId>, expected: usize) {
        if !std::mem::replace(&mut self.is_any, true) {
            self.first = id;
            return;
        }
        let rest = self.rest.get_or_insert_with(|| Rest::of(expected));
        rest.ids.push(id);
    }

    /// Marks the end of the records of a topic partition.
    pub(super) fn end_partition(&mut self) {
        self.is_stream = true;
        let count = self.len();
        let rest = self.rest.get_or_insert_default();
        rest.partition_ends.push(count);
    }

    /// Marks the records as those of a stream.
    pub(super) fn set_stream(&mut self) {
        self.is_stream = true;
    }
}

impl Rest {
    #[cold]
    fn of(expected: usize) -> Box<Self> {
        Box::new(Self {
            ids: Vec::with_capacity(expected.min(LARGEST_BATCH)),
            ..Self::default()
        })
    }
}

/// Returns the number of records from the first failed one in each partition to the end of the partition.
fn behind(failed: &[usize], ends: &[usize]) -> usize {
    let mut start = 0;
    let mut count = 0;
    for end in ends {
        let partition = start..*end;
        let lowest = failed.iter().find(|position| partition.contains(position));
        count += lowest.map_or(0, |lowest| end - lowest);
        start = *end;
    }
    count
}

/// Returns the identifier at a place in the document of a value.
#[inline]
pub(super) fn id(at: Place, beside: &Value<'_>) -> Option<ItemId> {
    match at.plain_text(beside) {
        Some(name) => (!name.is_empty()).then(|| ItemId::of(name)),
        None => ItemId::named(&at.value(beside)?.text()?.to_str()?),
    }
}

/// Returns the identifier of a Kafka record.
pub(super) fn id_at(partition: Text<'_>, offset: Option<Value<'_>>) -> Option<ItemId> {
    ItemId::at_offset(&partition.to_str()?, offset?.scalar()?.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::{EventExtractor, RawInvocation};

    fn batch(names: &[&str]) -> BatchItems {
        let mut items = BatchItems::default();
        for name in names {
            items.push(ItemId::named(name), names.len());
        }
        items
    }

    fn named(names: &[&str]) -> Vec<Option<ItemId>> {
        names.iter().map(|name| ItemId::named(name)).collect()
    }

    /// "Success and failure conditions" of SQS in the Lambda developer guide.
    #[test]
    fn messages_come_again_by_themselves() {
        let items = batch(&["a", "b", "c"]);
        for (answer, again) in [
            (&[][..], Ok(0)),
            (&["b"], Ok(1)),
            (&["c", "a"], Ok(2)),
            (&["a", "a"], Ok(1)),
            (&["a", "b", "c"], Ok(3)),
            (&["a", "d"], Err(3)),
            (&["a", ""], Err(3)),
        ] {
            assert_eq!(items.delivered_again(&named(answer)), again, "{answer:?}");
        }
        assert_eq!(batch(&["a"]).delivered_again(&named(&["a"])), Ok(1));
        assert_eq!(batch(&["a"]).delivered_again(&named(&["b"])), Err(1));
        assert_eq!(batch(&["", "a"]).delivered_again(&[None]), Err(2));
    }

    /// "Lambda uses the record with the lowest sequence number as the checkpoint."
    #[test]
    fn a_stream_goes_on_from_the_lowest() {
        let mut items = batch(&["1", "2", "3", "4"]);
        items.set_stream();
        for (answer, again) in [
            (&[][..], Ok(0)),
            (&["4"], Ok(1)),
            (&["4", "2"], Ok(3)),
            (&["1"], Ok(4)),
            (&["2", "5"], Err(4)),
        ] {
            assert_eq!(items.delivered_again(&named(answer)), again, "{answer:?}");
        }
    }

    #[test]
    fn kafka_goes_on_in_each_partition_from_the_lowest() {
        let mut items = BatchItems::default();
        for (partition, offsets) in [("t-0", 0..3), ("t-1", 7..9)] {
            for offset in offsets {
                items.push(ItemId::at_offset(partition, offset), 0);
            }
            items.end_partition();
        }
        let at = |places: &[(&str, i64)]| -> Vec<_> {
            let places = places.iter();
            places.map(|(of, at)| ItemId::at_offset(of, *at)).collect()
        };
        for (answer, again) in [
            (&[("t-0", 2), ("t-0", 1)][..], Ok(2)),
            (&[("t-1", 8)], Ok(1)),
            (&[("t-0", 0), ("t-1", 7)], Ok(5)),
            (&[("t-0", 7)], Err(5)),
            (&[("t", 0)], Err(5)),
        ] {
            assert_eq!(items.delivered_again(&at(answer)), again, "{answer:?}");
        }
    }

    #[test]
    fn names_that_differ_anywhere_are_different() {
        let name = "49590338271490256608559692538361571095921575989136588898";
        let mut all = vec![ItemId::named(name)];
        for position in 0..name.len() {
            let mut other = name.as_bytes().to_vec();
            other[position] ^= 1;
            all.push(ItemId::named(std::str::from_utf8(&other).unwrap()));
        }
        all.extend((1..20).map(|length| ItemId::named(&"0".repeat(length))));
        for (position, one) in all.iter().enumerate() {
            assert!(!all[position + 1..].contains(one), "{position}");
        }
    }

    fn of(event: &str) -> BatchItems {
        let invocation = RawInvocation::new(event.as_bytes(), "function");
        EventExtractor::new().extract(&invocation).items
    }

    #[test]
    fn records_are_known_by_name_wherever_it_stands() {
        let numbers = [
            r#"{"kinesisSchemaVersion":"1.0","partitionKey":"k","sequenceNumber":"?","data":"e30="}"#,
            r#"{"data":"e30=","partitionKey":"k","sequenceNumber":"?"}"#,
            r#"{ "sequenceNumber" : "?" }"#,
        ];
        let kinesis = numbers.map(|it| format!(r#""kinesis":{it},"eventSource":"aws:kinesis""#));
        let changes = [
            r#"{"Keys":{"SequenceNumber":{"S":"0"}},"SequenceNumber":"?","SizeBytes":1}"#,
            r#"{"SequenceNumber":"?","NewImage":{"a":{"S":"}"}}}"#,
        ];
        let dynamodb = changes.map(|it| format!(r#""dynamodb":{it},"eventSource":"aws:dynamodb""#));
        let sqs = [
            r#""messageId":"?","body":"{}","eventSource":"aws:sqs""#,
            r#""eventSource":"aws:sqs","messageAttributes":{},"attributes":{},"body":"","messageId":"?""#,
        ]
        .map(str::to_owned);
        for record in kinesis.iter().chain(&dynamodb).chain(&sqs) {
            let records = ["1", "2", "3"].map(|name| {
                let record = record.replace('?', name);
                format!(r#"{{"eventID":"e{name}",{record},"awsRegion":"r"}}"#)
            });
            let records = records.join(",");
            let items = of(&format!(r#"{{"Records":[{records}]}}"#));
            assert_eq!(items.len(), 3, "{record}");
            assert_eq!(items.delivered_again(&named(&["3"])), Ok(1), "{record}");
            assert_eq!(items.delivered_again(&named(&["e3"])), Err(3), "{record}");
        }
    }

    #[test]
    fn other_events_have_no_items() {
        for event in [
            "",
            "{}",
            "[]",
            r#"{"Records":[]}"#,
            r#"{"Records":[{"eventSource":"aws:s3","s3":{}}]}"#,
            r#"{"Records":[{"EventSource":"aws:sns","Sns":{"MessageId":"1"}}]}"#,
            r#"{"eventSource":"aws:rmq","rmqMessagesByQueue":{"q::/":[{"data":""}]}}"#,
        ] {
            assert!(of(event).is_empty(), "{event}");
        }
    }
}
