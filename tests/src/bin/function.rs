//! The function under test. Its action is in the event, under `do`.

use std::{fmt, time::Duration};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use axum::{Router, extract::Request, http::StatusCode, response::IntoResponse, routing::any};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight::http::RouteLayer;
use opentelemetry::{
    Context, KeyValue,
    context::FutureExt,
    global,
    trace::{TraceContextExt, Tracer},
};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Value, json};

fn main() -> Result<(), Error> {
    let mut runtime = match variable("FUNCTION_THREADS").as_str() {
        "" => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    runtime.enable_all().build()?.block_on(start())
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// The entry points, and the functions they are compared with.
async fn start() -> Result<(), Error> {
    if std::env::var_os("FUNCTION_SUBSCRIBER").is_some() {
        lambda_runtime::tracing::init_default_subscriber();
    }
    // These set up telemetry themselves, or use none.
    match variable("FUNCTION_WAY").as_str() {
        "http" => return lamplight::http::run(router()).await,
        "http-bare" => return lambda_http::run(router()).await,
        _ => {}
    }
    let telemetry = lamplight::init();
    // A second telemetry that is never used.
    let _second = match std::env::var_os("FUNCTION_SECOND") {
        Some(_) => Some(second().await),
        None => None,
    };
    if std::env::var_os("FUNCTION_INIT_SPAN").is_some() {
        global::tracer("function").in_span("init", |_| ());
    }
    let known = telemetry.clone();
    let handler = service_fn(move |event| handle(event, known.clone()));
    match variable("FUNCTION_WAY").as_str() {
        "run" | "" => telemetry.run(handler).await,
        "concurrent" => telemetry.run_concurrent(handler).await,
        "wrap" => telemetry.wrap(handler).run().await,
        "bare" => lambda_runtime::run(handler).await,
        "streaming" => {
            let router = router().layer(RouteLayer::new());
            telemetry.run(lamplight::http::streaming(router)).await
        }
        "streaming-bare" => lambda_http::run_with_streaming_response(router()).await,
        unknown => Err(format!("no such way in: {unknown}").into()),
    }
}

async fn second() -> lamplight::Telemetry {
    let builder = lamplight::Telemetry::builder()
        .with_exporter(lamplight::export::ConsoleExporter::default());
    let second = builder.build();
    second.instrumentation().handle_sigterm().await;
    second
}

/// Responds with the request.
fn router() -> Router {
    Router::new()
        .route("/pets/{id}", any(mirror))
        .fallback(mirror)
}

async fn mirror(request: Request) -> impl IntoResponse {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await;
    let mut headers = parts.headers;
    // The runtime's own header, which differs between invocations.
    headers.remove("x-amzn-trace-id");
    // `lambda_http` has the parameters of a REST API in a map without order.
    let uri = parts.uri.to_string();
    let (path, query) = uri.split_once('?').unwrap_or((&uri, ""));
    let mut query: Vec<&str> = query.split('&').collect();
    query.sort_unstable();
    let text = format!("{} {path} {query:?} {headers:?} {body:?}", parts.method);
    (StatusCode::IM_A_TEAPOT, [("x-mirror", "1")], text)
}

/// The action, and the whole event. If the event has `"flush": true`, spans are flushed at the end.
struct Event {
    wanted: Wanted,
    payload: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    /// Return the event.
    Echo,
    /// Return the event and the client context, as the handler receives them.
    Context,
    /// Return this value.
    Answer(Value),
    /// Return an error with this text, which has a cause.
    Fail(String),
    /// Panic with this text.
    Panic(String),
    /// Return after this number of milliseconds.
    Slow(u64),
    /// Return after blocking the thread for this number of milliseconds.
    Block(u64),
    /// Return after a child span of this number of milliseconds.
    SlowSpan(u64),
    /// Create a child span, log that, and return after this number of milliseconds.
    SlowAfterSpan(u64),
    /// Create this number of child spans.
    Spans(usize),
    /// Return the counts of spans so far.
    Stats,
    /// Handle the records; a body that says `bad` fails.
    Records,
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let payload = Value::deserialize(deserializer)?;
        let wanted = payload.get("do").map_or(Ok(Wanted::Echo), |wanted| {
            serde_json::from_value(wanted.clone()).map_err(D::Error::custom)
        })?;
        Ok(Self { wanted, payload })
    }
}

async fn handle(
    event: LambdaEvent<Event>,
    telemetry: lamplight::Telemetry,
) -> Result<Value, Error> {
    let LambdaEvent {
        payload, context, ..
    } = event;
    let Event { wanted, payload } = payload;
    let flush = payload.get("flush").is_some_and(|flush| flush == true);
    let answer = answer(wanted, payload, context, telemetry).await;
    if flush {
        lamplight::current().flush().await;
    }
    answer
}

async fn answer(
    wanted: Wanted,
    payload: Value,
    context: lambda_runtime::Context,
    telemetry: lamplight::Telemetry,
) -> Result<Value, Error> {
    match wanted {
        Wanted::Echo => Ok(payload),
        Wanted::Context => {
            let context = serde_json::to_value(context.client_context)?;
            Ok(json!({"payload": payload, "client_context": context}))
        }
        Wanted::Answer(answer) => Ok(answer),
        Wanted::Fail(text) => Err(OrderRejected(std::io::Error::other(text)).into()),
        #[allow(clippy::panic, reason = "it is what was asked for")]
        Wanted::Panic(text) => panic!("{text}"),
        Wanted::Slow(millis) => {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            Ok(json!({"late": millis}))
        }
        Wanted::Block(millis) => {
            let _query = global::tracer("function").start("query");
            std::thread::sleep(Duration::from_millis(millis));
            Ok(json!({"late": millis}))
        }
        Wanted::SlowSpan(millis) => {
            let span = global::tracer("function").start("query");
            let cx = Context::current_with_span(span);
            let query = tokio::time::sleep(Duration::from_millis(millis));
            query.with_context(cx).await;
            Ok(json!({"late": millis}))
        }
        Wanted::SlowAfterSpan(millis) => {
            global::tracer("function").in_span("work", |_| ());
            println!("at work");
            tokio::time::sleep(Duration::from_millis(millis)).await;
            Ok(json!({"late": millis}))
        }
        Wanted::Spans(count) => {
            let tracer = global::tracer("function");
            for number in 0..count {
                let number = KeyValue::new("test.work.number", i64::try_from(number)?);
                let work = tracer.span_builder("work").with_attributes([number]);
                drop(work.start(&tracer));
            }
            Ok(json!({"spans": count}))
        }
        Wanted::Stats => {
            let stats = telemetry.queue_snapshot();
            Ok(json!({
                "queued": stats.pending(),
                "delivered": stats.delivered,
                "dropped": stats.dropped() + stats.failed,
            }))
        }
        Wanted::Records => {
            let event: SqsEvent = serde_json::from_value(payload)?;
            let response = lamplight::records::sqs(event, deliver).await;
            Ok(serde_json::to_value(response)?)
        }
    }
}

async fn deliver(message: SqsMessage) -> Result<(), OrderRejected> {
    global::tracer("function").in_span("deliver", |_| ());
    match message.body.as_deref() {
        Some("bad") => Err(OrderRejected(std::io::Error::other("subscriber is gone"))),
        _ => Ok(()),
    }
}

#[derive(Debug)]
struct OrderRejected(std::io::Error);

impl fmt::Display for OrderRejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the order was rejected")
    }
}

impl std::error::Error for OrderRejected {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}
