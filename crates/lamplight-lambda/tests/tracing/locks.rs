//! Code of the function that runs inside of a call to OpenTelemetry, and logs.

use std::{cell::Cell, error::Error as StdError, fmt, sync::mpsc, time::Duration};

use lambda_runtime::{Error, LambdaEvent};
use lamplight_export::{ExporterSink, SpanQueue};
use lamplight_lambda::{FlushPolicy, Instrumentation, Invocation};
use opentelemetry::{
    Context, KeyValue,
    trace::{Status, TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{InMemorySpanExporter, SdkTracerProvider, Span, SpanData, SpanProcessor},
};
use serde_json::{Value as Json, json};
use tower::service_fn;
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context as LayerContext, SubscriberExt},
};

use crate::{
    common::{Function, get},
    listen_everywhere,
};

/// Runs `test` on a thread of its own, with a subscriber that has the bridge and `Nosy`; a thread that
/// waits for itself is found out.
fn without_hanging(
    function: impl FnOnce() -> Function + Send + 'static,
    test: impl FnOnce(&Function) + Send + 'static,
) {
    let (done, finished) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        let function = function();
        let subscriber = Registry::default()
            .with(Nosy)
            .with(function.instrumentation.tracing_layer());
        listen_everywhere();
        let _default = tracing::subscriber::set_default(subscriber);
        test(&function);
        let _ = done.send(());
    });
    let finished = finished.recv_timeout(Duration::from_secs(60));
    assert_ne!(finished, Err(mpsc::RecvTimeoutError::Timeout), "it hangs");
    thread.join().unwrap();
}

fn invoke<F: Future<Output = ()>>(function: &Function, handler: impl Fn() -> F + Clone + 'static) {
    let handler = service_fn(move |_: LambdaEvent<Json>| {
        let handling = handler();
        async {
            handling.await;
            Ok::<_, Error>(())
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let answer = runtime
        .unwrap()
        .block_on(function.invoke(&json!({}), handler));
    answer.unwrap();
}

/// Calls every public function that code anywhere can call.
fn call_back() {
    thread_local! { static INSIDE: Cell<bool> = const { Cell::new(false) }; }
    if INSIDE.replace(true) {
        return;
    }
    let invocation = Invocation::current();
    let _ = format!("{invocation:?} {:?}", invocation.span_context());
    invocation.add("test.calls", 1);
    tracing::info!("called back");
    tracing::info_span!("called back").in_scope(|| tracing::error!(error = "x", "called back"));
    let cx = Context::current().with_value(1_u8);
    let _current = cx.attach();
    INSIDE.set(false);
}

/// As [`call_back`], where no lock of a span is held.
fn call_back_and_write() {
    call_back();
    let invocation = Invocation::current();
    invocation.set_attribute(KeyValue::new("test.late", true));
    invocation.set_attributes([KeyValue::new("test.late", true)]);
    invocation.set_status(Status::Unset);
    invocation.add_event("called back", Vec::new());
    invocation.record_error(&Talkative);
}

/// A layer that calls back at every event.
struct Nosy;

impl<S: tracing::Subscriber> Layer<S> for Nosy {
    fn on_event(&self, _: &tracing::Event<'_>, _: LayerContext<'_, S>) {
        call_back();
    }
}

/// A value that calls back when it is asked for its text.
struct Talkative;

impl fmt::Display for Talkative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        call_back();
        f.write_str("talkative")
    }
}

impl fmt::Debug for Talkative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for Talkative {}

/// Their events are fewer than a span holds.
const ROWS: usize = 20;

fn rows() -> impl Iterator<Item = KeyValue> {
    (0..ROWS as i64).map(|row| {
        tracing::info!(test.row = row, "row");
        call_back();
        KeyValue::new("test.row", row)
    })
}

#[test]
fn an_iterator_of_attributes_that_logs_holds_nothing_up() {
    without_hanging(Function::new, |function| {
        let tracer = function.provider.tracer("handler");
        invoke(function, move || {
            let tracer = tracer.clone();
            async move {
                Context::current().span().set_attributes(rows());
                tracer.in_span("own", |cx| cx.span().set_attributes(rows()));
                tracing::info_span!("of tracing").in_scope(|| {
                    Context::current().span().set_attributes(rows());
                });
                // And the lock is not thought taken for good.
                tracing::info!("afterwards");
            }
        });
        let spans = function.spans();
        let root = spans.iter().find(|span| span.name == "orders").unwrap();
        assert_eq!(get(root, "test.row"), Some(0.into()));
        let rows = root.events.iter().filter(|event| event.name == "row");
        assert_eq!(
            rows.count(),
            ROWS,
            "the invocation's span takes them all the same"
        );
        assert!(root.events.iter().any(|event| event.name == "afterwards"));
    });
}

#[test]
fn a_text_that_logs_holds_nothing_up() {
    for policy in [
        FlushPolicy::AfterResponse,
        FlushPolicy::Adaptive,
        FlushPolicy::BeforeResponse,
        FlushPolicy::Manual,
    ] {
        let function = move || Function::with(|builder| builder.with_flush_policy(policy));
        without_hanging(function, |function| {
            invoke(function, || async {
                let error: &(dyn StdError + 'static) = &Talkative;
                tracing::error!(error, test.text = %Talkative, "{Talkative}");
                tracing::info!(test.text = ?Talkative);
                Context::current().span().record_error(&Talkative);
                call_back_and_write();
                tracing::info_span!("of tracing", test.text = %Talkative).in_scope(|| {
                    tracing::error!(error, test.text = %Talkative, "{Talkative}");
                    Context::current().span().record_error(&Talkative);
                });
            });
        });
    }
}

#[test]
fn a_text_that_panics_is_the_loggers_affair_and_not_ours() {
    struct Bad;
    impl fmt::Display for Bad {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("no text")
        }
    }
    without_hanging(Function::new, |function| {
        invoke(function, || async {
            tracing::info!(test.rows = 3, test.text = %Bad, "loaded");
        });
        let span = function.only_span();
        let loaded = span.events.iter().find(|event| event.name == "loaded");
        let rows = KeyValue::new("test.rows", 3);
        assert!(loaded.unwrap().attributes.contains(&rows));
    });
}

/// A processor that logs when a span ends.
#[derive(Debug)]
struct Chatty;

impl SpanProcessor for Chatty {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, _: SpanData) {
        tracing::warn!("a span has ended");
        call_back();
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

#[test]
fn a_processor_that_logs_holds_nothing_up() {
    let (done, finished) = mpsc::channel();
    std::thread::spawn(move || {
        let queue = SpanQueue::new(ExporterSink::new(InMemorySpanExporter::default()));
        let provider = SdkTracerProvider::builder()
            .with_span_processor(Chatty)
            .with_span_processor(queue.clone())
            .build();
        let instrumentation = Instrumentation::builder(&provider, queue).build();
        let subscriber = Registry::default().with(instrumentation.tracing_layer());
        listen_everywhere();
        let _default = tracing::subscriber::set_default(subscriber);
        let tracer = provider.tracer("handler");
        tracer.in_span("own", |cx| cx.span().end());
        tracing::info_span!("of tracing").in_scope(|| Context::current().span().end());
        let _ = done.send(());
    });
    assert_eq!(finished.recv_timeout(Duration::from_secs(60)), Ok(()));
}
