//! Kinesis: records of a stream, delivered by an event source mapping or, flattened, by a pipe.

use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use lamplight_semconv::{
    aws::kinesis,
    messaging::{MessagingSystem, destination::partition},
};
use opentelemetry::KeyValue;

use super::{
    Source,
    aggregated::is_likely_in_base64,
    message::{Body, Message, name_after, owned, part, string},
    records::RecordSource,
};
use crate::{
    inbound::{
        members::RecordMembers,
        search::{MAX_NESTED, fields::decode},
    },
    json::Place,
};

pub(super) struct Kinesis;

impl RecordSource for Kinesis {
    const NAMES: &'static [&'static str] = &["aws:kinesis"];
    const IS_COUNTED: bool = true;
    const IS_STREAM: bool = true;
    const HAS_ITEMS: bool = true;

    type Record<'r> = Raw<'r>;

    fn has_members(members: &RecordMembers<'_>) -> bool {
        members.kinesis().is_some_and(|it| it.is_object())
    }

    fn record<'r>(members: &'r RecordMembers<'r>) -> Raw<'r> {
        Raw(members)
    }

    fn is_complete(seen: &RecordMembers<'_>) -> bool {
        !seen.event_id.is_nowhere() && !seen.data.is_nowhere()
    }

    fn item_at(members: &RecordMembers<'_>, is_piped: bool) -> Place {
        match is_piped {
            true => members.event_id,
            false => members.number_at,
        }
    }
}

/// A record as JSON.
pub(super) struct Raw<'r>(&'r RecordMembers<'r>);

impl Message for Raw<'_> {
    const SOURCE: Source = Source::Kinesis;
    const SYSTEM: Option<MessagingSystem> = Some(MessagingSystem::AwsKinesis);
    const BODY: &'static str = "data";

    fn envelope(&self) -> Option<&'static str> {
        self.0.kinesis().map(|_| "kinesis")
    }

    fn body(&self) -> Option<Body<'_>> {
        self.0.data()?.text().map(Body::Base64)
    }

    fn packed(&self) -> Option<Cow<'_, [u8]>> {
        let data = self.0.data()?.text()?;
        let raw = data.raw();
        // The first characters may be written as `\u` escapes.
        if !matches!(raw.first(), Some(b'8' | b'\\')) || raw.len() / 4 * 3 > MAX_NESTED {
            return None;
        }
        let is_escaped = raw.iter().take(5 * 6).any(|byte| *byte == b'\\');
        let is_likely = is_likely_in_base64(raw) || is_escaped;
        is_likely.then(|| match data.is_escaped() {
            false => BASE64.decode(raw).ok().map(Cow::Owned),
            true => decode(data),
        })?
    }

    fn id(&self) -> Option<String> {
        owned(self.0.event_id())
    }

    fn destination(&self) -> Option<Cow<'_, str>> {
        part(string(self.0.arn())?, stream)
    }

    fn resource(&self) -> Option<KeyValue> {
        let name = self.destination()?.into_owned();
        Some(kinesis::stream_name(name))
    }

    fn partition(&self) -> Option<KeyValue> {
        shard(&string(self.0.event_id())?)
    }

    fn sent_at(&self) -> Option<SystemTime> {
        let name = "approximateArrivalTimestamp";
        let arrived = match self.0.kinesis() {
            Some(kinesis) => kinesis.get(name),
            None => self.0.document()?.get(name),
        };
        let seconds = arrived?.scalar()?.parse().ok()?;
        let since = Duration::try_from_secs_f64(seconds).ok()?;
        SystemTime::UNIX_EPOCH.checked_add(since)
    }
}

fn stream(arn: &str) -> Option<&str> {
    name_after(arn, "stream/")
}

/// Returns the shard from the id of a record, `shardId-000000000006:4959033827149`. Lambda never mixes shards
/// in a batch.
fn shard(id: &str) -> Option<KeyValue> {
    let (shard, _) = id.split_once(':')?;
    shard
        .starts_with("shardId-")
        .then(|| partition::id(shard.to_owned()))
}

#[cfg(feature = "records-kinesis")]
impl Message for aws_lambda_events::kinesis::KinesisEventRecord {
    const SOURCE: Source = Source::Kinesis;
    const SYSTEM: Option<MessagingSystem> = Some(MessagingSystem::AwsKinesis);

    fn body(&self) -> Option<Body<'_>> {
        Some(Body::Bytes(&self.kinesis.data.0))
    }

    fn packed(&self) -> Option<Cow<'_, [u8]>> {
        Some(Cow::Borrowed(&self.kinesis.data.0))
    }

    fn id(&self) -> Option<String> {
        self.event_id.clone()
    }

    fn destination(&self) -> Option<Cow<'_, str>> {
        let arn = self.event_source_arn.as_deref()?;
        stream(arn).map(Cow::Borrowed)
    }

    fn resource(&self) -> Option<KeyValue> {
        let name = self.destination()?.into_owned();
        Some(kinesis::stream_name(name))
    }

    fn partition(&self) -> Option<KeyValue> {
        shard(self.event_id.as_deref()?)
    }

    fn sent_at(&self) -> Option<SystemTime> {
        Some((*self.kinesis.approximate_arrival_timestamp).into())
    }
}
