//! The spans recorded for an event.

use lambda_runtime::{Error, LambdaEvent};
use opentelemetry_sdk::trace::SpanData;
use serde_json::Value as Json;
use tower::service_fn;

use crate::conformance::function::{Function, get};

/// Returns the span of an invocation with this event, whose handler returns `null`.
pub(crate) async fn invocation(event: Json) -> SpanData {
    let function = Function::new();
    let handler = service_fn(async |_: LambdaEvent<Json>| Ok::<_, Error>(Json::Null));
    function.invoke(&event, handler).await.unwrap();
    function.only_span()
}

/// Returns an attribute as text, or `none`.
pub(crate) fn told(span: &SpanData, key: &str) -> String {
    get(span, key).map_or("none".to_owned(), |value| value.to_string())
}
