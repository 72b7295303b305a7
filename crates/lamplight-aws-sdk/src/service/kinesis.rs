use aws_sdk_kinesis::operation::put_record::{PutRecordInput, PutRecordOutput};
use aws_sdk_kinesis::operation::put_records::{PutRecordsInput, PutRecordsOutput};
use aws_smithy_runtime_api::client::interceptors::context::{Input, Output};
use aws_smithy_types::Blob;
use lamplight_semconv::aws;
use lamplight_semconv::messaging::operation::MessagingOperationType;
use lamplight_semconv::messaging::{self, MessagingSystem};
use opentelemetry::KeyValue;
use opentelemetry::trace::Link;

use super::{Injection, Request, count, json, refused_by_position};
use crate::Lamplight;
use crate::call::Call;
use crate::carrier::{Carrier, Destination};
use crate::error::Failure;

/// The largest request of several records, in bytes.
const MAX_REQUEST: usize = 5 * 1024 * 1024;

pub(super) fn request<'a>(operation: &str, input: &'a mut Input) -> Option<&'a mut dyn Request> {
    Some(match operation {
        "PutRecord" => input.downcast_mut::<PutRecordInput>()? as &mut dyn Request,
        "PutRecords" => input.downcast_mut::<PutRecordsInput>()?,
        _ => return None,
    })
}

pub(super) fn response(operation: &str, output: &Output, call: &mut Call) -> Option<Failure> {
    match operation {
        "PutRecord" => {
            let output = output.downcast_ref::<PutRecordOutput>()?;
            stored(output.shard_id(), output.sequence_number(), call);
        }
        "PutRecords" => {
            let output = output.downcast_ref::<PutRecordsOutput>()?;
            if let [record] = output.records()
                && let (Some(shard), Some(number)) = (record.shard_id(), record.sequence_number())
            {
                stored(shard, number, call);
            }
            call.failed_entries(refused_by_position(output.records(), |record| {
                record.error_code()
            }));
        }
        _ => {}
    }
    None
}

/// A consumer's event names the record by both: `eventID` is `shard:sequence number`.
fn stored(shard: &str, number: &str, call: &mut Call) {
    call.set(messaging::destination::partition::id(shard.to_owned()));
    call.set(messaging::message::id(format!("{shard}:{number}")));
}

fn describe(stream: &str, attributes: &mut Vec<KeyValue>) {
    attributes.push(messaging::system(MessagingSystem::AwsKinesis));
    attributes.push(messaging::operation::name("send"));
    attributes.push(messaging::operation::r#type(MessagingOperationType::Send));
    if !stream.is_empty() {
        let name = stream
            .rsplit_once(":stream/")
            .map_or(stream, |(_, name)| name);
        attributes.push(messaging::destination::name(name.to_owned()));
        attributes.push(aws::kinesis::stream_name(name.to_owned()));
    }
}

/// The text that data is, and how long it may become where the request may grow by `room`.
fn place<'a>(
    data: &'a Blob,
    key: &str,
    injection: &Injection<'_>,
    room: usize,
) -> Option<(&'a str, usize)> {
    let text = std::str::from_utf8(data.as_ref()).ok()?;
    let longest = injection
        .limit(Carrier::KinesisData)
        .saturating_sub(key.len())
        .min(text.len().saturating_add(room));
    Some((text, longest))
}

/// Looked for only where ours would be written, since data may be large.
fn own_contexts<'a>(
    stream: &str,
    data: impl IntoIterator<Item = &'a Blob>,
    lamplight: &Lamplight,
) -> Vec<Link> {
    if !lamplight.allows(Destination::new(Carrier::KinesisData, stream)) {
        return Vec::new();
    }
    let texts = data
        .into_iter()
        .filter_map(|data| std::str::from_utf8(data.as_ref()).ok());
    texts
        .filter_map(|text| json::own_context(lamplight, text))
        .collect()
}

/// The [`place`] in the only record of a request, if context is wanted there.
fn place_in_record<'a>(
    input: &'a PutRecordInput,
    injection: &Injection<'_>,
) -> Option<(&'a str, usize)> {
    let key = input.partition_key().unwrap_or_default();
    let allowed = injection.allows(Carrier::KinesisData, stream_of_record(input));
    place(
        input.data().filter(|_| allowed)?,
        key,
        injection,
        usize::MAX,
    )
}

fn stream_of_record(input: &PutRecordInput) -> &str {
    input
        .stream_name()
        .or(input.stream_arn())
        .unwrap_or_default()
}

fn stream_of_records(input: &PutRecordsInput) -> &str {
    input
        .stream_name()
        .or(input.stream_arn())
        .unwrap_or_default()
}

impl Request for PutRecordInput {
    fn attributes(&self, _region: Option<&str>, attributes: &mut Vec<KeyValue>) {
        describe(stream_of_record(self), attributes);
    }

    fn is_send(&self) -> bool {
        true
    }

    fn own_contexts(&self, lamplight: &Lamplight) -> Vec<Link> {
        own_contexts(stream_of_record(self), self.data(), lamplight)
    }

    fn has_room(&self, injection: &Injection<'_>) -> bool {
        place_in_record(self, injection)
            .is_some_and(|(text, longest)| json::rehearse(text, injection, longest))
    }

    fn inject(&mut self, injection: &Injection<'_>) {
        if let Some((text, longest)) = place_in_record(self, injection)
            && let Some(data) = json::splice(text, injection, Carrier::KinesisData, longest)
        {
            self.data = Some(Blob::new(data));
        }
    }
}

/// How many bytes the request may still grow by.
fn room(input: &PutRecordsInput) -> usize {
    let records = input.records().iter();
    let size = |data: &Blob, key: Option<&str>| data.as_ref().len() + key.map_or(0, str::len);
    let sizes = records.map(|record| size(record.data(), record.partition_key()));
    MAX_REQUEST.saturating_sub(sizes.sum())
}

impl Request for PutRecordsInput {
    fn attributes(&self, _region: Option<&str>, attributes: &mut Vec<KeyValue>) {
        describe(stream_of_records(self), attributes);
        attributes.push(messaging::batch::message_count(count(self.records().len())));
    }

    fn is_send(&self) -> bool {
        true
    }

    fn own_contexts(&self, lamplight: &Lamplight) -> Vec<Link> {
        let records = self.records().iter().map(|record| record.data());
        own_contexts(stream_of_records(self), records, lamplight)
    }

    fn has_room(&self, injection: &Injection<'_>) -> bool {
        let room = room(self);
        injection.allows(Carrier::KinesisData, stream_of_records(self))
            && self.records().iter().any(|record| {
                let key = record.partition_key().unwrap_or_default();
                place(record.data(), key, injection, room)
                    .is_some_and(|(text, longest)| json::rehearse(text, injection, longest))
            })
    }

    fn inject(&mut self, injection: &Injection<'_>) {
        if !injection.allows(Carrier::KinesisData, stream_of_records(self)) {
            return;
        }
        let mut room = room(self);
        for record in self.records.iter_mut().flatten() {
            let key = record.partition_key().unwrap_or_default();
            if let Some((text, longest)) = place(record.data(), key, injection, room)
                && let Some(data) = json::splice(text, injection, Carrier::KinesisData, longest)
            {
                room = room.saturating_sub(data.len().saturating_sub(text.len()));
                record.data = Blob::new(data);
            }
        }
    }
}
