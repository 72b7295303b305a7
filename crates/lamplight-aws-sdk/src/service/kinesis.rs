use aws_sdk_kinesis::operation::put_record::{PutRecordInput, PutRecordOutput};
use aws_sdk_kinesis::operation::put_records::{PutRecordsInput, PutRecordsOutput};
use aws_smithy_runtime_api::client::interceptors::context::Output;
use aws_smithy_types::Blob;
use lamplight_semconv::aws;
use lamplight_semconv::messaging::operation::MessagingOperationType;
use lamplight_semconv::messaging::{self, MessagingSystem};
use opentelemetry::KeyValue;
use opentelemetry::trace::Link;

use super::json::{self, Text};
use super::{Cargo, Injection, Places, Request, count, name_in, refused_by_position, requests};
use crate::LamplightInterceptor;
use crate::call::Call;
use crate::carrier::{Carrier, Destination};
use crate::error::Failure;

/// The largest request of several records, in bytes.
const MAX_REQUEST: usize = 5 * 1024 * 1024;

requests! {
    "PutRecord" PutRecordInput;
    "PutRecords" PutRecordsInput;
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
        let name = name_in(stream, ":stream/");
        attributes.push(messaging::destination::name(name.to_owned()));
        attributes.push(aws::kinesis::stream_name(name.to_owned()));
    }
}

/// The largest record of this stream.
fn limit(lamplight: &LamplightInterceptor, stream: &str) -> usize {
    let to = Destination::new(Carrier::KinesisData, stream);
    lamplight.limits.of(to)
}

/// The text that data is, if it is one, and how much the limit on a record lets it grow.
fn text<'a>(data: &'a Blob, key: &str, limit: usize) -> Option<Text<'a>> {
    let text = std::str::from_utf8(data.as_ref()).ok()?;
    let most = limit.saturating_sub(key.len()).saturating_sub(text.len());
    Some(Text { text, most })
}

fn size(data: &Blob, key: &str) -> usize {
    data.as_ref().len() + key.len()
}

/// Looked for only where ours would be written, since data may be large.
fn existing_contexts<'a>(
    stream: &str,
    data: impl IntoIterator<Item = &'a Blob>,
    lamplight: &LamplightInterceptor,
) -> Vec<Link> {
    if !lamplight.allows(Destination::new(Carrier::KinesisData, stream)) {
        return Vec::new();
    }
    let texts = data
        .into_iter()
        .filter_map(|data| std::str::from_utf8(data.as_ref()).ok());
    texts
        .filter_map(|text| json::existing_context(lamplight, text))
        .collect()
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

fn is_wanted(lamplight: &LamplightInterceptor, stream: &str) -> bool {
    lamplight.allows(Destination::new(Carrier::KinesisData, stream))
}

/// Whether data, which may be large, is worth a look at all.
fn is_used(lamplight: &LamplightInterceptor) -> bool {
    lamplight.carriers.uses(Carrier::KinesisData)
}

impl Request for PutRecordInput {
    fn attributes(&self, _region: Option<&str>, attributes: &mut Vec<KeyValue>) {
        describe(stream_of_record(self), attributes);
    }

    fn existing_contexts(&self, lamplight: &LamplightInterceptor) -> Vec<Link> {
        existing_contexts(stream_of_record(self), self.data(), lamplight)
    }

    fn places<'a>(&self, lamplight: &'a LamplightInterceptor) -> Places<'a> {
        let key = self.partition_key().unwrap_or_default();
        match self.data() {
            Some(data) if is_wanted(lamplight, stream_of_record(self)) => {
                let limit = limit(lamplight, stream_of_record(self));
                let texts = std::iter::once(text(data, key, limit));
                json::places(texts, usize::MAX, lamplight)
            }
            _ => Places::default(),
        }
    }

    fn inject(&mut self, injection: &Injection<'_>, places: &Places<'_>) {
        let key = self.partition_key().unwrap_or_default();
        if let (Some(data), [place]) = (self.data(), places.in_texts.as_slice())
            && let limit = limit(injection.lamplight, stream_of_record(self))
            && let Some(Text { text, most }) = text(data, key, limit)
            && let Some(data) = json::splice(text, place, injection, Carrier::KinesisData, most)
        {
            self.data = Some(Blob::new(data));
        }
    }

    fn cargo(&self, lamplight: &LamplightInterceptor, traceparent: &str) -> Option<Cargo> {
        let data = self.data().filter(|_| is_used(lamplight))?;
        Some(Cargo {
            carrier: Carrier::KinesisData,
            limit: limit(lamplight, stream_of_record(self)),
            carrying: json::carries(data.as_ref(), traceparent).into(),
            bytes: size(data, self.partition_key().unwrap_or_default()),
            is_crowded: false,
        })
    }
}

