//! The process that `real` starts.

use std::{
    cell::Cell,
    fmt::Debug,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures_core::Stream;
use lambda_runtime::{
    Diagnostic, Error, FunctionResponse, IntoFunctionResponse, LambdaEvent, MetadataPrelude,
    Runtime, StreamResponse,
};
use lamplight_export::{Delivery, DeliveryFuture, SpanQueue, SpanSink};
use lamplight_lambda::{Instrumentation, Invocation, OpenSpanProcessor};
use opentelemetry::{
    KeyValue,
    trace::{Tracer, TracerProvider},
};
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData};
use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};
use tokio::runtime::Builder;
use tower::{Layer, Service, service_fn};

use super::real::SPAN;
use crate::common::{error_type, get};

/// The deadline margin: long enough for a delivery on a busy machine.
pub(crate) const MARGIN: Duration = Duration::from_secs(2);

/// Runs the function named by the environment, until it is killed.
#[test]
#[ignore = "it is a program that other tests start"]
fn function() {
    let variable = |name| std::env::var(name).unwrap_or_default();
    let mut builder = match variable("FLAVOR").as_str() {
        "multi_thread" => Builder::new_multi_thread(),
        _ => Builder::new_current_thread(),
    };
    let builder = match variable("FLAVOR").as_str() {
        "timeless" => builder.enable_io(),
        _ => builder.enable_all(),
    };
    let name = variable("FUNCTION");
    let runtime = builder.worker_threads(2).build().unwrap();
    let result = runtime.block_on(run(&name));
    eprintln!("the runtime has ended: {result:?}");
}

async fn run(name: &str) -> Result<(), Error> {
    match name {
        "once" => serve(service_fn(async |_: Event| Ok::<_, Error>(Once::default()))).await,
        "unserializable" => {
            serve(service_fn(async |_: Event| Ok::<_, Error>(Unserializable))).await
        }
        "stream" => serve(service_fn(async |event: Event| streamed(&event).await)).await,
        "block" => {
            let handler = service_fn(async |event: Event| {
                let blocked = event.payload["blocked"].as_u64().unwrap_or(0);
                std::thread::sleep(Duration::from_millis(blocked));
                Invocation::current().set_attribute(KeyValue::new("test.late", true));
                Ok::<_, Error>(event.payload)
            });
            serve(handler).await
        }
        "await" => {
            let handler = service_fn(async |event: Event| {
                tokio::task::yield_now().await;
                Ok::<_, Error>(event.payload)
            });
            serve(handler).await
        }
        "lost" => {
            tracing_subscriber::fmt()
                .with_max_level(tracing::Level::DEBUG)
                .with_writer(std::io::stderr)
                .init();
            let handler = service_fn(async |event: Event| {
                let lost = || Invocation::current().add("test.lost", 1);
                tokio::spawn(async move { lost() }).await?;
                tokio::task::spawn_blocking(lost).await?;
                Ok::<_, Error>(event.payload)
            });
            serve(handler).await
        }
        "never" => {
            let handler = service_fn(async |_: Event| {
                std::future::pending::<()>().await;
                Ok::<_, Error>(Json::Null)
            });
            serve(handler).await
        }
        _ => Err(format!("there is no function {name}").into()),
    }
}

type Event = LambdaEvent<Json>;

/// Runs the handler, with the layers unless the policy is `bare`.
async fn serve<H, R, B, S, D, E>(handler: H) -> Result<(), Error>
where
    H: Service<Event, Response = R>,
    H::Future: Future<Output = Result<R, H::Error>>,
    H::Error: Into<Diagnostic> + Debug + 'static,
    R: IntoFunctionResponse<B, S>,
    B: Serialize,
    S: Stream<Item = Result<D, E>> + Unpin + Send + 'static,
    D: Into<bytes::Bytes> + Send,
    E: Into<Error> + Send + Debug,
{
    let policy = std::env::var("POLICY").unwrap_or_default();
    if policy == "bare" {
        return Runtime::new(handler).run().await;
    }
    let queue = SpanQueue::new(Printing::default());
    let provider = SdkTracerProvider::builder()
        .with_span_processor(OpenSpanProcessor::new(queue.clone()))
        .build();
    opentelemetry::global::set_tracer_provider(provider.clone());
    let instrumentation = Instrumentation::builder(&provider, queue)
        .with_flush_policy(policy.parse().unwrap_or_default())
        .with_deadline_margin(MARGIN)
        .build();
    Runtime::new(instrumentation.handler_layer().layer(handler))
        .layer(instrumentation.invocation_layer())
        .run()
        .await
}

