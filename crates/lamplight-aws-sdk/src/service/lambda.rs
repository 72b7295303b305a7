pub(super) mod mapping;

use aws_sdk_lambda::operation::invoke::{InvokeInput, InvokeOutput};
use aws_sdk_lambda::operation::invoke_with_response_stream::InvokeWithResponseStreamInput;
use aws_sdk_lambda::types::{InvocationType, ResponseStreamingInvocationType};
use aws_smithy_runtime_api::client::interceptors::context::Output;
use aws_smithy_types::Blob;
use lamplight_propagation::outbound;
use lamplight_semconv::{aws, faas};
use opentelemetry::KeyValue;

use super::{Cargo, Injection, Places, Request, json, requests};
use crate::LamplightInterceptor;
use crate::call::Call;
use crate::carrier::{Carrier, Destination};
use crate::error::{Failure, OTHER};
use crate::{diagnostics, limits};

/// The least that context adds to a client context: 84 bytes of JSON in base64.
const LEAST_CLIENT_CONTEXT: usize = 112;

requests! {
    "Invoke" InvokeInput;
    "InvokeWithResponseStream" InvokeWithResponseStreamInput;
}

/// The call of a function that failed is a successful call to the service.
pub(super) fn response(output: &Output, call: &mut Call) -> Option<Failure> {
    let Some(invoked) = output.downcast_ref::<InvokeOutput>() else {
        mapping::response(output, call);
        return None;
    };
    let error = invoked.function_error()?;
    Some(Failure::named(error, OTHER, "the invoked function failed"))
}

/// What any way of invoking a function has: the function, where context may go, and when.
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
                if synchronous && injection.allows(Carrier::LambdaClientContext, function) {
                    inject_client_context(&mut self.client_context, injection, function);
                }
                for carrier in [Carrier::LambdaHeaders, Carrier::LambdaPayload] {
                    if payload && injection.allows(carrier, function) {
                        let to = Destination::new(carrier, function);
                        let limit = payload_limit(injection.lamplight, to, synchronous);
                        inject_payload(&mut self.payload, injection, carrier, limit);
                    }
                }
            }

            fn cargo(&self, lamplight: &LamplightInterceptor, traceparent: &str) -> Option<Cargo> {
                let payload = self.payload()?.as_ref();
                let mut carriers = [Carrier::LambdaPayload, Carrier::LambdaHeaders].into_iter();
                let $this = self;
                carriers.find_map(|it| {
                    json::cargo(it, payload, lamplight, traceparent, || {
                        let function = self.function_name.as_deref().unwrap_or_default();
                        payload_limit(lamplight, Destination::new(it, function), $synchronous)
                    })
                })
            }
        }
    };
}

// Lambda takes a client context with any type of invocation and delivers it with this one alone.
// Starting a durable execution again under its name asks for the same payload, and each call has a
// span of its own.
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

/// The largest payload of a call to this function.
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

fn inject_client_context(context: &mut Option<String>, injection: &Injection<'_>, function: &str) {
    if injection.fields().is_empty() {
        return;
    }
    let to = Destination::new(Carrier::LambdaClientContext, function);
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
        Carrier::LambdaHeaders => json::inject_headers,
        _ => json::inject,
    };
    if let Some(Ok(text)) = text
        && let Some(spliced) = inject(text, injection, carrier, limit)
    {
        *payload = Some(Blob::new(spliced));
    }
}

/// A function as a request names it.
#[derive(Debug, PartialEq)]
struct Function<'a> {
    name: &'a str,
    /// Only a whole ARN names a region.
    region: Option<&'a str>,
}

impl<'a> Function<'a> {
    /// Reads `name`, `name:alias`, `account:function:name` or
    /// `arn:aws:lambda:region:account:function:name`, the last two with or without an alias.
    fn parse(text: &'a str) -> Self {
        let mut parts = text.split(':');
        if parts.next() != Some("arn") {
            let name = match text.split_once(":function:") {
                Some((_, name)) => name,
                None => text,
            };
            return Self {
                name: until_colon(name),
                region: None,
            };
        }
        // aws, lambda, region, account, function, name
        let region = parts.nth(2);
        let name = parts.nth(2).unwrap_or(text);
        Self { name, region }
    }
}

fn until_colon(text: &str) -> &str {
    text.split(':').next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_not_looked_at_where_no_context_goes() {
        let input = InvokeInput::builder().payload(Blob::new("{}"));
        let input = input.build().unwrap();
        let lamplight = LamplightInterceptor::new().without_carrier(Carrier::LambdaPayload);
        assert!(input.cargo(&lamplight, "").is_none());
        let lamplight = lamplight.with_carrier(Carrier::LambdaPayload);
        assert!(input.cargo(&lamplight, "").is_some());
    }

    #[test]
    fn functions_by_name_and_arn() {
        let named = |name| Function { name, region: None };
        assert_eq!(Function::parse("orders"), named("orders"));
        assert_eq!(Function::parse("orders:live"), named("orders"));
        assert_eq!(
            Function::parse("123456789012:function:orders"),
            named("orders")
        );
        assert_eq!(
            Function::parse("123456789012:function:orders:7"),
            named("orders")
        );
        for alias in ["", ":live"] {
            let arn = format!("arn:aws:lambda:eu-west-1:123456789012:function:orders{alias}");
            let expected = Function {
                name: "orders",
                region: Some("eu-west-1"),
            };
            assert_eq!(Function::parse(&arn), expected);
        }
        assert_eq!(Function::parse("arn:aws").name, "arn:aws");
        assert_eq!(Function::parse(""), named(""));
    }
}
