//! Durable functions: the first run of an execution and its replays. Every run has the input of the
//! execution, so that all runs continue one trace.

use super::event::{EventSource, PassedOn};
use crate::{inbound::members::Event, json::Value};

/// The maximum number of operations that are searched for the execution, which is the first.
const MAX_OPERATIONS: usize = 1024;

/// The member with the operations completed so far.
const STATE: &str = "InitialExecutionState";

pub(super) struct DurableFunction;

impl EventSource for DurableFunction {
    fn recognizes(event: &Event<'_>) -> bool {
        event.durable_execution().is_some() && event.other(STATE).is_some()
    }

    fn passes_on<'a>(event: &Event<'a>) -> Option<PassedOn<'a>> {
        let operations = event.other(STATE)?.get("Operations")?;
        // An array, or an object with the ids as names.
        let mut elements = operations.elements().take(MAX_OPERATIONS).enumerate();
        let element = elements.find_map(|(index, it)| Some((format!("[{index}]"), input(it)?)));
        let (operation, event) = match element {
            Some(found) => found,
            None => {
                let mut members = operations.members().take(MAX_OPERATIONS);
                (".*".to_owned(), members.find_map(|(_, it)| input(it))?)
            }
        };
        let at = format!("{STATE}.Operations{operation}.ExecutionDetails.InputPayload").into();
        Some(PassedOn { event, at })
    }
}

/// Returns the input of the execution, which only the execution's own operation has.
fn input(operation: Value<'_>) -> Option<Value<'_>> {
    operation.get("ExecutionDetails")?.get("InputPayload")
}
