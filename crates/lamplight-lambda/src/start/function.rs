//! Attributes from the ARN of the invoked function.

use std::sync::{Arc, Mutex};

use lamplight_internal::sync::lock;
use lamplight_semconv as semconv;
use opentelemetry::{KeyValue, StringValue};

/// The function as it was invoked last. It is the same for almost all invocations, so its strings are shared.
#[derive(Debug, Default)]
pub(super) struct FunctionCache(Mutex<Option<Function>>);

#[derive(Debug, Clone)]
struct Function {
    invoked_arn: StringValue,
    resource_id: StringValue,
    account_id: Option<StringValue>,
}

impl FunctionCache {
    /// Adds the attributes from the function's ARN; none if it is invalid.
    pub(super) fn add(&self, attributes: &mut Vec<KeyValue>, lambda: &lambda_runtime::Context) {
        let mut known = lock(&self.0);
        let arn = lambda.invoked_function_arn.as_str();
        let function = match &*known {
            Some(function) if function.invoked_arn.as_str() == arn => function.clone(),
            _ => match Function::of(arn, &lambda.env_config.version) {
                Some(function) => known.insert(function).clone(),
                None => return,
            },
        };
        drop(known);
        attributes.push(semconv::aws::lambda::invoked_arn(function.invoked_arn));
        attributes.push(semconv::cloud::resource_id(function.resource_id));
        attributes.extend(function.account_id.map(semconv::cloud::account::id));
    }
}

impl Function {
    /// Parses `arn:partition:lambda:region:account:function:name`, with an alias or version as an eighth
    /// part. `cloud.resource_id` must contain the running version instead of the alias of the call. Returns
    /// `None` for anything else.
    fn of(invoked_arn: &str, version: &str) -> Option<Self> {
        let parts: Vec<&str> = invoked_arn.split(':').collect();
        let (account, resource_id) = match parts.as_slice() {
            ["arn", _, "lambda", _, account, "function", _] => (account, invoked_arn.to_owned()),
            ["arn", _, "lambda", _, account, "function", _, qualifier] => {
                let unqualified = invoked_arn.strip_suffix(qualifier)?;
                (account, format!("{unqualified}{version}"))
            }
            _ => return None,
        };
        let shared = |text: &str| StringValue::from(Arc::<str>::from(text));
        Some(Self {
            invoked_arn: shared(invoked_arn),
            resource_id: shared(&resource_id),
            account_id: (!account.is_empty()).then(|| shared(account)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resource_id_names_the_version_that_runs() {
        let of = |arn: &str| Function::of(arn, "7").map(|f| f.resource_id.as_str().to_owned());
        let plain = "arn:aws:lambda:eu-west-1:123456789012:function:orders";
        assert_eq!(of(plain).as_deref(), Some(plain));
        assert_eq!(of(&format!("{plain}:live")), Some(format!("{plain}:7")));
        assert_eq!(of(&format!("{plain}:3")), Some(format!("{plain}:7")));
        for none in [
            "",
            "function-arn",
            "arn:aws:s3:::bucket",
            "arn:aws:lambda:a:b:layer:c:1",
        ] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
