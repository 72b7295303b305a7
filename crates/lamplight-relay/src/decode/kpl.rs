//! Aggregated records of the Kinesis Producer Library.
//!
//! Format: <https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md>.
//! Four magic bytes, a protobuf message `AggregatedRecord`, and the MD5 digest of the message.

use lamplight_otlp::{Fields, Malformed, Value};
use md5::{Digest, Md5};

use super::refusal::{Reason, Refusal};

const MAGIC: [u8; 4] = [0xf3, 0x89, 0x9a, 0xc2];
const DIGEST: usize = 16;

/// Returns the message in an aggregated record, or `None` if the data is not one. No protobuf
/// message begins like this: the first byte would be a wire type that is no longer in use.
pub(super) fn contents(data: &[u8]) -> Option<Result<&[u8], Refusal>> {
    let rest = data.strip_prefix(&MAGIC)?;
    let checked = rest
        .split_last_chunk::<DIGEST>()
        .filter(|(message, digest)| Md5::digest(message).as_slice() == digest.as_slice());
    let Some((message, _)) = checked else {
        return Some(Err(Refusal::of(Reason::Checksum)));
    };
    if Fields::new(message).any(|field| field.is_err()) {
        return Some(Err(Refusal::of(Reason::NotOtlp)));
    }
    Some(Ok(message))
}

/// Returns the data of each record in the message of an aggregated one.
pub(super) fn records(message: &[u8]) -> impl Iterator<Item = &[u8]> {
    // A record with malformed fields is refused when it is read.
    Fields::new(message)
        .bytes(3)
        .map(|record| data(record).unwrap_or(record))
}

/// Returns the data of a record in the message.
fn data(record: &[u8]) -> Result<&[u8], Malformed> {
    let mut data = &b""[..];
    for field in Fields::new(record) {
        if let (3, Value::Bytes(bytes)) = field? {
            data = bytes;
        }
    }
    Ok(data)
}
