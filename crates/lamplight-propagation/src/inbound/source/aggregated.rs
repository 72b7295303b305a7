//! Records that the Kinesis Producer Library has aggregated into one.
//!
//! The library packs many user records into one Kinesis record to reduce the cost. The data has this form
//! (from its [format description][format], unchanged since 2014):
//!
//! ```text
//! F3 89 9A C2 | AggregatedRecord, as protobuf | MD5 of the protobuf, 16 bytes
//!
//! message AggregatedRecord {                message Record {
//!   repeated string partition_key_table = 1;  required uint64 partition_key_index = 1;
//!   repeated string explicit_hash_key_table = 2;  optional uint64 explicit_hash_key_index = 2;
//!   repeated Record records = 3;              required bytes data = 3;
//! }                                           repeated Tag tags = 4;
//!                                           }
//! ```
//!
//! The digest distinguishes an aggregated record from user data that begins with the same four bytes. It is
//! not computed here. Instead the message has to be well-formed to its last byte, with data and a valid index
//! into the table of keys in every record; other data with these four bytes does not satisfy that by chance.
//! A digest would add a dependency, and a cost that grows with the payload (more than a millisecond for 1
//! MiB), whereas this check reads only the lengths and never the payload.
//!
//! [format]: https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md

/// The first bytes of the data.
const MAGIC: [u8; 4] = [0xf3, 0x89, 0x9a, 0xc2];

/// The first bytes in base64, as far as they do not depend on the bytes that follow.
const MAGIC_IN_BASE64: &[u8] = b"84maw";

const DIGEST_LENGTH: usize = 16;

/// The maximum number of user records that are returned from one record.
const MAX_RECORDS: usize = 10_000;

// Field numbers.
const PARTITION_KEY_TABLE: u64 = 1;
const EXPLICIT_HASH_KEY_TABLE: u64 = 2;
const RECORDS: u64 = 3;
const PARTITION_KEY_INDEX: u64 = 1;
const EXPLICIT_HASH_KEY_INDEX: u64 = 2;
const DATA: u64 = 3;
const TAGS: u64 = 4;

/// Returns whether base64 text may be an aggregated record, so that only such text is decoded.
pub(super) fn is_likely_in_base64(text: &[u8]) -> bool {
    text.starts_with(MAGIC_IN_BASE64)
}

/// An aggregated record that has been validated as a whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct Aggregated<'a> {
    message: &'a [u8],
    count: usize,
}

impl<'a> Aggregated<'a> {
    /// Reads the data of a Kinesis record; `None` if it is not aggregated.
    pub(super) fn read(data: &'a [u8]) -> Option<Self> {
        let message = data.strip_prefix(&MAGIC)?;
        let (message, _) = message.split_last_chunk::<DIGEST_LENGTH>()?;
        let (mut keys, mut hash_keys, mut count) = (0, 0, 0);
        let (mut key_indices, mut hash_key_indices) = (0, 0);
        for field in Fields(message) {
            match field? {
                (PARTITION_KEY_TABLE, Content::Bytes(_)) => keys += 1,
                (EXPLICIT_HASH_KEY_TABLE, Content::Bytes(_)) => hash_keys += 1,
                (RECORDS, Content::Bytes(record)) => {
                    let record = UserRecord::read(record)?;
                    let after = |index: u64| index.checked_add(1);
                    key_indices = key_indices.max(after(record.key_index)?);
                    if let Some(index) = record.hash_key_index {
                        hash_key_indices = hash_key_indices.max(after(index)?);
                    }
                    count += 1;
                }
                (PARTITION_KEY_TABLE | EXPLICIT_HASH_KEY_TABLE | RECORDS, _) => return None,
                _ => {}
            }
        }
        let is_whole = count > 0 && key_indices <= keys && hash_key_indices <= hash_keys;
        is_whole.then_some(Self { message, count })
    }

    /// Returns the number of user records.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Returns the data of the user records, in order; at most [`MAX_RECORDS`].
    pub(super) fn data(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let records = Fields(self.message).filter_map(|field| match field? {
            (RECORDS, Content::Bytes(record)) => Some(UserRecord::read(record)?.data),
            _ => None,
        });
        records.take(MAX_RECORDS)
    }
}

/// One record as its producer passed it to the library.
#[derive(Debug)]
struct UserRecord<'a> {
    key_index: u64,
    hash_key_index: Option<u64>,
    data: &'a [u8],
}

