//! Conversion of the SDK's types.

use std::{error::Error, time::Duration};

use aws_sdk_kinesis::{
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    primitives::DateTime,
    types::{ChildShard, HashKeyRange},
};
use bytes::Bytes;

use crate::{
    record::{HashRange, Record, SequenceNumber, StreamTime},
    source::stream::{ReadError, ShardInfo},
};

/// Returns the error that a failed call stands for.
pub(super) fn error<E, R>(error: &SdkError<E, R>) -> ReadError
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug,
{
    match error {
        SdkError::ServiceError(failed) => {
            let said = failed.err();
            let code = said.code().unwrap_or_default();
            let message = said.message().unwrap_or_default();
            of_code(code, format!("{code}: {message}"))
        }
        // Without credentials or a region, no call was made.
        SdkError::ConstructionFailure(_) => {
            ReadError::Refused(DisplayErrorContext(error).to_string())
        }
        _ => ReadError::Unavailable(DisplayErrorContext(error).to_string()),
    }
}

/// Returns the error that a service's error code stands for.
pub(super) fn of_code(code: &str, text: String) -> ReadError {
    match code {
        "ExpiredIteratorException" | "ExpiredNextTokenException" => ReadError::Expired,
        "ProvisionedThroughputExceededException"
        | "LimitExceededException"
        | "KMSThrottlingException"
        | "ThrottlingException"
        | "Throttling" => ReadError::Throttled,
        "ResourceNotFoundException" => ReadError::Gone,
        "InvalidArgumentException" | "ValidationException" => ReadError::Position,
        "AccessDeniedException"
        | "UnrecognizedClientException"
        | "InvalidSignatureException"
        | "ExpiredTokenException"
        | "KMSAccessDeniedException"
        | "KMSDisabledException"
        | "KMSNotFoundException"
        | "KMSOptInRequired" => ReadError::Refused(text),
        _ => ReadError::Unavailable(text),
    }
}

pub(super) fn range(range: &HashKeyRange) -> Option<HashRange> {
    Some(HashRange {
        first: range.starting_hash_key().parse().ok()?,
        last: range.ending_hash_key().parse().ok()?,
    })
}

/// Returns the records of a response. A record without a time gets that of its predecessor.
pub(super) fn records(records: Vec<aws_sdk_kinesis::types::Record>) -> Vec<Record> {
    let mut arrival = StreamTime::default();
    let records = records.into_iter().map(|record| {
        arrival = record.approximate_arrival_timestamp().map_or(arrival, time);
        let sequence = SequenceNumber::new(record.sequence_number());
        let key = record.partition_key.unwrap_or_default();
        let data = record.data.into_inner();
        Record::new(sequence, &key, arrival, Bytes::from(data))
    });
    records.collect()
}

pub(super) fn children(children: &[ChildShard]) -> Vec<ShardInfo> {
    let children = children.iter().filter_map(|child| {
        Some(ShardInfo {
            id: child.shard_id().to_owned(),
            parents: child.parent_shards().to_vec(),
            range: range(child.hash_key_range()?)?,
            closed: false,
        })
    });
    children.collect()
}

pub(super) fn behind(millis: Option<i64>) -> Duration {
    let millis = millis.unwrap_or_default();
    Duration::from_millis(u64::try_from(millis).unwrap_or_default())
}

/// Returns a time as the SDK's type.
pub(super) fn date_time(time: StreamTime) -> DateTime {
    DateTime::from_millis(i64::try_from(time.as_millis()).unwrap_or(i64::MAX))
}

fn time(time: &DateTime) -> StreamTime {
    let millis = time.to_millis().unwrap_or_default();
    StreamTime::from_millis(u64::try_from(millis).unwrap_or_default())
}
