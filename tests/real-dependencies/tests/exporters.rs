//! The function runs, and its spans arrive, with each exporter.

use std::{process::Stdio, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{OriginalUri, State},
    http::{HeaderMap, HeaderValue, Response},
    response::IntoResponse,
    routing::{any, get, post},
};
use http_body_util::{BodyExt, Full};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    process::{Child, Command},
    sync::{
        Mutex,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    },
};

/// Longer than anything takes on a heavily loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

const KINESIS: &str = "/";
const OTLP_HTTP: &str = "/v1/traces";
const OTLP_GRPC: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

/// An observation of the function's environment.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Answer(String),
    Spans(&'static str),
}

#[derive(Clone)]
struct World {
    seen: UnboundedSender<Seen>,
    events: Arc<Mutex<UnboundedReceiver<&'static str>>>,
}

/// Starts Lambda, a collector and Kinesis, all on one port of this machine.
async fn start() -> (
    String,
    UnboundedSender<&'static str>,
    UnboundedReceiver<Seen>,
) {
    let (seen, log) = unbounded_channel();
    let (invoke, events) = unbounded_channel();
    let world = World {
        seen,
        events: Arc::new(Mutex::new(events)),
    };
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(answer))
        .route(OTLP_HTTP, any(spans))
        .route(OTLP_GRPC, any(spans_over_grpc))
        .route(KINESIS, any(records))
        .with_state(world);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, invoke, log)
}

async fn next(State(world): State<World>) -> impl IntoResponse {
    // Without an event, the environment is frozen.
    let event = world.events.lock().await.recv().await.unwrap_or_default();
    let headers = [
        (
            "lambda-runtime-aws-request-id",
            "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
        ),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:123456789012:function:f",
        ),
        (
            "lambda-runtime-trace-id",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1",
        ),
    ];
    (headers, event)
}

async fn answer(State(world): State<World>, body: String) {
    world.seen.send(Seen::Answer(body)).unwrap();
}

async fn spans(State(world): State<World>, _: Bytes) {
    world.seen.send(Seen::Spans(OTLP_HTTP)).unwrap();
}

async fn spans_over_grpc(State(world): State<World>, _: Bytes) -> Response<Body> {
    world.seen.send(Seen::Spans(OTLP_GRPC)).unwrap();
    // An empty message, and a successful status.
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    let body = Full::new(Bytes::from_static(&[0; 5]));
    let body = body.with_trailers(std::future::ready(Some(Ok(trailers))));
    let mut response = Response::new(Body::new(body));
    let is_grpc = HeaderValue::from_static("application/grpc");
    response.headers_mut().insert("content-type", is_grpc);
    response
}

async fn records(State(world): State<World>, _: OriginalUri, body: Bytes) -> String {
    let request: serde_json::Value = serde_json::from_slice(&body).unwrap();
    // A connection that is opened in advance is tested without records.
    let records = request["Records"].as_array().map_or(0, Vec::len);
    if records > 0 {
        world.seen.send(Seen::Spans(KINESIS)).unwrap();
    }
    let taken = serde_json::json!({"SequenceNumber": "1", "ShardId": "shardId-000000000000"});
    serde_json::json!({"FailedRecordCount": 0, "Records": vec![taken; records]}).to_string()
}

/// Returns the function in the environment that Lambda provides, with `variables`.
fn function(runtime_api: &str, variables: &[(&str, String)]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_real-function"))
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", runtime_api)
        .env("AWS_LAMBDA_FUNCTION_NAME", "f")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/f")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "1")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "id")
        .env("AWS_SECRET_ACCESS_KEY", format!("key{SECRET}"))
        .env("AWS_SESSION_TOKEN", format!("token{SECRET}"))
        .env(
            "OTEL_EXPORTER_OTLP_HEADERS",
            format!("x-key=header{SECRET}"),
        )
        .env("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")
        .env("AWS_MAX_ATTEMPTS", "1")
        .envs(variables.iter().cloned())
        .kill_on_drop(true)
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

const EVENT: &str = r#"{
    "version": "2.0", "routeKey": "$default", "rawPath": "/orders/1", "rawQueryString": "",
    "headers": {"host": "api.example.com"}, "isBase64Encoded": false,
    "requestContext": {
        "accountId": "1", "apiId": "a", "domainName": "api.example.com", "domainPrefix": "api",
        "http": {"method": "GET", "path": "/orders/1", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "t"},
        "requestId": "r", "routeKey": "$default", "stage": "$default",
        "time": "12/Mar/2020:19:03:58 +0000", "timeEpoch": 1583348638390
    }
}"#;

