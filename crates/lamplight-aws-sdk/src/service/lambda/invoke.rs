//! Invocations of functions, with context in the client context or the payload.

use aws_sdk_lambda::{
    operation::{invoke::InvokeInput, invoke_with_response_stream::InvokeWithResponseStreamInput},
    types::{InvocationType, ResponseStreamingInvocationType},
};
use aws_smithy_types::Blob;
use lamplight_propagation::outbound::{self, JsonPlace};
use lamplight_semconv::{aws, faas};
use opentelemetry::KeyValue;

use super::function::Function;
use crate::{
    LamplightInterceptor,
    carrier::{Carrier, Destination},
    diagnostics, limits,
    service::{
        injection::Injection,
        json::{self, single},
        places::Places,
        request::{OutgoingMessages, Request},
    },
};

/// The minimum number of bytes that context adds to a client context: 84 bytes of JSON in base64.
const LEAST_CLIENT_CONTEXT: usize = 112;

/// Implements [`Request`] for an input of an operation that invokes a function, with the conditions for each
/// carrier.
macro_rules! invoking {
    ($input:ty: |$this:ident| $synchronous:expr, payload: $payload:expr) => {
        impl Request for $input {
            fn attributes(&self, region: Option<&str>, attributes: &mut Vec<KeyValue>) {
                describe(self.function_name().unwrap_or_default(), region, attributes);
            }

            fn inject(&mut self, injection: &Injection<'_>, _places: &Places<'_>) {
                let $this = &*self;
                let (synchronous, payload) = ($synchronous, $payload);
                let function = self.function_name.as_deref().unwrap_or_default();
                let to = Destination::new(Carrier::LambdaClientContext, function);
                if synchronous && injection.lamplight.allows(to) {
                    inject_client_context(&mut self.client_context, injection, to);
                }
                for carrier in [Carrier::LambdaHeaders, Carrier::LambdaPayload] {
                    let to = Destination::new(carrier, function);
                    if payload && injection.lamplight.allows(to) {
                        let limit = payload_limit(injection.lamplight, to, synchronous);
                        inject_payload(&mut self.payload, injection, carrier, limit);
                    }
                }
            }

            fn outgoing(
                &self,
                lamplight: &LamplightInterceptor,
                traceparent: &str,
            ) -> Option<OutgoingMessages> {
                let payload = self.payload()?.as_ref();
                let mut carriers = [Carrier::LambdaPayload, Carrier::LambdaHeaders].into_iter();
                let $this = self;
                carriers.find_map(|it| {
                    single::outgoing(it, payload, lamplight, traceparent, || {
                        let function = self.function_name.as_deref().unwrap_or_default();
                        payload_limit(lamplight, Destination::new(it, function), $synchronous)
                    })
                })
            }
        }
    };
}

// Lambda accepts a client context with any type of invocation, but delivers it only with this one. Starting a
// durable execution again under its name requires the same payload, and each call has a different span.
invoking!(InvokeInput: |input| matches!(
    input.invocation_type(),
    None | Some(InvocationType::RequestResponse)
), payload: input.durable_execution_name().is_none()
    && input.invocation_type() != Some(&InvocationType::DryRun));

invoking!(InvokeWithResponseStreamInput: |input| matches!(
    input.invocation_type(),
    None | Some(ResponseStreamingInvocationType::RequestResponse)
), payload: input.invocation_type() != Some(&ResponseStreamingInvocationType::DryRun));

fn describe(called: &str, region: Option<&str>, attributes: &mut Vec<KeyValue>) {
    attributes.push(faas::invoked_provider(faas::FaasInvokedProvider::Aws));
    let function = Function::parse(called);
    attributes.push(faas::invoked_name(function.name.to_owned()));
    if let Some(region) = function.region.or(region) {
        attributes.push(faas::invoked_region(region.to_owned()));
    }
    if function.region.is_some() {
        attributes.push(aws::lambda::invoked_arn(called.to_owned()));
    }
}

/// Returns the size limit of the payload of a call to this function, in bytes.
fn payload_limit(
    lamplight: &LamplightInterceptor,
    to: Destination<'_>,
    synchronous: bool,
) -> usize {
    if synchronous {
        return lamplight.limits.of_or(to, limits::SYNCHRONOUS);
    }
    lamplight.limits.of(to).min(limits::ASYNCHRONOUS)
}

fn inject_client_context(
    context: &mut Option<String>,
    injection: &Injection<'_>,
    to: Destination<'_>,
) {
    if injection.fields().is_empty() {
        return;
    }
    let limit = injection.lamplight.limits.of(to);
    let own = context.as_deref();
    match outbound::inject_client_context(own, injection.fields(), limit) {
        Some(spliced) => *context = Some(spliced.text),
        None if own.is_some_and(|own| own.len().saturating_add(LEAST_CLIENT_CONTEXT) > limit) => {
            diagnostics::no_room(Carrier::LambdaClientContext);
        }
        None => {}
    }
}

fn inject_payload(
    payload: &mut Option<Blob>,
    injection: &Injection<'_>,
    carrier: Carrier,
    limit: usize,
) {
    let text = payload.as_ref().map(AsRef::as_ref).map(std::str::from_utf8);
    let inject = match carrier {
        Carrier::LambdaHeaders => inject_headers,
        _ => single::inject,
    };
    if let Some(Ok(text)) = text
        && let Some(spliced) = inject(text, injection, carrier, limit)
    {
        *payload = Some(Blob::new(spliced));
    }
}

/// Returns the text with context in its member `headers`, of at most `longest` bytes, if it is an object
/// with room.
fn inject_headers(
    text: &str,
    injection: &Injection<'_>,
    carrier: Carrier,
    longest: usize,
) -> Option<String> {
    let room = longest.saturating_sub(text.len());
    let place = json::find_by(text, room, JsonPlace::find_headers);
    json::splice(text, &place, injection, carrier, room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_not_looked_at_where_no_context_goes() {
        let input = InvokeInput::builder().payload(Blob::new("{}"));
        let input = input.build().unwrap();
        let lamplight = LamplightInterceptor::new().without_carrier(Carrier::LambdaPayload);
        assert!(input.outgoing(&lamplight, "").is_none());
        let lamplight = lamplight.with_carrier(Carrier::LambdaPayload);
        assert!(input.outgoing(&lamplight, "").is_some());
    }
}