/// How many bytes the request may still grow by.
fn room(input: &PutRecordsInput, lamplight: &LamplightInterceptor) -> usize {
    request_limit(input, lamplight).saturating_sub(request_size(input))
}

/// The largest request. Who says that records may be larger than requests were has an account with
/// larger requests.
fn request_limit(input: &PutRecordsInput, lamplight: &LamplightInterceptor) -> usize {
    limit(lamplight, stream_of_records(input)).max(MAX_REQUEST)
}

fn request_size(input: &PutRecordsInput) -> usize {
    let records = input.records().iter();
    let sizes =
        records.map(|record| size(record.data(), record.partition_key().unwrap_or_default()));
    sizes.sum()
}

/// The text of each record.
fn texts<'a>(
    input: &'a PutRecordsInput,
    lamplight: &LamplightInterceptor,
) -> impl Iterator<Item = Option<Text<'a>>> + use<'a> {
    let limit = limit(lamplight, stream_of_records(input));
    let records = input.records().iter();
    records.map(move |record| {
        text(
            record.data(),
            record.partition_key().unwrap_or_default(),
            limit,
        )
    })
}

impl Request for PutRecordsInput {
    fn attributes(&self, _region: Option<&str>, attributes: &mut Vec<KeyValue>) {
        describe(stream_of_records(self), attributes);
        attributes.push(messaging::batch::message_count(count(self.records().len())));
    }

    fn existing_contexts(&self, lamplight: &LamplightInterceptor) -> Vec<Link> {
        let records = self.records().iter().map(|record| record.data());
        existing_contexts(stream_of_records(self), records, lamplight)
    }

    fn places<'a>(&self, lamplight: &'a LamplightInterceptor) -> Places<'a> {
        if !is_wanted(lamplight, stream_of_records(self)) {
            return Places::default();
        }
        json::places(texts(self, lamplight), room(self, lamplight), lamplight)
    }

    fn inject(&mut self, injection: &Injection<'_>, places: &Places<'_>) {
        if places.in_texts.is_empty() {
            return;
        }
        let room = room(self, injection.lamplight);
        let texts = texts(self, injection.lamplight);
        let shares = json::shares(texts, room, places, injection);
        let records = self.records.iter_mut().flatten();
        for ((record, place), share) in records.zip(&places.in_texts).zip(shares) {
            if let Ok(text) = std::str::from_utf8(record.data().as_ref())
                && let Some(data) =
                    json::splice(text, place, injection, Carrier::KinesisData, share)
            {
                record.data = Blob::new(data);
            }
        }
    }

    fn cargo(&self, lamplight: &LamplightInterceptor, traceparent: &str) -> Option<Cargo> {
        let records = self.records().iter();
        is_used(lamplight).then(|| Cargo {
            carrier: Carrier::KinesisData,
            limit: request_limit(self, lamplight),
            carrying: records
                .filter(|record| json::carries(record.data().as_ref(), traceparent))
                .count(),
            bytes: request_size(self),
            is_crowded: false,
        })
    }
}
