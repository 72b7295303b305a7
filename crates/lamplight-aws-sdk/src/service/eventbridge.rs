//! EventBridge: events put on buses.

use aws_sdk_eventbridge::{
    operation::put_events::{PutEventsInput, PutEventsOutput},
    types::PutEventsRequestEntry,
};
use aws_smithy_runtime_api::client::interceptors::context::Output;
use lamplight_propagation::xray::EVENTBRIDGE_TRACE_HEADER_LIMIT;
use lamplight_semconv::messaging::{self, MessagingSystem, operation::MessagingOperationType};
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

/// The bus of an entry without a bus name.
const DEFAULT_BUS: &str = "default";
/// The bytes that EventBridge counts for the time of an entry.
const TIME_BYTES: usize = 14;

pub(super) const SERVICE: Service = Service {
    request,
    request_mut,
    response,
    ..Service::new("EventBridge")
};

requests! {
    "PutEvents" PutEventsInput;
}

fn response(
    _operation: &str,
    output: &Output,
    _lamplight: &LamplightInterceptor,
    call: &mut Call,
) -> Option<Failure> {
    let output = output.downcast_ref::<PutEventsOutput>()?;
    if let [entry] = output.entries()
        && let Some(id) = entry.event_id()
    {
        call.set(messaging::message::id(id.to_owned()));
    }
    record_refused_by_position(output.entries(), |entry| entry.error_code(), call);
    None
}

impl Request for PutEventsInput {
    fn attributes(&self, _region: Option<&str>, attributes: &mut Vec<KeyValue>) {
        attributes.push(messaging::system(MessagingSystem::AwsEventbridge));
        attributes.push(messaging::operation::name("send"));
        attributes.push(messaging::operation::r#type(MessagingOperationType::Send));
        attributes.push(messaging::batch::message_count(count(self.entries().len())));
        let buses = self.entries().iter().map(bus);
        if let Some(bus) = all_equal(buses.map(|bus| name_in(bus, ":event-bus/"))) {
            attributes.push(messaging::destination::name(bus.to_owned()));
        }
    }

    fn existing_contexts(&self, lamplight: &LamplightInterceptor) -> Vec<Link> {
        let allowed = |entry: &&PutEventsRequestEntry| {
            lamplight.allows(Destination::new(Carrier::EventBridgeDetail, bus(entry)))
        };
        let details = self.entries().iter().filter(allowed);
        let details = details.filter_map(|entry| entry.detail());
        details
            .filter_map(|detail| json::batch::existing_context(lamplight, detail))
            .collect()
    }

    fn places<'a>(&self, lamplight: &'a LamplightInterceptor) -> Places<'a> {
        json::batch::places(texts(self, lamplight), room(self, lamplight), lamplight)
    }

    fn inject(&mut self, injection: &Injection<'_>, places: &Places<'_>) {
        let room = room(self, injection.lamplight);
        let lamplight = injection.lamplight;
        let details = self.entries().iter().map(|entry| text(entry, lamplight));
        let shares = json::batch::shares(details, room, places, injection);
        let entries = self.entries.iter_mut().flatten();
        for ((entry, place), share) in entries.zip(&places.in_texts).zip(shares) {
            let carrier = Carrier::EventBridgeDetail;
            if let Some(text) = entry.detail()
                && let Some(detail) = json::splice(text, place, injection, carrier, share)
            {
                entry.detail = Some(detail);
            }
            if injection.lamplight.xray && entry.trace_header().is_none() {
                let header = injection
                    .fields()
                    .xray_header(None, EVENTBRIDGE_TRACE_HEADER_LIMIT);
                entry.trace_header = header;
            }
        }
    }

    fn outgoing(
        &self,
        lamplight: &LamplightInterceptor,
        traceparent: &str,
    ) -> Option<OutgoingMessages> {
        let details = self.entries().iter().filter_map(|entry| entry.detail());
        let carrier = Carrier::EventBridgeDetail;
        lamplight.carriers.uses(carrier).then(|| OutgoingMessages {
            carrier,
            limit: limit(self, lamplight),
            carrying: details
                .filter(|detail| json::carries(detail.as_bytes(), traceparent))
                .count(),
            bytes: self.entries().iter().map(size).sum(),
            is_crowded: false,
        })
    }
}

/// Returns the number of bytes by which the request may still grow.
fn room(input: &PutEventsInput, lamplight: &LamplightInterceptor) -> usize {
    let total = input.entries().iter().map(size).sum();
    let limit = limit(input, lamplight);
    limit.saturating_sub(total)
}

/// Returns the detail of each entry that may get context.
fn texts<'a>(
    input: &'a PutEventsInput,
    lamplight: &LamplightInterceptor,
) -> impl Iterator<Item = Option<Text<'a>>> {
    let wanted = |entry: &&PutEventsRequestEntry| {
        lamplight.allows(Destination::new(Carrier::EventBridgeDetail, bus(entry)))
    };
    let entries = input.entries().iter();
    entries.map(move |entry| {
        let entry = Some(entry).filter(wanted)?;
        text(entry, lamplight)
    })
}

fn text<'e>(
    entry: &'e PutEventsRequestEntry,
    lamplight: &LamplightInterceptor,
) -> Option<Text<'e>> {
    let text = entry.detail()?;
    let most = entry_limit(entry, lamplight).saturating_sub(size(entry));
    Some(Text { text, most })
}

/// Returns the size limit of an entry for its bus, in bytes.
fn entry_limit(entry: &PutEventsRequestEntry, lamplight: &LamplightInterceptor) -> usize {
    let to = Destination::new(Carrier::EventBridgeDetail, bus(entry));
    lamplight.limits.of(to)
}

/// Returns the size limit of the request, in which all entries count, in bytes.
fn limit(input: &PutEventsInput, lamplight: &LamplightInterceptor) -> usize {
    let entries = input.entries().iter();
    let of_entries = entries.map(|entry| entry_limit(entry, lamplight)).max();
    let limits = &lamplight.limits;
    limits.of_request(Carrier::EventBridgeDetail, of_entries.unwrap_or_default())
}

fn bus(entry: &PutEventsRequestEntry) -> &str {
    entry.event_bus_name().unwrap_or(DEFAULT_BUS)
}

/// Returns the size of an entry as EventBridge counts it, in bytes.
fn size(entry: &PutEventsRequestEntry) -> usize {
    let texts = [entry.source(), entry.detail_type(), entry.detail()];
    let texts = texts
        .into_iter()
        .flatten()
        .chain(entry.resources().iter().map(String::as_str));
    texts.map(str::len).sum::<usize>() + entry.time().map_or(0, |_| TIME_BYTES)
}

/// Returns the value that all items share; `None` if there is none or they differ.
fn all_equal<T: PartialEq>(values: impl IntoIterator<Item = T>) -> Option<T> {
    let mut values = values.into_iter();
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}
