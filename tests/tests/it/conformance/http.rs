//! HTTP servers: `http/http-spans.md`.

use lambda_runtime::{Error, LambdaEvent};
use lamplight_propagation::inbound::{ClientAddress, EventExtractor};
use opentelemetry::{
    Value,
    trace::{SpanKind, Status},
};
use opentelemetry_sdk::trace::SpanData;
use serde_json::{Value as Json, json};
use tower::service_fn;

use crate::conformance::{
    function::{Function, error_type, get},
    requests::{api, balancer},
    statement::statements,
};

async fn answered(extractor: EventExtractor, event: &Json, answer: Json) -> SpanData {
    let function = Function::with(|builder| {
        builder
            .with_extractor(extractor)
            .with_response_headers(["X-Cache"])
    });
    let handler = service_fn(move |_: LambdaEvent<Json>| {
        let answer = answer.clone();
        async move { Ok::<_, Error>(answer) }
    });
    function.invoke(event, handler).await.unwrap();
    function.only_span()
}

/// Returns the span of a request with this response status.
async fn status(code: u16) -> SpanData {
    let answer = json!({"statusCode": code, "body": ""});
    answered(EventExtractor::new(), &api(&json!({})), answer).await
}

async fn span(event: &Json) -> SpanData {
    answered(EventExtractor::new(), event, json!({"statusCode": 200})).await
}

fn text(span: &SpanData, key: &str) -> Option<String> {
    get(span, key).map(|value| value.to_string())
}

/// Returns an attribute of a request to an HTTP API with these headers.
async fn of_api(headers: Json, key: &str) -> Option<String> {
    text(&span(&api(&headers)).await, key)
}

/// Returns the same for a load balancer.
async fn of_balancer(headers: Json, key: &str) -> Option<String> {
    text(&span(&balancer(&headers)).await, key)
}

/// Returns the span of a request with this method.
async fn sent(extractor: EventExtractor, method: &str) -> SpanData {
    let mut event = api(&json!({}));
    event["requestContext"]["http"]["method"] = method.into();
    answered(extractor, &event, json!({"statusCode": 200})).await
}

/// Returns the recorded query for this one.
async fn query(sent: &str) -> Option<String> {
    let mut event = api(&json!({}));
    event["rawQueryString"] = sent.into();
    text(&span(&event).await, "url.query")
}

