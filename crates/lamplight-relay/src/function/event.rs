//! The event of a Kinesis event source mapping, read in one pass. Data is decoded in place, and a
//! malformed record affects only itself.
//!
//! The types of `aws_lambda_events` suffice for well-formed events. But if one record of a batch
//! cannot be read, the response must still name that record; otherwise the mapping retries the
//! whole batch until it expires.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use crate::record::{SequenceNumber, ShardId, StreamTime};

/// The records of an event, in their order.
#[derive(Debug)]
pub struct Batch {
    pub(super) records: Vec<Received>,
}

/// A record of an event, as far as it could be read.
#[derive(Debug, Default)]
pub(super) struct Received {
    pub(super) shard: Option<ShardId>,
    pub(super) sequence: Option<SequenceNumber>,
    pub(super) partition_key: Box<str>,
    pub(super) arrival: Option<StreamTime>,
    pub(super) data: Data,
    /// True if the record had the member that all Kinesis records have.
    is_kinesis: bool,
}

/// The data of a record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Data {
    Decoded(Bytes),
    NotBase64,
    #[default]
    Missing,
}

impl<'de> Deserialize<'de> for Batch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let event: Event = deserializer.deserialize_map(Read(Event::default()))?;
        let records = event.0.ok_or_else(|| {
            D::Error::custom("the event has no list of `Records`: it is not a Kinesis event")
        })?;
        let is_other = !records.is_empty() && records.iter().all(|record| !record.is_kinesis);
        if is_other {
            let problem = "no record of the event has a `kinesis` member: it is not a Kinesis \
            event";
            return Err(D::Error::custom(problem));
        }
        Ok(Self { records })
    }
}

/// Members of a JSON object, read one by one and of any type.
trait Members: Default {
    fn member<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error>;
}

/// Reads a value that should be an object; any other value counts as an empty object.
struct Read<T>(T);

/// Visitor for a value that is read with [`Read`].
struct Object<T>(T);

impl<'de, T: Members> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Read(T::default())).map(Self)
    }
}

/// Writes the visitor's functions for values of other types.
macro_rules! other_values {
    ($value:expr; $($name:ident($($type:ty)?)),*) => {
        $(fn $name<E: Error>(self $(, _: $type)?) -> Result<Self::Value, E> {
            Ok($value)
        })*
    };
}

impl<'de, T: Members> Visitor<'de> for Read<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<T, A::Error> {
        while let Some(Name(name)) = map.next_key()? {
            self.0.member(&name, &mut map)?;
        }
        Ok(self.0)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(T::default())
    }

    other_values!(T::default(); visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64),
        visit_str(&str), visit_unit());
}

/// The name of a member.
struct Name(Box<str>);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<str>::deserialize(deserializer).map(Self)
    }
}

#[derive(Default)]
struct Event(Option<Vec<Received>>);

impl Members for Event {
    fn member<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        if name != "Records" {
            return map.next_value::<IgnoredAny>().map(drop);
        }
        self.0 = map.next_value::<Records>()?.0;
        Ok(())
    }
}

struct Records(Option<Vec<Received>>);

impl<'de> Deserialize<'de> for Records {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RecordsVisitor).map(Self)
    }
}

struct RecordsVisitor;

impl<'de> Visitor<'de> for RecordsVisitor {
    type Value = Option<Vec<Received>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut records = Vec::<Received>::new();
        while let Some(Object(mut record)) = seq.next_element::<Object<Received>>()? {
            // The records of an event belong to one shard, so its name is shared.
            let last = records.last().and_then(|last| last.shard.as_ref());
            if last == record.shard.as_ref() {
                record.shard = last.cloned();
            }
            records.push(record);
        }
        Ok(Some(records))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    other_values!(None; visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64),
        visit_str(&str), visit_unit());
}

