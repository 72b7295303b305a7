//! Sources that are neither HTTP requests nor batches of records.

use lamplight_semconv::{
    aws::step_functions::state_machine,
    faas,
    lamplight::aws::step_functions::execution,
    messaging::{MessagingSystem, message},
};

use opentelemetry::KeyValue;

use super::{
    Source,
    describe::{process, string},
    event::Event,
    look::Look,
    path::Path,
    seen::Seen,
};
use crate::json::Value;

pub(super) fn event(
    look: &mut Look<'_>,
    source: Source,
    event: &Event<'_>,
    document: Value<'_>,
) -> Seen {
    let mut seen = Seen::of(look);
    let root = Path::Root;
    match source {
        Source::EventBridge | Source::Scheduled => {
            let detail = root.member("detail");
            seen.candidate = event
                .detail()
                .and_then(|value| look.inner(value, &detail, 0));
        }
        Source::StepFunctions => seen.candidate = look.document(document, &root, 0),
        Source::LambdaDestination => {
            let payload = root.member("requestPayload");
            seen.candidate = event
                .request_payload()
                .and_then(|it| look.inner(it, &payload, 0));
        }
        _ => {}
    }
    if look.describes() {
        describe(source, event, document, &mut seen.attributes);
    }
    seen
}

fn describe(source: Source, event: &Event<'_>, document: Value<'_>, to: &mut Vec<KeyValue>) {
    match source {
        Source::EventBridge => {
            to.extend(process(MessagingSystem::AwsEventbridge));
            to.extend(string(event.id()).map(message::id));
        }
        Source::Scheduled => to.extend(string(event.time()).map(faas::time)),
        Source::StepFunctions => {
            let places = [Some(document), event.payload(), event.datadog()];
            let id = |of: &str| {
                let mut places = places.iter().flatten();
                string(places.find_map(|it| it.get(of)).and_then(|it| it.get("Id")))
            };
            to.extend(id("StateMachine").map(state_machine::arn));
            to.extend(id("Execution").map(execution::arn));
        }
        _ => {}
    }
}
