use aws_sdk_eventbridge::operation::put_events::{PutEventsInput, PutEventsOutput};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_smithy_runtime_api::client::interceptors::context::{Input, Output};
use lamplight_propagation::xray::EVENTBRIDGE_TRACE_HEADER_LIMIT;
use lamplight_semconv::messaging::{self, MessagingSystem, operation::MessagingOperationType};
use opentelemetry::KeyValue;
use opentelemetry::trace::Link;

use super::{Injection, Request, all_equal, count, json, refused_by_position};
use crate::Lamplight;
use crate::call::Call;
use crate::carrier::{Carrier, Destination};
use crate::error::Failure;

/// The bus of an entry that names none.
const DEFAULT_BUS: &str = "default";
/// What EventBridge counts for the time of an entry, in bytes.
const TIME_BYTES: usize = 14;

pub(super) fn request<'a>(operation: &str, input: &'a mut Input) -> Option<&'a mut dyn Request> {
    match operation {
        "PutEvents" => Some(input.downcast_mut::<PutEventsInput>()?),
        _ => None,
    }
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
        if let Some(bus) = all_equal(self.entries().iter().map(bus)) {
            attributes.push(messaging::destination::name(bus.to_owned()));
        }
    }

    fn is_send(&self) -> bool {
        true
    }

    fn own_contexts(&self, lamplight: &Lamplight) -> Vec<Link> {
        let allowed = |entry: &&PutEventsRequestEntry| {
            lamplight.allows(Destination::new(Carrier::EventBridgeDetail, bus(entry)))
        };
        let details = self.entries().iter().filter(allowed);
        let details = details.filter_map(|entry| entry.detail());
        details
            .filter_map(|detail| json::own_context(lamplight, detail))
            .collect()
    }

    fn has_room(&self, injection: &Injection<'_>) -> bool {
        let limit = injection.limit(Carrier::EventBridgeDetail);
        let total = self.entries().iter().map(size).sum();
        self.entries()
            .iter()
            .filter_map(|entry| place(entry, injection, total, limit))
            .any(|(detail, longest)| json::rehearse(detail, injection, longest))
    }

    fn inject(&mut self, injection: &Injection<'_>) {
        let limit = injection.limit(Carrier::EventBridgeDetail);
        let mut total = self.entries().iter().map(size).sum::<usize>();
        for entry in self.entries.iter_mut().flatten() {
            let carrier = Carrier::EventBridgeDetail;
            if let Some((before, longest)) = place(entry, injection, total, limit)
                && let Some(detail) = json::splice(before, injection, carrier, longest)
            {
                total += detail.len().saturating_sub(before.len());
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
}

/// The detail of an entry where context may go, and how long it may become for all entries
/// together to stay within the limit.
fn place<'a>(
    entry: &'a PutEventsRequestEntry,
    injection: &Injection<'_>,
    total: usize,
    limit: usize,
) -> Option<(&'a str, usize)> {
    let detail = entry.detail()?;
    if !injection.allows(Carrier::EventBridgeDetail, bus(entry)) {
        return None;
    }
    let longest = limit.checked_sub(total.checked_sub(detail.len())?)?;
    Some((detail, longest))
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
