//! Step Functions: starts of executions.

use aws_sdk_sfn::{
    operation::{
        start_execution::{StartExecutionInput, StartExecutionOutput},
        start_sync_execution::{StartSyncExecutionInput, StartSyncExecutionOutput},
    },
    types::SyncExecutionStatus,
};
use aws_smithy_runtime_api::client::interceptors::context::Output;
use lamplight_semconv::{aws, lamplight::aws::step_functions::execution};
use opentelemetry::KeyValue;

use super::{
    definition::Service,
    injection::Injection,
    json::single,
    macros::requests,
    places::Places,
    request::{OutgoingMessages, Request},
};
use crate::{
    LamplightInterceptor,
    call::Call,
    carrier::{Carrier, Destination},
    error::{Failure, OTHER},
};

/// The maximum length of a trace header, in characters: the limit of Step Functions.
const TRACE_HEADER_LIMIT: usize = 256;

pub(super) const SERVICE: Service = Service {
    request,
    request_mut,
    response,
    ..Service::new("SFN")
};

requests! {
    "StartExecution" StartExecutionInput;
    "StartSyncExecution" StartSyncExecutionInput;
}

/// Records the execution. A failed one is still a successful call to the service.
fn response(
    operation: &str,
    output: &Output,
    _lamplight: &LamplightInterceptor,
    call: &mut Call,
) -> Option<Failure> {
    if operation == "StartExecution" {
        let output = output.downcast_ref::<StartExecutionOutput>()?;
        call.set(execution::arn(output.execution_arn().to_owned()));
        return None;
    }
    let output = output.downcast_ref::<StartSyncExecutionOutput>()?;
    call.set(execution::arn(output.execution_arn().to_owned()));
    if *output.status() == SyncExecutionStatus::Succeeded {
        return None;
    }
    // A state machine may take its error from its input, so it can be any text.
    let error = output.error().unwrap_or_default();
    let status = match output.status() {
        SyncExecutionStatus::Failed => "FAILED",
        SyncExecutionStatus::TimedOut => "TIMED_OUT",
        _ => OTHER,
    };
    Some(Failure::named(
        error,
        status,
        "the execution did not succeed",
    ))
}

fn describe(arn: Option<&str>, attributes: &mut Vec<KeyValue>) {
    attributes.extend(arn.map(|arn| aws::step_functions::state_machine::arn(arn.to_owned())));
}

/// Returns the size limit of the input of this state machine, in bytes.
fn limit(lamplight: &LamplightInterceptor, arn: Option<&str>) -> usize {
    let arn = arn.unwrap_or_default();
    let to = Destination::new(Carrier::StepFunctionsInput, arn);
    lamplight.limits.of(to)
}

fn inject(
    arn: Option<&str>,
    input: &mut Option<String>,
    trace_header: &mut Option<String>,
    injection: &Injection<'_>,
) {
    let to = Destination::new(Carrier::StepFunctionsInput, arn.unwrap_or_default());
    if injection.lamplight.allows(to)
        && let Some(text) = input
    {
        let limit = limit(injection.lamplight, arn);
        if let Some(spliced) = single::inject(text, injection, Carrier::StepFunctionsInput, limit) {
            *text = spliced;
        }
    }
    if injection.lamplight.xray && trace_header.is_none() {
        *trace_header = injection.fields().xray_header(None, TRACE_HEADER_LIMIT);
    }
}

impl Request for StartExecutionInput {
    fn attributes(&self, _region: Option<&str>, attributes: &mut Vec<KeyValue>) {
        describe(self.state_machine_arn(), attributes);
    }

    fn inject(&mut self, injection: &Injection<'_>, _places: &Places<'_>) {
        // A second start under the same name succeeds only with the same input, and each start has a
        // different span.
        if self.name.is_none() {
            let arn = self.state_machine_arn.as_deref();
            inject(arn, &mut self.input, &mut self.trace_header, injection);
        }
    }

    fn outgoing(
        &self,
        lamplight: &LamplightInterceptor,
        traceparent: &str,
    ) -> Option<OutgoingMessages> {
        let input = self.input()?.as_bytes();
        let limit = || limit(lamplight, self.state_machine_arn());
        single::outgoing(
            Carrier::StepFunctionsInput,
            input,
            lamplight,
            traceparent,
            limit,
        )
    }
}

impl Request for StartSyncExecutionInput {
    fn attributes(&self, _region: Option<&str>, attributes: &mut Vec<KeyValue>) {
        describe(self.state_machine_arn(), attributes);
    }

    fn inject(&mut self, injection: &Injection<'_>, _places: &Places<'_>) {
        let arn = self.state_machine_arn.as_deref();
        inject(arn, &mut self.input, &mut self.trace_header, injection);
    }

    fn outgoing(
        &self,
        lamplight: &LamplightInterceptor,
        traceparent: &str,
    ) -> Option<OutgoingMessages> {
        let input = self.input()?.as_bytes();
        let limit = || limit(lamplight, self.state_machine_arn());
        single::outgoing(
            Carrier::StepFunctionsInput,
            input,
            lamplight,
            traceparent,
            limit,
        )
    }
}
