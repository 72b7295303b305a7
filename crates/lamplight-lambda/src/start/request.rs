//! Data of an invocation, as the runtime provides it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderName;
use lambda_runtime::LambdaInvocation;
use lamplight_propagation::inbound::RawInvocation;

/// The caller's client context, in base64.
static CLIENT_CONTEXT: HeaderName = HeaderName::from_static("lambda-runtime-client-context");

/// Returns the data in which context is searched.
pub(crate) fn raw(event: &LambdaInvocation) -> RawInvocation<'_> {
    let lambda = &event.context;
    let client_context = event.parts.headers.get(&CLIENT_CONTEXT);
    RawInvocation::new(&event.body, &lambda.env_config.function_name)
        .with_client_context(client_context.and_then(|value| value.to_str().ok()))
        .with_xray_trace_id(lambda.xray_trace_id.as_deref())
}

/// Returns the deadline of an invocation, which is given in milliseconds since 1970.
pub(crate) fn deadline(lambda: &lambda_runtime::Context) -> SystemTime {
    UNIX_EPOCH
        .checked_add(Duration::from_millis(lambda.deadline))
        .unwrap_or(UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_is_a_deadline_without_overflow() {
        let mut lambda = lambda_runtime::Context::default();
        lambda.deadline = u64::MAX;
        deadline(&lambda);
    }
}
