//! Events, with the function's action under `do`.

#![expect(
    clippy::needless_pass_by_value,
    reason = "events are put together in place"
)]

use lamplight_testing::events;
use serde_json::{Value, json};

/// The trace of callers in the tests.
pub const TRACE_ID: &str = "0af7651916cd43dd8448eb211c80319c";

/// A span of [`TRACE_ID`].
pub const SPAN_ID: &str = "b7ad6b7169203331";

/// Returns the caller's context in a W3C header.
pub fn traceparent(sampled: bool) -> String {
    format!("00-{TRACE_ID}-{SPAN_ID}-{:02x}", u8::from(sampled))
}

/// Returns the event of a direct invocation.
pub fn plain(wanted: Value) -> Value {
    json!({"do": wanted})
}

/// Returns `GET /pets/7` through an HTTP API, payload format 2.0.
pub fn http(wanted: Value, headers: Value) -> Value {
    let mut request = events::api_gateway_v2()
        .get("/pets/7")
        .with_route("/pets/{id}");
    for (name, value) in headers.as_object().unwrap() {
        request = request.with_header(name, value.as_str().unwrap());
    }
    with(request.to_json(), wanted)
}

/// A message of a batch: its body and its context.
pub type Message<'a> = (&'a str, Option<&'a str>);

/// Returns a batch of a queue; message ids are `message-0` and so on.
pub fn sqs(messages: &[Message<'_>]) -> Value {
    let mut batch = events::sqs();
    for (number, (body, traceparent)) in messages.iter().enumerate() {
        batch = batch
            .message(*body)
            .with_id(format!("message-{number}"))
            .with_receive_count(2);
        if let Some(traceparent) = traceparent {
            batch = batch.with_trace(*traceparent);
        }
    }
    with(batch.to_json(), json!("records"))
}

fn with(mut event: Value, wanted: Value) -> Value {
    if let Some(event) = event.as_object_mut() {
        event.insert("do".to_owned(), wanted);
    }
    event
}
