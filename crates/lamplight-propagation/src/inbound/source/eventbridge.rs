//! EventBridge: events of a bus, delivered to the function or inside a message.

use std::time::SystemTime;

use lamplight_semconv::messaging::MessagingSystem;

use super::{
    Source,
    event::EventSource,
    message::{self, Message, Scope, owned, string},
};
use crate::{
    inbound::{
        Incoming, findings::Findings, inferred::InferredSpan, members::Event, path::Path,
        search::ContextSearch,
    },
    json::Value,
    time::from_iso_8601,
};

pub(super) struct EventBridge;

impl EventSource for EventBridge {
    fn recognizes(event: &Event<'_>) -> bool {
        event.detail_type().is_some() && event.source().is_some()
    }

    fn read(search: &mut ContextSearch<'_>, event: &Event<'_>) -> Findings {
        let mut findings = in_detail(search, event);
        if search.describes() {
            let (id, time) = (event.id(), event.time());
            let scope = Scope {
                is_single: true,
                operation: None,
            };
            Published { id, time }.describe(scope, &mut findings.attributes);
        }
        findings
    }

    fn infer(document: Value<'_>, _incoming: &Incoming, spans: &mut Vec<InferredSpan>) {
        let event = Published::in_document(document);
        spans.extend(event.and_then(|event| message::inferred_span(&event)));
    }
}

/// Searches the detail of an event for context.
pub(super) fn in_detail(search: &mut ContextSearch<'_>, event: &Event<'_>) -> Findings {
    let detail = event.detail();
    let found = detail.and_then(|detail| search.in_value(detail, &Path::Root.member("detail"), 0));
    Findings {
        context: found,
        ..search.findings()
    }
}

/// An event as JSON.
pub(super) struct Published<'a> {
    id: Option<Value<'a>>,
    time: Option<Value<'a>>,
}

impl<'a> Published<'a> {
    /// Returns the event in a document, if the document is one.
    pub(super) fn in_document(document: Value<'a>) -> Option<Self> {
        let [kind, id, time] = document.get_all(["detail-type", "id", "time"]);
        kind.map(|_| Self { id, time })
    }
}

/// The event does not name its bus, so there is no destination.
impl Message for Published<'_> {
    const SOURCE: Source = Source::EventBridge;
    const SYSTEM: Option<MessagingSystem> = Some(MessagingSystem::AwsEventbridge);

    fn id(&self) -> Option<String> {
        owned(self.id)
    }

    fn sent_at(&self) -> Option<SystemTime> {
        from_iso_8601(&string(self.time)?)
    }
}
