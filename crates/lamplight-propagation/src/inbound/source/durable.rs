//! Durable functions: runs of an execution, the first one and its replays. Each of them has what the
//! execution was called with, so that all continue one trace.

use super::event::EventSource;
use crate::{
    inbound::{findings::Findings, members::Event, path::Path, search::ContextSearch},
    json::Value,
};

/// More operations than this are not read in search of the execution, which is the first.
const MAX_OPERATIONS: usize = 1024;

/// The member with what has been done so far.
const STATE: &str = "InitialExecutionState";

pub(super) struct DurableFunction;

impl EventSource for DurableFunction {
    fn recognizes(event: &Event<'_>) -> bool {
        event.durable_execution().is_some() && event.other(STATE).is_some()
    }

    fn read(search: &mut ContextSearch<'_>, event: &Event<'_>) -> Findings {
        let state = Path::Root.member(STATE);
        let at = state.member("Operations");
        let operations = event.other(STATE).and_then(|it| it.get("Operations"));
        Findings {
            context: operations.and_then(|operations| {
                // An array, or an object with the ids as names.
                let mut elements = operations.elements().take(MAX_OPERATIONS).enumerate();
                let element = elements
                    .find_map(|(index, operation)| Some((at.element(index), input(operation)?)));
                let (at, input) = match element {
                    Some(found) => found,
                    None => {
                        let members = operations.members().take(MAX_OPERATIONS);
                        let mut inputs = members.map(|(_, operation)| input(operation));
                        (at.member("*"), inputs.find_map(|input| input)?)
                    }
                };
                let details = at.member("ExecutionDetails");
                search.in_value(input, &details.member("InputPayload"), 0)
            }),
            ..search.findings()
        }
    }
}

/// Returns what the execution was called with, which only its own operation has.
fn input(operation: Value<'_>) -> Option<Value<'_>> {
    operation.get("ExecutionDetails")?.get("InputPayload")
}