/// Parts of credentials, none of which may be printed.
const SECRET: &str = "Hunter2";

/// Invokes the function once, and returns the way in which its spans arrived.
async fn delivered(variables: Variables) -> &'static str {
    let (address, invoke, mut seen) = start().await;
    let variables = variables.iter();
    let variables: Vec<_> = variables
        .map(|(name, value)| (*name, value.replace("ADDRESS", &address)))
        .collect();
    let mut child = function(&address, &variables);
    invoke.send(EVENT).unwrap();
    let first = tokio::select! {
        first = tokio::time::timeout(PATIENCE, seen.recv()) => first.unwrap().unwrap(),
        _ = child.wait() => panic!("the function ended: {}", log(&mut child).await),
    };
    match first {
        Seen::Answer(body) => assert!(body.contains("tables: false, page: false"), "{body}"),
        Seen::Spans(_) => panic!("spans before the answer"),
    }
    let way = match tokio::time::timeout(PATIENCE, seen.recv()).await {
        Ok(Some(Seen::Spans(way))) => way,
        other => panic!("{other:?}"),
    };
    child.kill().await.unwrap();
    let log = log(&mut child).await;
    assert!(log.contains("Telemetry") && !log.contains(SECRET), "{log}");
    way
}

async fn log(child: &mut Child) -> String {
    let mut log = String::new();
    let stderr = child.stderr.as_mut().unwrap();
    stderr.read_to_string(&mut log).await.unwrap();
    log
}

type Variables = &'static [(&'static str, &'static str)];

const OVER_HTTP: Variables = &[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:Hunter2@ADDRESS")];
const OVER_GRPC: Variables = &[
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:Hunter2@ADDRESS"),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
];
const TO_KINESIS: Variables = &[
    ("AWS_ENDPOINT_URL_KINESIS", "http://ADDRESS"),
    ("LAMPLIGHT_KINESIS_STREAM", "spans"),
    ("LAMPLIGHT_KINESIS_TIMEOUT", "10000"),
];

#[tokio::test]
async fn spans_arrive_over_http() {
    assert_eq!(delivered(OVER_HTTP).await, OTLP_HTTP);
}

#[tokio::test]
async fn spans_arrive_over_grpc() {
    assert_eq!(delivered(OVER_GRPC).await, OTLP_GRPC);
}

#[tokio::test]
async fn spans_arrive_in_kinesis() {
    assert_eq!(delivered(TO_KINESIS).await, KINESIS);
}

/// Each exporter begins a TLS handshake, whose result does not matter here.
#[tokio::test]
async fn tls_begins_with_each_exporter_and_the_function_answers() {
    for variables in [OVER_HTTP, OVER_GRPC, TO_KINESIS] {
        let (address, invoke, mut seen) = start().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = listener.local_addr().unwrap().to_string();
        let variables = variables.iter().map(|(name, value)| {
            let value = value.replace("http:", "https:").replace("ADDRESS", &server);
            (*name, value)
        });
        let variables: Vec<_> = variables.collect();
        let mut child = function(&address, &variables);
        invoke.send(EVENT).unwrap();
        let hello = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let hello = stream.read_u16().await.unwrap();
            let _ = stream.write_all(b"no\n").await;
            hello
        };
        let hello = tokio::select! {
            hello = tokio::time::timeout(PATIENCE, hello) => hello.unwrap(),
            _ = child.wait() => panic!("{variables:?}: {}", log(&mut child).await),
        };
        assert_eq!(hello, 0x1603, "a handshake: {variables:?}");
        let answer = tokio::time::timeout(PATIENCE, seen.recv()).await.unwrap();
        assert!(matches!(answer, Some(Seen::Answer(_))), "{answer:?}");
    }
}
