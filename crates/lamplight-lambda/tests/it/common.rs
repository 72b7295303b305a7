//! A function made of the two layers around a stand-in for the runtime's own stack, which
//! deserializes the event, calls the handler, catches its panics and posts the answer.

// Not every test uses everything.
#![allow(dead_code, unreachable_pub)]

use std::{
    fmt::Debug,
    panic::AssertUnwindSafe,
    path::Path,
    sync::{Arc, Mutex, OnceLock},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use lambda_runtime::{
    Context, Diagnostic, Error, FunctionResponse, IntoFunctionResponse, LambdaEvent,
    LambdaInvocation,
};
use lamplight_codegen::{Checker, CheckingExporter, Registry};
use lamplight_export::{ExporterSink, SpanQueue};
use lamplight_lambda::{Instrumentation, InstrumentationBuilder};
use lamplight_semconv as semconv;
use opentelemetry::Value;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;
use tower::{Layer, Service, ServiceExt, service_fn};

pub const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:orders";

/// A function whose spans are kept.
///
/// A test fails at its end if one of its spans does not conform to the registry in `semconv/`. Keys that
/// begin with `test.` belong to the test.
pub struct Function {
    pub exporter: InMemorySpanExporter,
    checked: CheckingExporter<InMemorySpanExporter>,
    pub provider: SdkTracerProvider,
    pub queue: SpanQueue,
    pub instrumentation: Instrumentation,
}

impl Drop for Function {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let report = self.checked.report();
        assert!(report.is_clean(), "{report}");
        // Nothing was exported that went past the check.
        assert_eq!(report.spans(), self.spans().len());
    }
}

fn checker() -> Checker {
    static CHECKER: OnceLock<Checker> = OnceLock::new();
    // The workspace's own, whichever of its crates this is compiled into.
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let folder = folders.find(|it| it.join("crates").is_dir()).unwrap();
    let load =
        || Checker::new(Registry::load(folder.join("semconv")).unwrap()).with_ignored("test");
    CHECKER.get_or_init(load).clone()
}

impl Function {
    pub fn new() -> Self {
        Self::with(|builder| builder)
    }

    pub fn with(configure: impl FnOnce(InstrumentationBuilder) -> InstrumentationBuilder) -> Self {
        let exporter = InMemorySpanExporter::default();
        let checked = CheckingExporter::new(checker(), exporter.clone());
        // Of any size: what a full queue does is tested by itself.
        let queue = SpanQueue::builder(ExporterSink::new(checked.clone()))
            .with_max_spans(100_000)
            .build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(checked.at_start())
            .with_span_processor(queue.clone())
            .build();
        let builder = Instrumentation::builder(&provider, queue.clone())
            .with_baggage_attributes([semconv::app::event::producer::APPLICATION]);
        let instrumentation = configure(builder).build();
        Self {
            exporter,
            checked,
            provider,
            queue,
            instrumentation,
        }
    }

    /// Invokes the handler once, and gives what was posted.
    pub async fn invoke<H, T, R, B, S>(&self, body: &Json, handler: H) -> Result<Json, Diagnostic>
    where
        H: Service<LambdaEvent<T>, Response = R> + Clone + 'static,
        H::Error: Into<Diagnostic> + Debug,
        T: DeserializeOwned + 'static,
        R: IntoFunctionResponse<B, S> + 'static,
        B: Serialize + 'static,
        S: 'static,
    {
        let posted = Arc::new(Mutex::new(None));
        let handler = self.instrumentation.handler_layer::<B, S>().layer(handler);
        let runtime = {
            let posted = posted.clone();
            service_fn(move |event: LambdaInvocation| {
                let (posted, handler) = (posted.clone(), handler.clone());
                async move {
                    *posted.lock().unwrap() = Some(answer(event, handler).await);
                    Ok::<_, Error>(())
                }
            })
        };
        let stack = self.instrumentation.invocation_layer().layer(runtime);
        stack.oneshot(invocation(body)).await.unwrap();
        let answer = posted.lock().unwrap().take();
        answer.unwrap()
    }

    pub fn spans(&self) -> Vec<SpanData> {
        self.exporter.get_finished_spans().unwrap()
    }

    pub fn only_span(&self) -> SpanData {
        let [span] = self.spans().try_into().unwrap();
        span
    }
}

pub fn invocation(body: &Json) -> LambdaInvocation {
    let (parts, ()) = http::Response::new(()).into_parts();
    let mut context = Context::default();
    context.request_id = "request-1".into();
    context.invoked_function_arn = ARN.into();
    let soon = SystemTime::now() + Duration::from_secs(30);
    context.deadline = soon.duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
    context.env_config = Arc::new(lambda_runtime::Config {
        function_name: "orders".into(),
        version: "7".into(),
        ..Default::default()
    });
    LambdaInvocation {
        parts,
        body: body.to_string().into(),
        context,
    }
}

/// Does the work of the runtime between the two layers.
async fn answer<H, T, B, S>(event: LambdaInvocation, mut handler: H) -> Result<Json, Diagnostic>
where
    H: Service<LambdaEvent<T>, Response = FunctionResponse<B, S>>,
    H::Error: Into<Diagnostic>,
    T: DeserializeOwned,
    B: Serialize,
{
    let payload = serde_json::from_slice(&event.body).map_err(|error| Diagnostic {
        error_type: "deserialize".into(),
        error_message: error.to_string(),
    })?;
    let event = LambdaEvent::new(payload, event.context);
    let caught = catch(AssertUnwindSafe(async { handler.call(event).await })).await;
    match caught {
        Ok(Ok(FunctionResponse::BufferedResponse(body))) => Ok(serde_json::to_value(body).unwrap()),
        Ok(Ok(FunctionResponse::StreamingResponse(_))) => Ok(Json::Null),
        Ok(Err(error)) => Err(error.into()),
        Err(_) => Err(Diagnostic {
            error_type: "panic".into(),
            error_message: String::new(),
        }),
    }
}

async fn catch<F: Future>(
    future: AssertUnwindSafe<F>,
) -> Result<F::Output, Box<dyn std::any::Any + Send>> {
    let mut future = Box::pin(future.0);
    std::future::poll_fn(move |cx| {
        match std::panic::catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Ok),
            Err(payload) => std::task::Poll::Ready(Err(payload)),
        }
    })
    .await
}

pub fn get(span: &SpanData, key: &str) -> Option<Value> {
    span.attributes
        .iter()
        .find(|kv| kv.key.as_str() == key)
        .map(|kv| kv.value.clone())
}

pub fn error_type(span: &SpanData) -> Option<String> {
    get(span, semconv::error::TYPE).map(|value| value.to_string())
}
