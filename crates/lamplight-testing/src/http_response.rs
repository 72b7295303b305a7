//! HTTP responses of functions, as a gateway reads them.

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header::SET_COOKIE};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Stands between the head of a streamed response and its body.
const DELIMITER: [u8; 8] = [0; 8];

type Error = Box<dyn std::error::Error>;

/// A response, or what stands before a streamed one. Unknown members are others' affair.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    status_code: u16,
    #[serde(default)]
    headers: Option<Map<String, Value>>,
    #[serde(default)]
    multi_value_headers: Option<Map<String, Value>>,
    #[serde(default)]
    cookies: Option<Vec<String>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// Returns the response in these bytes.
pub(crate) fn read(bytes: &[u8], is_stream: bool) -> Result<Response<Bytes>, Error> {
    let (head, streamed) = match is_stream {
        true => {
            let end = bytes
                .windows(DELIMITER.len())
                .position(|it| it == DELIMITER);
            let end = end.ok_or("a stream without the end of its head")?;
            let (head, rest) = bytes.split_at(end);
            (head, Some(rest.get(DELIMITER.len()..).unwrap_or_default()))
        }
        false => (bytes, None),
    };
    let head: Head = serde_json::from_slice(head)?;
    let body = match (streamed, head.body) {
        (Some(streamed), _) => Bytes::copy_from_slice(streamed),
        (None, Some(body)) if head.is_base64_encoded => BASE64_STANDARD.decode(body)?.into(),
        (None, body) => body.unwrap_or_default().into(),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(head.status_code)?;
    let headers = response.headers_mut();
    let several = head.multi_value_headers.unwrap_or_default();
    for (name, value) in head.headers.unwrap_or_default() {
        // Which a gateway would write once.
        if !several.contains_key(&name) {
            add(headers, &name, &value)?;
        }
    }
    for (name, value) in &several {
        add(headers, name, value)?;
    }
    for cookie in head.cookies.unwrap_or_default() {
        headers.append(SET_COOKIE, HeaderValue::try_from(cookie)?);
    }
    Ok(response)
}

/// Adds a header with one value or several.
fn add(headers: &mut http::HeaderMap, name: &str, value: &Value) -> Result<(), Error> {
    let name = HeaderName::try_from(name)?;
    let values = match value {
        Value::Array(values) => values.as_slice(),
        value => std::slice::from_ref(value),
    };
    for value in values {
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        headers.append(name.clone(), HeaderValue::try_from(text)?);
    }
    Ok(())
}
