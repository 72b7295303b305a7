//! Step Functions: tasks of state machines whose input holds the context object.

use lamplight_semconv::{
    aws::step_functions::state_machine, lamplight::aws::step_functions::execution,
};

use super::{
    event::{EventSource, TopMembers},
    message::owned,
};
use crate::{
    inbound::{findings::Findings, members::Event, path::Path, search::ContextSearch},
    json::Value,
};

pub(super) struct StepFunctions;

impl EventSource for StepFunctions {
    /// They are searched together with the rest of the input.
    const TOP_MEMBERS: TopMembers = TopMembers::Event;

    fn recognizes(event: &Event<'_>) -> bool {
        event.execution().is_some() && (event.state().is_some() || event.state_machine().is_some())
            || event.payload().is_some_and(is_step)
            || event.datadog().is_some_and(is_step)
    }

    fn read(search: &mut ContextSearch<'_>, event: &Event<'_>) -> Findings {
        let document = event.document();
        let found = document.and_then(|document| search.in_object(document, &Path::Root, 0));
        let mut findings = Findings {
            context: found,
            ..search.findings()
        };
        if search.describes() {
            let places = [document, event.payload(), event.datadog()];
            let id = |of: &str| {
                let mut places = places.iter().flatten();
                owned(places.find_map(|it| it.get(of)).and_then(|it| it.get("Id")))
            };
            let out = &mut findings.attributes;
            out.extend(id("StateMachine").map(state_machine::arn));
            out.extend(id("Execution").map(execution::arn));
        }
        findings
    }
}

/// Returns whether a value is the context object of a state machine.
fn is_step(value: Value<'_>) -> bool {
    let [execution, state] = value.get_all(["Execution", "State"]);
    execution.is_some() && state.is_some()
}
