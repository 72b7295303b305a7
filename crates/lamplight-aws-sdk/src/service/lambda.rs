use std::borrow::Cow;

use aws_sdk_lambda::operation::invoke::{InvokeInput, InvokeOutput};
use aws_sdk_lambda::types::InvocationType;
use aws_smithy_runtime_api::client::interceptors::context::{Input, Output};
use aws_smithy_types::Blob;
use lamplight_propagation::outbound;
use lamplight_semconv::{aws, faas};
use opentelemetry::KeyValue;

use super::{Injection, Request};
use crate::call::Call;
use crate::carrier::Carrier;
use crate::error::Failure;

pub(super) fn request<'a>(operation: &str, input: &'a mut Input) -> Option<&'a mut dyn Request> {
    match operation {
        "Invoke" => Some(input.downcast_mut::<InvokeInput>()?),
        _ => None,
    }
}

/// The call of a function that failed is a successful call to the service.
pub(super) fn response(output: &Output, _call: &mut Call) -> Option<Failure> {
    let error = output.downcast_ref::<InvokeOutput>()?.function_error()?;
    Some(Failure {
        error_type: Cow::Owned(error.to_owned()),
        description: "the invoked function failed".to_owned(),
    })
}

impl Request for InvokeInput {
    fn attributes(&self, region: Option<&str>, attributes: &mut Vec<KeyValue>) {
        attributes.push(faas::invoked_provider(faas::FaasInvokedProvider::Aws));
        let function = Function::parse(self.function_name().unwrap_or_default());
        attributes.push(faas::invoked_name(function.name.to_owned()));
        if let Some(region) = function.region.or(region) {
            attributes.push(faas::invoked_region(region.to_owned()));
        }
        if function.region.is_some() {
            let arn = self.function_name().unwrap_or_default();
            attributes.push(aws::lambda::invoked_arn(arn.to_owned()));
        }
    }

    fn inject(&mut self, injection: &Injection<'_>) {
        // Lambda takes a client context with any type and delivers it with this one alone.
        let synchronous = match self.invocation_type() {
            None | Some(InvocationType::RequestResponse) => true,
            Some(_) => false,
        };
        let function = self.function_name().unwrap_or_default();
        let by_context = synchronous && injection.allows(Carrier::LambdaClientContext, function);
        // Starting a durable execution again under its name asks for the same payload, and each
        // call has a span of its own.
        let by_payload = injection.allows(Carrier::LambdaPayload, function)
            && self.durable_execution_name().is_none()
            && self.invocation_type() != Some(&InvocationType::DryRun);

        if by_context {
            let limit = injection.limit(Carrier::LambdaClientContext);
            let context =
                outbound::inject_client_context(self.client_context(), &injection.fields, limit);
            if let Some(context) = context {
                self.client_context = Some(context.text);
            }
        }
        if by_payload
            && let Some(payload) = self.payload()
            && let Ok(text) = std::str::from_utf8(payload.as_ref())
        {
            let envelope = injection.lamplight.envelope.as_ref();
            let limit = injection.limit(Carrier::LambdaPayload);
            let spliced = outbound::inject_json(text, envelope, &injection.fields, limit);
            if let Some(spliced) = spliced {
                self.payload = Some(Blob::new(spliced.text));
            }
        }
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
    use super::Function;

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