statements! {
    "http/http-spans.md, Name" {
        held http_name("SHOULD be `{method} {target}`, the target being `http.route`") {
            assert_eq!(span(&api(&json!({}))).await.name, "GET /orders/{id}");
        }
        held http_name_of_other("`{method}` MUST be `HTTP` if `http.request.method` is `_OTHER`") {
            assert_eq!(sent(EventExtractor::new(), "PURGE").await.name, "HTTP /orders/{id}");
        }
        elsewhere a_method_that_is_not_known_names_no_span("The same if a router provides the route";
            "crates/lamplight-lambda/tests/it/http.rs") {}
        held no_path_in_the_name("MUST NOT default to the path as the target") {
            let name = span(&balancer(&json!({}))).await.name;
            assert!(!name.contains("orders/7"), "{name}");
        }
        deviates http_name_without_route("SHOULD be `{method}` if there is no target";
            does "The function's name";
            because "`faas/aws-lambda.md` names the span after the function, and `GET` would be the name for all functions behind a load balancer";
            setting "none; `RouteLayer` gives the route of an `axum` router"
        ) {
            assert_eq!(span(&balancer(&json!({}))).await.name, "orders");
        }
    }
    "http/http-spans.md, Status" {
        held unset_below_400("MUST be unset for 1xx, 2xx and 3xx") {
            for code in [200, 204, 302] {
                assert_eq!(status(code).await.status, Status::Unset, "{code}");
            }
        }
        held unset_for_4xx("MUST be unset for 4xx on a server") {
            for code in [400, 404, 429] {
                let span = status(code).await;
                assert_eq!(span.status, Status::Unset, "{code}");
                assert_eq!(error_type(&span), None, "{code}");
            }
        }
        held error_for_5xx("SHOULD be `Error` for 5xx") {
            for code in [500, 503] {
                assert!(matches!(status(code).await.status, Status::Error { .. }), "{code}");
            }
        }
        held no_description_of_a_code("No description if the reason is evident from `http.response.status_code`") {
            assert_eq!(status(503).await.status, Status::error(""));
        }
        held error_without_a_code("SHOULD be `Error`, with an `error.type`, if the request failed without a response") {
            let function = Function::new();
            let handler = service_fn(async |_: LambdaEvent<Json>| {
                Err::<Json, Error>(std::fmt::Error.into())
            });
            function.invoke(&api(&json!({})), handler).await.unwrap_err();
            let span = function.only_span();
            assert!(matches!(span.status, Status::Error { .. }));
            assert!(error_type(&span).is_some());
            assert_eq!(get(&span, "http.response.status_code"), None);
        }
    }
    "http/http-spans.md, HTTP server span" {
        held http_server_kind("MUST be of kind `SERVER`") {
            assert_eq!(span(&api(&json!({}))).await.span_kind, SpanKind::Server);
        }
        held known_methods("`http.request.method` SHOULD be of RFC 9110, or PATCH") {
            for method in ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"] {
                let span = sent(EventExtractor::new(), method).await;
                assert_eq!(text(&span, "http.request.method").as_deref(), Some(method));
                assert_eq!(get(&span, "http.request.method_original"), None);
            }
        }
        held unknown_method("MUST be `_OTHER` for others, and names are case-sensitive") {
            for method in ["PURGE", "get"] {
                let span = sent(EventExtractor::new(), method).await;
                assert_eq!(text(&span, "http.request.method").as_deref(), Some("_OTHER"));
            }
        }
        held method_original("`http.request.method_original` if and only if it differs") {
            let original = |span| text(&span, "http.request.method_original");
            assert_eq!(original(sent(EventExtractor::new(), "get").await).as_deref(), Some("get"));
            assert_eq!(original(sent(EventExtractor::new(), "GET").await), None);
            assert_eq!(original(sent(EventExtractor::new(), "_OTHER").await), None);
        }
        held known_methods_override("MUST be possible to override the complete list of known methods") {
            let extractor = || EventExtractor::new().with_known_methods(["PURGE"]);
            let purge = sent(extractor(), "PURGE").await;
            assert_eq!(text(&purge, "http.request.method").as_deref(), Some("PURGE"));
            assert_eq!(purge.name, "PURGE /orders/{id}");
            let get = sent(extractor(), "GET").await;
            assert_eq!(text(&get, "http.request.method").as_deref(), Some("_OTHER"));
            assert_eq!(get.name, "HTTP /orders/{id}");
        }
        elsewhere the_known_methods_are_those_that_are_named("MUST be `OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS` if it is a variable";
            "crates/lamplight/src/environment/tests.rs") {}
        held http_error_type("`error.type` SHOULD be the status code if an error status was sent") {
            assert_eq!(error_type(&status(503).await).as_deref(), Some("503"));
        }
        held no_error_type("`error.type` SHOULD NOT be set if the request succeeded") {
            assert_eq!(error_type(&status(200).await), None);
        }
        held status_code("`http.response.status_code` if and only if one was sent") {
            for code in [200_u16, 404, 503] {
                let expected = Some(i64::from(code).into());
                assert_eq!(get(&status(code).await, "http.response.status_code"), expected);
            }
        }
        elsewhere the_status_is_the_responses("The same for a streamed response";
            "crates/lamplight-lambda/tests/it/http.rs") {}
        held route("`http.route` if and only if it is available, never the path") {
            assert_eq!(of_api(json!({}), "http.route").await.as_deref(), Some("/orders/{id}"));
            assert_eq!(of_balancer(json!({}), "http.route").await, None);
            let mut event = api(&json!({}));
            event["routeKey"] = "$default".into();
            event["requestContext"]["routeKey"] = "$default".into();
            assert_eq!(text(&span(&event).await, "http.route"), None);
        }
        deviates application_root("`http.route` SHOULD include the application root";
            does "The route without the stage or base path of an API";
            because "These depend on the deployment: all stages of a function have the same routes, as in `resource`, after which `faas/aws-lambda.md` names the span";
            setting "none"
        ) {
            let mut event = api(&json!({}));
            event["rawPath"] = "/prod/orders/7".into();
            event["requestContext"]["stage"] = "prod".into();
            let span = span(&event).await;
            assert_eq!(text(&span, "http.route").as_deref(), Some("/orders/{id}"));
            assert_eq!(text(&span, "url.path").as_deref(), Some("/prod/orders/7"));
        }
        held url_path("`url.path` is Required") {
            assert_eq!(of_api(json!({}), "url.path").await.as_deref(), Some("/orders/7"));
            assert_eq!(of_balancer(json!({}), "url.path").await.as_deref(), Some("/orders/7"));
        }
        deviates url_path_of_a_stage("`url.path` is the path of the request";
            does "The path without the stage for a REST API (payload 1.0), as in `path` of its events";
            because "It is the path that the function and its router use";
            setting "none"
        ) {
            let event = json!({
                "resource": "/orders/{id}", "path": "/orders/7", "httpMethod": "GET",
                "requestContext": {
                    "resourcePath": "/orders/{id}", "path": "/prod/orders/7", "stage": "prod",
                    "httpMethod": "GET", "apiId": "a1",
                },
            });
            assert_eq!(text(&span(&event).await, "url.path").as_deref(), Some("/orders/7"));
        }
        held url_scheme("`url.scheme` is Required: of the original request, from `Forwarded` or `X-Forwarded-Proto`") {
            let forwarded = json!({"forwarded": "for=a, for=b;proto=http", "x-forwarded-proto": "https"});
            for (headers, scheme) in [
                (json!({"x-forwarded-proto": "http"}), "http"),
                (json!({"x-forwarded-proto": "https"}), "https"),
                (forwarded, "http"),
            ] {
                assert_eq!(of_balancer(headers, "url.scheme").await.as_deref(), Some(scheme));
            }
        }
        deviates url_scheme_untold("`url.scheme` otherwise is that of the immediate peer";
            does "`https`";
            because "API Gateway and function URLs support no other; events of CloudFront and VPC Lattice do not contain it";
            setting "none"
        ) {
            assert_eq!(of_api(json!({}), "url.scheme").await.as_deref(), Some("https"));
        }
        held url_query("`url.query` if and only if there is one") {
            assert_eq!(query("page=2").await.as_deref(), Some("page=2"));
            assert_eq!(query("").await, None);
        }
        held secrets_in_a_query("The values of four keys SHOULD be `REDACTED`, with the keys kept") {
            let sent = "a=1&AWSAccessKeyId=s&Signature=s&sig=s&X-Goog-Signature=s";
            let kept = "a=1&AWSAccessKeyId=REDACTED&Signature=REDACTED&sig=REDACTED&X-Goog-Signature=REDACTED";
            assert_eq!(query(sent).await.as_deref(), Some(kept));
            // Names are case-sensitive.
            assert_eq!(query("SIG=1").await.as_deref(), Some("SIG=1"));
        }
        held client_address("`client.address` is the IP address of the original client, from `Forwarded` or `X-Forwarded-For`, else the peer's") {
            for (headers, expected) in [
                (json!({"forwarded": "for=\"[2001:db8::1]:4711\"", "x-forwarded-for": "203.0.113.1"}), "2001:db8::1"),
                (json!({"x-forwarded-for": "203.0.113.1, 192.0.2.9"}), "203.0.113.1"),
                (json!({"forwarded": "for=unknown"}), "192.0.2.9"),
                (json!({}), "192.0.2.9"),
            ] {
                assert_eq!(of_api(headers, "client.address").await.as_deref(), Some(expected));
            }
        }
        held client_address_without_port("`client.address` is an address, without a port") {
            let headers = json!({"x-forwarded-for": "203.0.113.1:4711"});
            assert_eq!(of_balancer(headers, "client.address").await.as_deref(), Some("203.0.113.1"));
        }
        held client_address_of_the_peer("The peer's address instead of that in headers, which may be forged, as an option") {
            let extractor = EventExtractor::new().with_client_address(ClientAddress::Peer);
            let event = api(&json!({"x-forwarded-for": "203.0.113.1"}));
            let span = answered(extractor, &event, json!({"statusCode": 200})).await;
            assert_eq!(text(&span, "client.address").as_deref(), Some("192.0.2.9"));
        }
        deviates network_peer_address("`network.peer.address` is Recommended";
            does "Recorded if it differs from `client.address`";
            because "It would be one attribute per invocation that repeats another; if it is missing, the client is the peer";
            setting "none"
        ) {
            let headers = json!({"x-forwarded-for": "203.0.113.1"});
            let peer = of_api(headers, "network.peer.address").await;
            assert_eq!(peer.as_deref(), Some("192.0.2.9"));
            assert_eq!(of_api(json!({}), "network.peer.address").await, None);
        }
        held protocol_name("`network.protocol.name` if it is not `http`") {
            assert_eq!(of_api(json!({}), "network.protocol.name").await, None);
        }
        held protocol_version("`network.protocol.version` is Recommended if it is known") {
            for (told, version) in [("HTTP/1.1", "1.1"), ("HTTP/2.0", "2"), ("HTTP/3", "3")] {
                let mut event = api(&json!({}));
                event["requestContext"]["http"]["protocol"] = told.into();
                let found = text(&span(&event).await, "network.protocol.version");
                assert_eq!(found.as_deref(), Some(version));
            }
            assert_eq!(of_balancer(json!({}), "network.protocol.version").await, None);
        }
        held user_agent("`user_agent.original` is Recommended") {
            let headers = json!({"user-agent": "okhttp/4"});
            assert_eq!(of_balancer(headers, "user_agent.original").await.as_deref(), Some("okhttp/4"));
        }
        held request_headers("Only configured headers SHOULD be recorded: in lower case, as arrays") {
            let event = api(&json!({"X-Tenant": "blue", "authorization": "secret"}));
            let extractor = EventExtractor::new().with_request_headers(["X-Tenant"]);
            let span = answered(extractor, &event, json!({"statusCode": 200})).await;
            let tenant = get(&span, "http.request.header.x-tenant");
            assert!(matches!(tenant, Some(Value::Array(_))), "{tenant:?}");
            assert!(!format!("{span:?}").contains("secret"), "{span:?}");
            assert_eq!(of_api(json!({"X-Tenant": "blue"}), "http.request.header.x-tenant").await, None);
        }
        held response_headers("The same for those of the response") {
            let answer = json!({"statusCode": 200, "headers": {"X-Cache": "hit", "Set-Cookie": "secret"}});
            let span = answered(EventExtractor::new(), &api(&json!({})), answer).await;
            let cache = get(&span, "http.response.header.x-cache");
            assert!(matches!(cache, Some(Value::Array(_))), "{cache:?}");
            assert!(!format!("{span:?}").contains("secret"), "{span:?}");
        }
        held sizes("Sizes and bodies are Opt-In") {
            let span = span(&api(&json!({"content-length": "7"}))).await;
            let keys = span.attributes.iter().map(|it| it.key.as_str());
            let sizes: Vec<_> = keys.filter(|key| key.ends_with("size")).collect();
            assert_eq!(sizes, [""; 0]);
        }
        held at_the_start("Attributes relevant for sampling SHOULD be present when the span starts") {
            let mut event = api(&json!({"x-forwarded-port": "443"}));
            event["rawQueryString"] = "page=2".into();
            let event = event.to_string();
            let event = lamplight_propagation::inbound::RawInvocation::new(event.as_bytes(), "orders");
            let start = EventExtractor::new().extract(&event).attributes;
            for key in [
                "http.request.method", "url.path", "url.query", "url.scheme", "server.address",
                "server.port", "client.address", "user_agent.original",
            ] {
                assert!(start.iter().any(|it| it.key.as_str() == key), "{key}");
            }
        }
    }
    "http/http-spans.md, Setting `server.address` and `server.port` attributes" {
        held server_address("SHOULD be taken from the first of `Forwarded`, `X-Forwarded-Host` or similar, `Host`") {
            for (headers, expected) in [
                (json!({"host": "c", "x-forwarded-host": "b", "forwarded": "host=a"}), "a"),
                (json!({"host": "c", "x-forwarded-host": "b"}), "b"),
                (json!({"host": "c"}), "c"),
            ] {
                assert_eq!(of_balancer(headers, "server.address").await.as_deref(), Some(expected));
            }
            assert_eq!(of_api(json!({}), "server.address").await.as_deref(), Some("api.example"));
        }
        held server_port("SHOULD be taken from the same header, which may have an IPv6 address") {
            for (headers, expected) in [
                (json!({"forwarded": "host=\"[2001:db8::1]:81\"", "x-forwarded-port": "443"}), "81"),
                (json!({"x-forwarded-host": "b:82", "x-forwarded-port": "443"}), "82"),
                (json!({"host": "c:83"}), "83"),
                (json!({"host": "c", "x-forwarded-port": "443"}), "443"),
            ] {
                assert_eq!(of_balancer(headers, "server.port").await.as_deref(), Some(expected));
            }
        }
    }
}
