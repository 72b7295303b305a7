//! Sources that are neither HTTP requests nor batches of records.

use lamplight_semconv::{
    aws::step_functions::state_machine,
    faas,
    lamplight::aws::step_functions::execution,
    messaging::{MessagingSystem, message},
};

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
    let mut seen = Seen::default();
    let root = Path::Root;
    match source {
        Source::EventBridge => {
            let detail = root.member("detail");
            seen.candidate = event
                .detail()
                .and_then(|value| look.inner(value, &detail, 0));
            seen.attributes
                .extend(process(MessagingSystem::AwsEventbridge));
            seen.attributes.extend(string(event.id()).map(message::id));
        }
        Source::Scheduled => {
            let detail = root.member("detail");
            seen.candidate = event
                .detail()
                .and_then(|value| look.inner(value, &detail, 0));
            seen.attributes.extend(string(event.time()).map(faas::time));
        }
        Source::StepFunctions => {
            seen.candidate = look.document(document, &root, 0);
            let places = [Some(document), event.payload(), event.datadog()];
            let id = |of: &str| {
                let mut places = places.iter().flatten();
                string(places.find_map(|it| it.get(of)).and_then(|it| it.get("Id")))
            };
            let (machine, execution) = (id("StateMachine"), id("Execution"));
            seen.attributes.extend(machine.map(state_machine::arn));
            seen.attributes.extend(execution.map(execution::arn));
        }
        Source::LambdaDestination => {
            let payload = root.member("requestPayload");
            seen.candidate = event
                .request_payload()
                .and_then(|it| look.inner(it, &payload, 0));
        }
        _ => {}
    }
    seen
}
