//! Odd URIs and headers.

use http::{HeaderName, HeaderValue, Method, Request, Uri};
use lamplight_http_client::{HttpClientLayer, UrlTemplate};
use proptest::prelude::*;
use tower::Layer;

use crate::common::*;

const SECRET: &str = "5ecre7";

/// The names of parameters whose values are secrets, some in another spelling.
fn names() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "sig",
        "%73ig",
        "Signature",
        "AWSAccessKeyId",
        "X-Amz-Signature",
        "X%2DAmz%2dCredential",
        "X-Amz-Security-Token",
        "X-Goog-Signature",
        "my-key",
        "my%2dkey",
    ])
}

fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9._~!$'()*,;:@/?-]{0,8}=[a-z0-9%=._~!$'()*,;:@/?-]{0,8}",
        "[a-z0-9=%;?@:/]{0,8}",
        (names(), "[a-z0-9=;?@:/]{0,4}", "[a-z0-9=;?@:/]{0,4}")
            .prop_map(|(name, before, after)| format!("{name}={before}{SECRET}{after}")),
    ]
}

proptest! {
    #[test]
    fn a_secret_is_in_no_span(
        user in prop_oneof![Just(String::new()), "[a-z0-9%:@]{0,4}".prop_map(|more| format!("{SECRET}{more}:{SECRET}@")), "[a-z:]{0,3}".prop_map(|before| format!("{before}{SECRET}@"))],
        host in "[a-z]{1,8}(:[0-9]{1,4})?|\\[::1\\]",
        path in "(/[a-zA-Z0-9._~@:-]{0,6}){0,3}",
        parts in prop::collection::vec(part(), 0..6),
    ) {
        let query = parts.join("&");
        let uri = format!("https://{user}{host}{path}?{query}");
        let Ok(uri) = uri.parse::<Uri>() else { return Ok(()) };
        let spans = Spans::new();
        let layer = spans.layer().with_sensitive_query_parameters(["my-key"]);
        let client = layer.layer(Arrived::default().answering(200));
        now(call(client, Request::get(uri.clone()))).unwrap();
        let span = format!("{:?}", spans.one());
        prop_assert!(!span.contains(SECRET), "{uri}: {span}");
    }

    #[test]
    fn nothing_is_too_odd_and_no_header_of_the_users_changes(
        method in "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}",
        uri in "(([a-z]{1,5}:)?//[a-z0-9.:@\\[\\]%-]{0,12})?/?[!-~]{0,20}|\\*",
        headers in prop::collection::vec(
            (prop_oneof![
                "traceparent|tracestate|baggage|x-amzn-trace-id|host|content-type|grpc-status",
                "[a-z0-9!#$%&'*+.^_`|~-]{1,12}",
            ], prop::collection::vec(any::<u8>(), 0..60)),
            0..8,
        ),
        origin in prop::option::of("https?://[a-z0-9.]{1,9}(:[0-9]{1,5})?"),
        template in prop::option::of(any::<String>()),
    ) {
        let (Ok(method), Ok(uri)) = (Method::try_from(method.as_str()), Uri::try_from(uri.as_str())) else {
            return Ok(());
        };
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                request = request.header(name, value);
            }
        }
        if let Some(template) = template {
            request = request.extension(UrlTemplate::new(template));
        }
        let before = request.headers_ref().unwrap().clone();
        let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder().build();
        let mut layer = HttpClientLayer::new()
            .with_tracer_provider(&provider)
            .with_request_headers(before.keys().map(|name| name.as_str().to_owned()));
        if let Some(Ok(origin)) = origin.map(Uri::try_from) {
            layer = layer.with_origin(origin);
        }
        let after = sent(&layer, request);
        for name in before.keys() {
            let values = |headers: &http::HeaderMap| {
                headers.get_all(name).iter().cloned().collect::<Vec<_>>()
            };
            prop_assert_eq!(values(&after), values(&before));
        }
        for name in ["traceparent", "tracestate", "baggage"] {
            let is_new = after.contains_key(name) && !before.contains_key(name);
            prop_assert_eq!(is_new, !before.contains_key("traceparent") && !before.contains_key(name));
        }
    }
}
