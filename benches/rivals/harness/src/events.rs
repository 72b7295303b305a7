//! The events, and the handlers for them.
//!
//! Handlers are like those from `async fn`: they work when their futures are polled. It differs between
//! rivals which part of a layer surrounds the handler's call and which its future.

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use lambda_runtime::tower::{Service, service_fn};
use lambda_runtime::{Context, Error, LambdaEvent, LambdaInvocation};
use serde_json::Value;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A request through an API Gateway HTTP API, with a caller's context. Like all events, it is compact, as
/// Lambda delivers them.
pub const API_GATEWAY: &str = include_str!("events/api_gateway_v2.json");

/// Ten SQS messages, each with the context of a trace of its own.
pub const SQS: &str = include_str!("events/sqs_10.json");

/// The payload of a direct invoke, with a caller's context in the usual place.
pub const DIRECT: &str = include_str!("events/direct.json");

/// The function's ARN.
pub const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:orders:live";

/// The sampled X-Ray header of the invocation, without which `awssdk-instrumentation` records nothing.
pub const XRAY: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

/// The attributes that the scenario with eighteen attributes requires, all of them from the conventions for
/// HTTP servers and functions, and their values for [`API_GATEWAY`].
pub const EIGHTEEN: [(&str, &str); 18] = [
    ("http.request.method", "POST"),
    ("http.route", "/orders/{id}"),
    ("http.response.status_code", "200"),
    ("url.path", "/orders/42"),
    ("url.query", "verbose=1"),
    ("url.scheme", "https"),
    ("client.address", "192.0.2.44"),
    (
        "server.address",
        "abc123.execute-api.eu-west-1.amazonaws.com",
    ),
    ("server.port", "443"),
    (
        "user_agent.original",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
    ),
    ("network.protocol.name", "http"),
    ("network.protocol.version", "1.1"),
    ("faas.trigger", "http"),
    ("faas.invocation_id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
    ("faas.coldstart", "false"),
    ("aws.lambda.invoked_arn", ARN),
    ("cloud.resource_id", ARN),
    ("cloud.account.id", "123456789012"),
];

/// Returns those of [`EIGHTEEN`] that are not among `own`.
pub fn missing(own: &[&str]) -> Vec<(&'static str, &'static str)> {
    EIGHTEEN
        .into_iter()
        .filter(|(key, _)| !own.contains(key))
        .collect()
}

/// Returns an invocation with `body`, as the runtime passes it to a layer.
pub fn invocation(body: &'static str, config: &Arc<lambda_runtime::Config>) -> LambdaInvocation {
    let (parts, ()) = http::Response::new(()).into_parts();
    let mut context = Context::default();
    context.request_id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned();
    context.invoked_function_arn = ARN.to_owned();
    context.xray_trace_id = Some(XRAY.to_owned());
    let soon = SystemTime::now() + Duration::from_secs(30);
    let soon = soon.duration_since(UNIX_EPOCH).unwrap_or_default();
    context.deadline = soon.as_millis() as u64;
    context.env_config = config.clone();
    LambdaInvocation {
        parts,
        body: body.as_bytes().into(),
        context,
    }
}

/// Returns the configuration of the measured function.
pub fn config() -> Arc<lambda_runtime::Config> {
    Arc::new(lambda_runtime::Config {
        function_name: "orders".to_owned(),
        version: "7".to_owned(),
        memory: 512,
        log_stream: "2026/11/21/[7]0123456789abcdef".to_owned(),
        log_group: "/aws/lambda/orders".to_owned(),
    })
}

/// Answers a request with 200, after `observe`.
pub fn api_gateway(
    observe: impl Fn() + Clone + Send + 'static,
) -> impl Service<
    LambdaEvent<ApiGatewayV2httpRequest>,
    Response = ApiGatewayV2httpResponse,
    Error = Error,
    Future: Send + 'static,
> + Clone
+ Send
+ 'static {
    service_fn(move |event: LambdaEvent<ApiGatewayV2httpRequest>| {
        let observe = observe.clone();
        async move {
            observe();
            black_box(&event.payload.body);
            let mut response = ApiGatewayV2httpResponse::default();
            response.status_code = 200;
            response.body = Some(String::from(r#"{"id":"42"}"#).into());
            Ok(response)
        }
    })
}

/// Handles ten messages one after the other, each inside `observe`.
pub fn sqs(
    observe: impl Fn(&SqsMessage, &dyn Fn()) + Clone + Send + 'static,
) -> impl Service<
    LambdaEvent<SqsEvent>,
    Response = SqsBatchResponse,
    Error = Error,
    Future: Send + 'static,
> + Clone
+ Send
+ 'static {
    service_fn(move |event: LambdaEvent<SqsEvent>| {
        let observe = observe.clone();
        async move {
            for message in &event.payload.records {
                observe(message, &|| deliver(message));
            }
            Ok(SqsBatchResponse::default())
        }
    })
}

/// Handles a message.
pub fn deliver(message: &SqsMessage) {
    black_box(&message.body);
}

/// Returns a handler that responds with its input.
pub fn direct() -> impl Service<
    LambdaEvent<Value>,
    Response = Value,
    Error = Error,
    Future: Send + 'static,
> + Clone
+ Send
+ 'static {
    service_fn(async |event: LambdaEvent<Value>| Ok(event.payload))
}