impl Members for Received {
    fn member<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "kinesis" => {
                let Object(kinesis) = map.next_value::<Object<Kinesis>>()?;
                self.sequence = kinesis.sequence;
                self.partition_key = kinesis.partition_key;
                self.arrival = kinesis.arrival;
                self.data = kinesis.data;
                self.is_kinesis = true;
            }
            "eventID" => {
                // `shardId-000000000006:4959…`: no other member of the event names the shard.
                let Scalar::Text(id) = map.next_value()? else {
                    return Ok(());
                };
                self.shard = id.split_once(':').map(|(shard, _)| ShardId::new(shard));
            }
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

/// The member `kinesis` of a record.
#[derive(Default)]
struct Kinesis {
    sequence: Option<SequenceNumber>,
    partition_key: Box<str>,
    arrival: Option<StreamTime>,
    data: Data,
}

impl Members for Kinesis {
    fn member<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "data" => self.data = map.next_value()?,
            "sequenceNumber" => {
                if let Scalar::Text(digits) = map.next_value()? {
                    self.sequence = Some(SequenceNumber::new(&digits));
                }
            }
            "partitionKey" => {
                if let Scalar::Text(key) = map.next_value()? {
                    self.partition_key = key;
                }
            }
            "approximateArrivalTimestamp" => {
                if let Scalar::Number(seconds) = map.next_value()? {
                    // `as` saturates at the bounds and turns NaN into 0.
                    let millis = (seconds * 1000.0).round() as u64;
                    self.arrival = Some(StreamTime::from_millis(millis));
                }
            }
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

/// A string or a number.
enum Scalar {
    Text(Box<str>),
    Number(f64),
    Other,
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a number")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Scalar, E> {
        Ok(Scalar::Number(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Scalar, E> {
        Ok(Scalar::Number(number as f64))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Scalar, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }

    other_values!(Scalar::Other; visit_bool(bool), visit_i64(i64), visit_unit());
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DataVisitor)
    }
}

struct DataVisitor;

impl<'de> Visitor<'de> for DataVisitor {
    type Value = Data;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("data in Base64")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Data, E> {
        let decoded = STANDARD.decode(text);
        Ok(decoded.map_or(Data::NotBase64, |data| Data::Decoded(data.into())))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Data, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Data::Missing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Data, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Data::Missing)
    }

    other_values!(Data::Missing; visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64),
        visit_unit());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(json: &str) -> Result<Vec<Received>, String> {
        let batch = serde_json::from_str::<Batch>(json);
        batch.map(|batch| batch.records).map_err(|e| e.to_string())
    }

    /// As in Lambda's documentation.
    const RECORD: &str = r#"{
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "1",
            "sequenceNumber": "49590338271490256608559692538361571095921575989136588898",
            "data": "SGVsbG8=",
            "approximateArrivalTimestamp": 1545084650.987
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": "shardId-000000000006:49590338271490256608559692538361571095921575989136588898",
        "eventName": "aws:kinesis:record",
        "awsRegion": "us-east-2"
    }"#;

    #[test]
    fn a_record_is_read_with_its_shard_and_the_time_of_its_arrival() {
        let records = read(&format!(r#"{{"Records": [{RECORD}]}}"#)).unwrap();
        let [record] = &records[..] else { panic!() };
        assert_eq!(record.shard, Some(ShardId::new("shardId-000000000006")));
        let sequence = record.sequence.as_ref().unwrap();
        assert!(sequence.as_str().ends_with("136588898"));
        assert_eq!(
            record.arrival,
            Some(StreamTime::from_millis(1_545_084_650_987))
        );
        assert_eq!(record.data, Data::Decoded(Bytes::from_static(b"Hello")));
        assert_eq!(&*record.partition_key, "1");
    }

    #[test]
    fn what_has_a_wrong_form_costs_itself_alone() {
        let others = [
            "5",
            "null",
            "[1]",
            r#"{"kinesis": 7}"#,
            r#"{"kinesis": {"data": "%", "sequenceNumber": "3"}}"#,
            r#"{"kinesis": {"data": [{}], "sequenceNumber": 4, "partitionKey": {"a": 1}}}"#,
            r#"{"eventID": ["x"], "kinesis": {"sequenceNumber": "6", "approximateArrivalTimestamp": "x"}}"#,
            r#"{"kinesis": {"sequenceNumber": "1", "sequenceNumber": "7", "data": ""}}"#,
        ];
        let json = format!(r#"{{"x": 1, "Records": [{}, {RECORD}]}}"#, others.join(","));
        let records = read(&json).unwrap();
        let sequences = records
            .iter()
            .map(|record| record.sequence.as_ref().map(SequenceNumber::as_str));
        let sequences: Vec<_> = sequences.collect();
        assert_eq!(sequences[..4], [None; 4]);
        assert_eq!(sequences[4..8], [Some("3"), None, Some("6"), Some("7")]);
        assert_eq!(records[4].data, Data::NotBase64);
        assert_eq!(records[5].data, Data::Missing);
        assert!(matches!(records[8].data, Data::Decoded(_)));
    }

    #[test]
    fn an_event_of_something_else_is_refused() {
        for (json, said) in [
            ("{}", "no list of `Records`"),
            (r#"{"Records": 5}"#, "no list of `Records`"),
            (r#"{"Records": {"a": 1}}"#, "no list of `Records`"),
            (r#"{"Records": [{"body": "x"}]}"#, "no record of the event"),
            ("[]", "invalid type"),
            (r#"{"Records": ["#, "EOF"),
        ] {
            let error = read(json).unwrap_err();
            assert!(error.contains(said), "{json}: {error}");
        }
        assert!(read(r#"{"Records": []}"#).unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[\\[\\]{}\",:a-z0-9]{0,60}") {
            let _ = read(&text);
            let _ = read(&format!(r#"{{"Records": [{text}]}}"#));
        }
    }
}