/// Prints spans from a task of the runtime it was used on first, as an HTTP client drives its
/// connections, until it is to let go of it.
#[derive(Debug, Default)]
struct Printing {
    connection: std::sync::Mutex<Option<Connection>>,
}

type Connection =
    tokio::sync::mpsc::UnboundedSender<(Vec<SpanData>, tokio::sync::oneshot::Sender<()>)>;

impl SpanSink for Printing {
    fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
        Box::pin(async move {
            let connection = self
                .connection
                .lock()
                .unwrap()
                .get_or_insert_with(connect)
                .clone();
            let count = batch.len();
            let (answer, answered) = tokio::sync::oneshot::channel();
            let _ = connection.send((batch, answer));
            match answered.await {
                Ok(()) => Delivery::all(count),
                Err(_) => Delivery::failed(count).with_unreachable(),
            }
        })
    }

    fn disconnect(&self) {
        *self.connection.lock().unwrap() = None;
    }
}

fn connect() -> Connection {
    let (connection, mut batches) = tokio::sync::mpsc::unbounded_channel::<(Vec<SpanData>, _)>();
    tokio::spawn(async move {
        while let Some((batch, answer)) = batches.recv().await {
            for span in batch {
                println!("{SPAN}{}", described(&span));
            }
            let _ = tokio::sync::oneshot::Sender::send(answer, ());
        }
    });
    connection
}

fn described(span: &SpanData) -> Json {
    let text = |key: &str| get(span, key).map(|value| value.to_string());
    let events: Vec<Json> = span
        .events
        .iter()
        .map(|event| {
            let attributes = event.attributes.iter();
            let attributes = attributes.map(|kv| (kv.key.to_string(), kv.value.to_string().into()));
            json!({"name": event.name, "attributes": attributes.collect::<serde_json::Map<_, _>>()})
        })
        .collect();
    json!({
        "name": span.name,
        "trace": span.span_context.trace_id().to_string(),
        "id": span.span_context.span_id().to_string(),
        "parent": span.parent_span_id.to_string(),
        "status": format!("{:?}", span.status),
        "error.type": error_type(span),
        "http.response.status_code": text("http.response.status_code"),
        "lamplight.batch.failed_count": text("lamplight.batch.failed_count"),
        "test.late": text("test.late"),
        "test.chunks": text("test.chunks"),
        "events": events,
    })
}

/// An iterator as a list: it can be serialized once.
pub(crate) struct Once<I>(Cell<Option<I>>);

impl Default for Once<std::ops::Range<u8>> {
    fn default() -> Self {
        Self(Cell::new(Some(1..4)))
    }
}

impl<I: Iterator<Item: Serialize>> Serialize for Once<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.take().into_iter().flatten())
    }
}

struct Unserializable;

impl Serialize for Unserializable {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("cannot be written"))
    }
}

/// Returns a response of three chunks; the event determines the second one.
async fn streamed(event: &Event) -> Result<StreamResponse<Chunks>, Error> {
    let second = event.payload["second"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    Ok(StreamResponse {
        metadata_prelude: MetadataPrelude::default(),
        stream: Chunks {
            number: 0,
            second,
            tracer: opentelemetry::global::tracer_provider(),
        },
    })
}

struct Chunks {
    number: u8,
    second: String,
    tracer: opentelemetry::global::GlobalTracerProvider,
}

#[derive(Debug)]
struct Broken;

impl From<Broken> for Error {
    fn from(_: Broken) -> Self {
        "the disk is full".into()
    }
}

impl Stream for Chunks {
    type Item = Result<String, Broken>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.number += 1;
        let number = self.number;
        self.tracer.tracer("handler").in_span("chunk", |_| ());
        Invocation::current().add("test.chunks", 1);
        match (number, self.second.as_str()) {
            (2, "error") => Poll::Ready(Some(Err(Broken))),
            (2, "panic") => panic!("no second chunk"),
            (2, "later") => {
                // Of a task that comes later, in another poll.
                task.waker().wake_by_ref();
                Poll::Pending
            }
            (4.., _) => Poll::Ready(None),
            _ => Poll::Ready(Some(Ok(format!("chunk {number};")))),
        }
    }
}

/// Returns a bare runtime's handling of a response, or its error.
pub(crate) fn bare<B: Serialize, S>(response: FunctionResponse<B, S>) -> Result<Vec<u8>, String> {
    match response {
        FunctionResponse::BufferedResponse(body) => {
            serde_json::to_vec(&body).map_err(|error| format!("{error} {error:?}"))
        }
        FunctionResponse::StreamingResponse(_) => Err("it is a stream".to_owned()),
    }
}
