//! Event source mappings: their ids, which are in calls only and not in events.

use aws_sdk_lambda::operation::{
    create_event_source_mapping::CreateEventSourceMappingOutput,
    list_event_source_mappings::ListEventSourceMappingsOutput,
};
use aws_smithy_runtime_api::client::interceptors::context::Output;
use lamplight_semconv::aws;
use opentelemetry::KeyValue;

use crate::{call::Call, service::macros::describing};

macro_rules! operations {
    ($($name:literal $module:ident::$input:ident;)+) => {
        describing! {
            $($name aws_sdk_lambda::operation::$module::$input: |input, to| {
                to.extend(input.uuid().map(id));
            })+
        }
    };
}

operations! {
    "DeleteEventSourceMapping" delete_event_source_mapping::DeleteEventSourceMappingInput;
    "GetEventSourceMapping" get_event_source_mapping::GetEventSourceMappingInput;
    "UpdateEventSourceMapping" update_event_source_mapping::UpdateEventSourceMappingInput;
}

/// Records the mapping that a call created, or the only one that it found.
pub(super) fn response(output: &Output, call: &mut Call) -> Option<()> {
    let found = if let Some(made) = output.downcast_ref::<CreateEventSourceMappingOutput>() {
        made.uuid()
    } else {
        let list = output.downcast_ref::<ListEventSourceMappingsOutput>()?;
        match list.event_source_mappings() {
            [only] if list.next_marker().is_none() => only.uuid(),
            _ => None,
        }
    };
    call.set(id(found?));
    Some(())
}

fn id(uuid: &str) -> KeyValue {
    aws::lambda::resource_mapping::id(uuid.to_owned())
}
