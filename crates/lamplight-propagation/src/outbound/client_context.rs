//! The client context of a Lambda Invoke call.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::de::IgnoredAny;

use super::{Fields, Spliced, json::JsonPlace};
use crate::json::Value;

/// The maximum length of a client context that Lambda accepts, in bytes of base64.
pub const CLIENT_CONTEXT_LIMIT: usize = 3583;

/// Writes the fields into the `custom` object of a client context, as flat strings: a function whose runtime
/// reads `custom` into a map of strings would fail on anything else.
///
/// `existing` is the user's client context, in base64. The result is base64 with at most `limit` bytes.
/// Returns `None`, and thus makes no change, if `existing` is not the base64 of a JSON object, if its
/// `custom` is not an object, occurs twice or already has a `traceparent`, or if there is no room.
///
/// Lambda delivers a client context with synchronous invocations only. For `Event` invocations, the payload
/// is the only carrier, see [`inject_json`](super::inject_json).
pub fn inject_client_context(
    existing: Option<&str>,
    fields: &Fields,
    limit: usize,
) -> Option<Spliced> {
    let max_len = limit / 4 * 3;
    let json = match existing {
        None | Some("") => "{}".to_owned(),
        Some(base64) if base64.len() > limit => return None,
        Some(base64) => String::from_utf8(BASE64.decode(base64.trim()).ok()?).ok()?,
    };
    let document = Value::document(json.as_bytes());
    if fields.is_empty() || !document.is_object() {
        return None;
    }
    serde_json::from_str::<IgnoredAny>(&json).ok()?;
    let place = JsonPlace::at(document, &["custom"])?;
    let mut spliced = place.fill(&json, fields, max_len)?;
    spliced.text = BASE64.encode(spliced.text);
    Some(spliced)
}
