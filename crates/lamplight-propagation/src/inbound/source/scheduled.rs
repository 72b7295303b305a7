//! Schedules: EventBridge rules with a schedule, and EventBridge Scheduler.

use lamplight_semconv::faas;

use super::{event::EventSource, eventbridge, message::owned};
use crate::inbound::{findings::Findings, members::Event, search::ContextSearch};

pub(super) struct Scheduled;

impl EventSource for Scheduled {
    fn recognizes(event: &Event<'_>) -> bool {
        let text = |value: Option<crate::json::Value<'_>>, expected| {
            let text = value.and_then(|value| value.text());
            text.is_some_and(|text| text.is(expected))
        };
        text(event.detail_type(), "Scheduled Event")
            && (text(event.source(), "aws.events") || text(event.source(), "aws.scheduler"))
    }

    fn read(search: &mut ContextSearch<'_>, event: &Event<'_>) -> Findings {
        let mut findings = eventbridge::in_detail(search, event);
        if search.describes() {
            let time = owned(event.time()).map(faas::time);
            findings.attributes.extend(time);
        }
        findings
    }
}
