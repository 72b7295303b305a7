use aws_sdk_eventbridge::operation::put_events::{PutEventsInput, PutEventsOutput};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_smithy_runtime_api::client::interceptors::context::Output;
use lamplight_propagation::xray::EVENTBRIDGE_TRACE_HEADER_LIMIT;
use lamplight_semconv::messaging::{self, MessagingSystem, operation::MessagingOperationType};
use opentelemetry::KeyValue;
use opentelemetry::trace::Link;

use super::json::{self, Text};
use super::{
    Cargo, Injection, Places, Request, all_equal, count, name_in, refused_by_position, requests,
};
use crate::LamplightInterceptor;
use crate::call::Call;
use crate::carrier::{Carrier, Destination};
use crate::error::Failure;

/// The bus of an entry that names none.
const DEFAULT_BUS: &str = "default";
/// What EventBridge counts for the time of an entry, in bytes.
const TIME_BYTES: usize = 14;

requests! {
    "PutEvents" PutEventsInput;
}

pub(super) fn response(output: &Output, call: &mut Call) -> Option<Failure> {
    let output = output.downcast_ref::<PutEventsOutput>()?;
    if let [entry] = output.entries()
        && let Some(id) = entry.event_id()
    {
        call.set(messaging::message::id(id.to_owned()));
    }
    call.failed_entries(refused_by_position(output.entries(), |entry| {
        entry.error_code()
    }));
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
            .filter_map(|detail| json::existing_context(lamplight, detail))
            .collect()
    }

    fn places<'a>(&self, lamplight: &'a LamplightInterceptor) -> Places<'a> {
        json::places(texts(self, lamplight), room(self, lamplight), lamplight)
    }

    fn inject(&mut self, injection: &Injection<'_>, places: &Places<'_>) {
        let room = room(self, injection.lamplight);
        let lamplight = injection.lamplight;
        let details = self.entries().iter().map(|entry| text(entry, lamplight));
        let shares = json::shares(details, room, places, injection);
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

    fn cargo(&self, lamplight: &LamplightInterceptor, traceparent: &str) -> Option<Cargo> {
        let details = self.entries().iter().filter_map(|entry| entry.detail());
        let carrier = Carrier::EventBridgeDetail;
        lamplight.carriers.uses(carrier).then(|| Cargo {
            carrier,
            limit: limit(self, lamplight),
            carrying: details
                .filter(|detail| detail.contains(traceparent))
                .count(),
            bytes: self.entries().iter().map(size).sum(),
            is_crowded: false,
        })
    }
}

/// How many bytes the request may still grow by.
fn room(input: &PutEventsInput, lamplight: &LamplightInterceptor) -> usize {
    let total = input.entries().iter().map(size).sum();
    let limit = limit(input, lamplight);
    limit.saturating_sub(total)
}

/// The detail of each entry, where context may go.
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

/// The largest entry to its bus.
fn entry_limit(entry: &PutEventsRequestEntry, lamplight: &LamplightInterceptor) -> usize {
    let to = Destination::new(Carrier::EventBridgeDetail, bus(entry));
    lamplight.limits.of(to)
}

/// The largest request, whose entries count together.
fn limit(input: &PutEventsInput, lamplight: &LamplightInterceptor) -> usize {
    let entries = input.entries().iter();
    let of_entries = entries.map(|entry| entry_limit(entry, lamplight)).max();
    let limits = &lamplight.limits;
    limits.of_request(Carrier::EventBridgeDetail, of_entries.unwrap_or_default())
}

fn bus(entry: &PutEventsRequestEntry) -> &str {
    entry.event_bus_name().unwrap_or(DEFAULT_BUS)
}

/// The size of an entry as EventBridge counts it.
fn size(entry: &PutEventsRequestEntry) -> usize {
    let texts = [entry.source(), entry.detail_type(), entry.detail()];
    let texts = texts
        .into_iter()
        .flatten()
        .chain(entry.resources().iter().map(String::as_str));
    texts.map(str::len).sum::<usize>() + entry.time().map_or(0, |_| TIME_BYTES)
}
