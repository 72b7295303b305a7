//! Kinesis: records put into streams.

use aws_sdk_kinesis::operation::{
    put_record::{PutRecordInput, PutRecordOutput},
    put_records::{PutRecordsInput, PutRecordsOutput},
};
use aws_smithy_runtime_api::client::interceptors::context::Output;
use aws_smithy_types::Blob;
use lamplight_semconv::{
    aws,
    messaging::{self, MessagingSystem, operation::MessagingOperationType},
};
use opentelemetry::{KeyValue, trace::Link};

use super::{
    arn::name_in,
    batch::{count, record_refused_by_position},
    definition::Service,
    injection::Injection,
    json::{self, batch::Text},
    macros::requests,
    places::Places,
    request::{OutgoingMessages, Request},
};
use crate::{
    LamplightInterceptor,
    call::Call,
    carrier::{Carrier, Destination},
    error::Failure,
};

/// The largest request of several records, in bytes.
const MAX_REQUEST: usize = 5 * 1024 * 1024;

pub(super) const SERVICE: Service = Service {
    request,
    request_mut,
    response,
    ..Service::new("Kinesis")
};

requests! {
    "PutRecord" PutRecordInput;
    "PutRecords" PutRecordsInput;
}

fn response(
    operation: &str,
    output: &Output,
    _lamplight: &LamplightInterceptor,
    call: &mut Call,
) -> Option<Failure> {
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
            record_refused_by_position(output.records(), |record| record.error_code(), call);
        }
        _ => {}
    }
    None
}

/// Records shard and sequence number. A consumer's event contains both: `eventID` is `shard:sequence number`.
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

/// Returns the largest record of this stream, in bytes.
fn limit(lamplight: &LamplightInterceptor, stream: &str) -> usize {
    let to = Destination::new(Carrier::KinesisData, stream);
    lamplight.limits.of(to)
}

/// Returns data as a text, if it is one, with the number of bytes by which it may grow within the limit of a
/// record.
fn text<'a>(data: &'a Blob, key: &str, limit: usize) -> Option<Text<'a>> {
    let text = std::str::from_utf8(data.as_ref()).ok()?;
    let most = limit.saturating_sub(key.len()).saturating_sub(text.len());
    Some(Text { text, most })
}

fn size(data: &Blob, key: &str) -> usize {
    data.as_ref().len() + key.len()
}

/// Returns links to contexts in the data, which may be large and is searched only if the call's context would
/// be written.
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
        .filter_map(|text| json::batch::existing_context(lamplight, text))
        .collect()
}

/// Returns the stream named in a request by name or ARN, otherwise an empty string.
macro_rules! stream {
    ($input:expr) => {
        $input
            .stream_name()
            .or($input.stream_arn())
            .unwrap_or_default()
    };
}

fn is_wanted(lamplight: &LamplightInterceptor, stream: &str) -> bool {
    lamplight.allows(Destination::new(Carrier::KinesisData, stream))
}

/// Returns whether data, which may be large, is searched at all.
fn is_used(lamplight: &LamplightInterceptor) -> bool {
    lamplight.carriers.uses(Carrier::KinesisData)
}

impl Request for PutRecordInput {
    fn attributes(&self, _region: Option<&str>, attributes: &mut Vec<KeyValue>) {
        describe(stream!(self), attributes);
    }

    fn existing_contexts(&self, lamplight: &LamplightInterceptor) -> Vec<Link> {
        existing_contexts(stream!(self), self.data(), lamplight)
    }

    fn places<'a>(&self, lamplight: &'a LamplightInterceptor) -> Places<'a> {
        let key = self.partition_key().unwrap_or_default();
        match self.data() {
            Some(data) if is_wanted(lamplight, stream!(self)) => {
                let limit = limit(lamplight, stream!(self));
                let texts = std::iter::once(text(data, key, limit));
                json::batch::places(texts, usize::MAX, lamplight)
            }
            _ => Places::default(),
        }
    }

    fn inject(&mut self, injection: &Injection<'_>, places: &Places<'_>) {
        let key = self.partition_key().unwrap_or_default();
        if let (Some(data), [place]) = (self.data(), places.in_texts.as_slice())
            && let limit = limit(injection.lamplight, stream!(self))
            && let Some(Text { text, most }) = text(data, key, limit)
            && let Some(data) = json::splice(text, place, injection, Carrier::KinesisData, most)
        {
            self.data = Some(Blob::new(data));
        }
    }

    fn outgoing(
        &self,
        lamplight: &LamplightInterceptor,
        traceparent: &str,
    ) -> Option<OutgoingMessages> {
        let data = self.data().filter(|_| is_used(lamplight))?;
        Some(OutgoingMessages {
            carrier: Carrier::KinesisData,
            limit: limit(lamplight, stream!(self)),
            carrying: json::carries(data.as_ref(), traceparent).into(),
            bytes: size(data, self.partition_key().unwrap_or_default()),
            is_crowded: false,
        })
    }
}

/// Returns the number of bytes by which the request may still grow.
fn room(input: &PutRecordsInput, lamplight: &LamplightInterceptor) -> usize {
    request_limit(input, lamplight).saturating_sub(request_size(input))
}

/// Returns the size limit of the request, in bytes. If the user sets a limit for records above the default
/// request limit, the account must allow larger requests.
fn request_limit(input: &PutRecordsInput, lamplight: &LamplightInterceptor) -> usize {
    limit(lamplight, stream!(input)).max(MAX_REQUEST)
}

fn request_size(input: &PutRecordsInput) -> usize {
    let records = input.records().iter();
    let sizes =
        records.map(|record| size(record.data(), record.partition_key().unwrap_or_default()));
    sizes.sum()
}

/// Returns the text of each record.
fn texts<'a>(
    input: &'a PutRecordsInput,
    lamplight: &LamplightInterceptor,
) -> impl Iterator<Item = Option<Text<'a>>> + use<'a> {
    let limit = limit(lamplight, stream!(input));
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
        describe(stream!(self), attributes);
        attributes.push(messaging::batch::message_count(count(self.records().len())));
    }

    fn existing_contexts(&self, lamplight: &LamplightInterceptor) -> Vec<Link> {
        let records = self.records().iter().map(|record| record.data());
        existing_contexts(stream!(self), records, lamplight)
    }

    fn places<'a>(&self, lamplight: &'a LamplightInterceptor) -> Places<'a> {
        if !is_wanted(lamplight, stream!(self)) {
            return Places::default();
        }
        json::batch::places(texts(self, lamplight), room(self, lamplight), lamplight)
    }

    fn inject(&mut self, injection: &Injection<'_>, places: &Places<'_>) {
        if places.in_texts.is_empty() {
            return;
        }
        let room = room(self, injection.lamplight);
        let texts = texts(self, injection.lamplight);
        let shares = json::batch::shares(texts, room, places, injection);
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

    fn outgoing(
        &self,
        lamplight: &LamplightInterceptor,
        traceparent: &str,
    ) -> Option<OutgoingMessages> {
        let records = self.records().iter();
        is_used(lamplight).then(|| OutgoingMessages {
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