impl<'a> UserRecord<'a> {
    fn read(message: &'a [u8]) -> Option<Self> {
        let (mut key_index, mut hash_key_index, mut data) = (None, None, None);
        for field in Fields(message) {
            match field? {
                (PARTITION_KEY_INDEX, Content::Number(index)) => key_index = Some(index),
                (EXPLICIT_HASH_KEY_INDEX, Content::Number(index)) => hash_key_index = Some(index),
                (DATA, Content::Bytes(bytes)) => data = Some(bytes),
                (TAGS, Content::Bytes(_)) => {}
                (PARTITION_KEY_INDEX | EXPLICIT_HASH_KEY_INDEX | DATA | TAGS, _) => return None,
                _ => {}
            }
        }
        Some(Self {
            key_index: key_index?,
            hash_key_index,
            data: data?,
        })
    }
}

/// The content of a field of a protobuf message.
#[derive(Debug, Clone, Copy)]
enum Content<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// Four or eight bytes, a type that no field here has.
    Fixed,
}

/// The fields of a protobuf message; the last item is `None` if the message is malformed.
#[derive(Debug)]
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Option<(u64, Content<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field)
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Option<(u64, Content<'a>)> {
        let tag = u32::try_from(self.number()?).ok()?;
        let content = match tag & 7 {
            0 => Content::Number(self.number()?),
            1 => self.take(8).map(|_| Content::Fixed)?,
            2 => {
                let length = usize::try_from(self.number()?).ok()?;
                Content::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Content::Fixed)?,
            // Groups are older than the format.
            _ => return None,
        };
        let number = u64::from(tag >> 3);
        (number > 0).then_some((number, content))
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// Reads a varint: seven bits per byte, lowest first; a set highest bit means that more bytes follow.
    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return None;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
    use proptest::prelude::*;

    use super::{Aggregated, DIGEST_LENGTH, MAGIC, MAX_RECORDS, is_likely_in_base64};

    fn number(mut value: u64, out: &mut Vec<u8>) {
        while value > 0x7f {
            out.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        out.push(value.to_le_bytes()[0]);
    }

    fn bytes(field: u8, value: &[u8], out: &mut Vec<u8>) {
        out.push(field << 3 | 2);
        number(value.len() as u64, out);
        out.extend(value);
    }

    /// A user record as the library writes it.
    fn record(key: u64, hash_key: Option<u64>, data: &[u8]) -> Vec<u8> {
        let mut out = vec![1 << 3];
        number(key, &mut out);
        if let Some(hash_key) = hash_key {
            out.push(2 << 3);
            number(hash_key, &mut out);
        }
        bytes(3, data, &mut out);
        out
    }

    fn whole(message: &[u8]) -> Vec<u8> {
        [&MAGIC, message, &[0xaa; DIGEST_LENGTH]].concat()
    }

    fn aggregated(keys: &[&str], hash_keys: &[&str], records: &[Vec<u8>]) -> Vec<u8> {
        let mut message = Vec::new();
        for key in keys {
            bytes(1, key.as_bytes(), &mut message);
        }
        for key in hash_keys {
            bytes(2, key.as_bytes(), &mut message);
        }
        for record in records {
            bytes(3, record, &mut message);
        }
        whole(&message)
    }

    fn read(data: &[u8]) -> Option<Vec<&[u8]>> {
        Some(Aggregated::read(data)?.data().collect())
    }

    /// Two records as a producer has sent them.
    #[test]
    fn the_records_of_a_producer_are_found() {
        let data = "84mawgoEcGstMRplCAAaYXsiX290ZWwiOiB7InRyYWNlcGFyZW50IjogIjAwLTVmM2QwYTFiN2MyZTRkNmY4MDkxYTJiM2M0ZDVlNmY3LTFhMmIzYzRkNWU2ZjcwODEtMDEifSwgIm9yZGVyIjogMX0aZQgAGmF7Il9vdGVsIjogeyJ0cmFjZXBhcmVudCI6ICIwMC02YTRlMWIyYzhkM2Y1ZTcwOTEwMmIzYzRkNWU2ZjcwOC0yYjNjNGQ1ZTZmNzA4MTkyLTAxIn0sICJvcmRlciI6IDJ9ZX1VX8k8vj+YAiiOp49xuQ==";
        assert!(is_likely_in_base64(data.as_bytes()));
        let data = BASE64.decode(data).unwrap();
        let records = read(&data).unwrap();
        assert_eq!(
            records,
            [
                br#"{"_otel": {"traceparent": "00-5f3d0a1b7c2e4d6f8091a2b3c4d5e6f7-1a2b3c4d5e6f7081-01"}, "order": 1}"#,
                br#"{"_otel": {"traceparent": "00-6a4e1b2c8d3f5e709102b3c4d5e6f708-2b3c4d5e6f708192-01"}, "order": 2}"#,
            ]
        );
    }

    #[test]
    fn all_of_the_format_is_understood() {
        let mut tagged = record(1, Some(0), b"b");
        bytes(4, b"\x0a\x01k\x12\x01v", &mut tagged);
        let data = aggregated(&["k1", "k2"], &["7"], &[record(0, None, b""), tagged]);
        assert_eq!(read(&data).unwrap(), [b"".as_slice(), b"b"]);

        // Unknown fields of every kind, and the table after the records that refer to it.
        let mut message = Vec::new();
        bytes(3, &record(0, None, b"a"), &mut message);
        bytes(9, b"new", &mut message);
        message.extend([10 << 3, 0x80, 0x01]);
        message.extend([11 << 3 | 1, 1, 2, 3, 4, 5, 6, 7, 8]);
        message.extend([12 << 3 | 5, 1, 2, 3, 4]);
        bytes(1, b"k", &mut message);
        assert_eq!(read(&whole(&message)).unwrap(), [b"a"]);
    }

    #[test]
    fn what_is_not_wholly_an_aggregated_record_is_none() {
        let good = record(0, None, b"a");
        let no_key = good.get(2..).unwrap().to_vec();
        let no_data = good.get(..2).unwrap().to_vec();
        for (data, why) in [
            (vec![], "nothing"),
            (MAGIC.to_vec(), "no message"),
            (whole(b""), "no record"),
            (aggregated(&["k"], &[], &[]), "no record"),
            (aggregated(&[], &[], std::slice::from_ref(&good)), "no key"),
            (aggregated(&["k"], &[], &[record(1, None, b"a")]), "index"),
            (
                aggregated(&["k"], &[], &[record(u64::MAX, None, b"")]),
                "index",
            ),
            (
                aggregated(&["k"], &[], &[record(0, Some(0), b"a")]),
                "hash key",
            ),
            (aggregated(&["k"], &[], &[no_key]), "no key"),
            (aggregated(&["k"], &[], &[no_data]), "no data"),
            (
                whole(b"\x0a\x01k\x1a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01a"),
                "length",
            ),
            (
                whole(b"\x0a\x01k\x1a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02a"),
                "overflow",
            ),
            (whole(b"\x0a\x01k\x18\x01"), "records that are no messages"),
            (whole(b"\x0a\x01k\x1b\x1c"), "a group"),
            (whole(b"\x0a\x01k\x02\x00"), "field 0"),
            (
                b"\xf3\x89\x9a\xc3"
                    .iter()
                    .chain(&whole(b""))
                    .copied()
                    .collect(),
                "magic",
            ),
        ] {
            assert_eq!(read(&data), None, "{why}");
        }
        let whole = aggregated(&["k"], &[], &[good]);
        for end in 0..whole.len() {
            assert_eq!(read(whole.get(..end).unwrap()), None, "{end} bytes");
        }
    }

    #[test]
    fn a_flood_of_records_is_bounded() {
        let records = vec![record(0, None, b""); MAX_RECORDS + 1];
        let data = aggregated(&["k"], &[], &records);
        let found = Aggregated::read(&data).unwrap();
        assert_eq!(found.count(), MAX_RECORDS + 1);
        assert_eq!(found.data().count(), MAX_RECORDS);
    }

    proptest! {
        #[test]
        fn what_is_put_together_comes_apart(
            records in prop::collection::vec((0..3_u64, prop::collection::vec(any::<u8>(), 0..300)), 1..20),
        ) {
            let written: Vec<_> = records.iter().map(|(key, data)| record(*key, None, data)).collect();
            let data = aggregated(&["a", "b", "c"], &[], &written);
            let expected: Vec<_> = records.iter().map(|(_, data)| data.as_slice()).collect();
            prop_assert_eq!(read(&data), Some(expected));
            prop_assert!(is_likely_in_base64(BASE64.encode(&data).as_bytes()));
        }

        #[test]
        fn no_bytes_do_harm(
            message in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..200),
                prop::collection::vec(prop::sample::select(b"\x08\x0a\x10\x12\x18\x1a\x22\x00\x01\x02\x03\x04\x7f\x80\xff".as_slice()), 0..200),
            ],
        ) {
            let data = whole(&message);
            if let Some(found) = Aggregated::read(&data) {
                prop_assert!(found.count() > 0);
                prop_assert_eq!(found.data().count(), found.count().min(MAX_RECORDS));
                prop_assert!(found.data().map(<[u8]>::len).sum::<usize>() < message.len());
            }
        }
    }
}
