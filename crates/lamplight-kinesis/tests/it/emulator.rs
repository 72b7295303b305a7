//! The exporter with a Kinesis that enforces its limits: it throttles shards, rejects single records, and has
//! a list of existing streams.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{extract::Request, middleware::Next};
use lamplight_export::SpanQueue;
use lamplight_kinesis::KinesisExporter;
use opentelemetry::trace::{Tracer, TracerProvider};
use opentelemetry_sdk::trace::{BatchSpanProcessor, SdkTracerProvider};
use tokio::io::AsyncReadExt;

use crate::common::{Kinesis, config, end_spans, provider};

/// The calls that reach Kinesis, by the names that the permissions have.
type Calls = Arc<Mutex<Vec<String>>>;

async fn kinesis_that_notes_calls() -> (Kinesis, Calls) {
    let calls = Calls::default();
    let noted = calls.clone();
    let note = axum::middleware::from_fn(move |request: Request, next: Next| {
        let target = request.headers().get("x-amz-target").cloned();
        let name = target.map(|target| target.to_str().unwrap().to_owned());
        noted.lock().unwrap().push(name.unwrap_or_default());
        next.run(request)
    });
    let kinesis = Kinesis::start_behind(|app| app.layer(note)).await;
    kinesis.create("telemetry").await;
    calls.lock().unwrap().clear();
    (kinesis, calls)
}

#[tokio::test]
async fn the_only_permission_needed_is_to_put_records() {
    let (kinesis, calls) = kinesis_that_notes_calls().await;
    let exporter = kinesis.exporter("telemetry");
    exporter.warm_up().await;
    let queue = SpanQueue::new(exporter);
    let provider = provider(&queue);
    for _ in 0..3 {
        end_spans(&provider, 3, 10);
        queue.flush().await;
    }
    assert_eq!(queue.snapshot().delivered, 9);
    let calls = calls.lock().unwrap().clone();
    assert_eq!(
        calls, ["Kinesis_20131202.PutRecords"; 4],
        "one of them warmed up"
    );
}

#[tokio::test]
async fn a_stream_is_named_by_its_arn_too() {
    let kinesis = Kinesis::with_stream("telemetry").await;
    let summary = kinesis
        .client
        .describe_stream_summary()
        .stream_name("telemetry");
    let summary = summary.send().await.unwrap();
    let arn = summary.stream_description_summary().unwrap().stream_arn();
    let queue = SpanQueue::new(kinesis.exporter(arn));
    end_spans(&provider(&queue), 2, 10);
    queue.flush().await;
    assert_eq!(kinesis.spans("telemetry").await.0.len(), 2);
}

#[tokio::test]
async fn a_given_client_is_used_as_it_is() {
    let kinesis = Kinesis::with_stream("telemetry").await;
    let exporter = KinesisExporter::builder("telemetry")
        .with_client(kinesis.client.clone())
        .build();
    let queue = SpanQueue::new(exporter);
    end_spans(&provider(&queue), 2, 10);
    queue.flush().await;
    assert_eq!(kinesis.spans("telemetry").await.0.len(), 2);
}

#[tokio::test]
async fn spans_arrive_as_plain_otlp() {
    let kinesis = Kinesis::with_stream("telemetry").await;
    let queue = SpanQueue::new(kinesis.exporter("telemetry"));
    end_spans(&provider(&queue), 20, 10);
    queue.flush().await;
    let (ids, count) = kinesis.spans("telemetry").await;
    assert_eq!((ids.len(), count), (20, 20));
    assert_eq!(queue.snapshot().delivered, 20);
}

#[tokio::test]
async fn a_throttled_shard_delays_spans_and_loses_none() {
    let kinesis = Kinesis::with_stream("telemetry").await;
    let queue = SpanQueue::builder(kinesis.exporter("telemetry"))
        .with_max_spans(10_000)
        .build();
    // A shard takes 1,000 records a second and each trace is a record.
    end_spans(&provider(&queue), 3_000, 10);
    let mut windows = 0;
    while queue.snapshot().pending() > 0 {
        queue.flush().await;
        windows += 1;
        assert!(windows < 200, "spans do not drain: {:?}", queue.snapshot());
    }
    let (ids, _) = kinesis.spans("telemetry").await;
    assert_eq!(ids.len(), 3_000);
    assert_eq!(queue.snapshot().dropped(), 0);
}

#[tokio::test]
async fn large_batches_are_split_below_the_limits() {
    let kinesis = Kinesis::with_stream("telemetry").await;
    let queue = SpanQueue::builder(kinesis.exporter("telemetry"))
        .with_max_bytes(64 << 20)
        .build();
    // 8 traces of 100 KB are within one second of a shard; one trace of 1.5 MB is over one record.
    let provider = provider(&queue);
    provider
        .tracer("test")
        .in_span("parent", |_| end_spans(&provider, 15, 60_000));
    let mut windows = 0;
    while queue.snapshot().pending() > 0 {
        queue.flush().await;
        windows += 1;
        assert!(windows < 200, "spans do not drain: {:?}", queue.snapshot());
    }
    let (ids, _) = kinesis.spans("telemetry").await;
    assert_eq!(ids.len(), 16);
}

#[tokio::test]
async fn a_missing_stream_keeps_the_spans_until_it_exists() {
    let kinesis = Kinesis::start().await;
    let queue = SpanQueue::new(kinesis.exporter("later"));
    end_spans(&provider(&queue), 3, 10);
    queue.flush().await;
    assert_eq!(
        (queue.snapshot().pending(), queue.snapshot().dropped()),
        (3, 0)
    );

    kinesis.create("later").await;
    queue.flush().await;
    assert_eq!(kinesis.spans("later").await.0.len(), 3);
}

#[tokio::test]
async fn an_unreachable_endpoint_keeps_the_spans_and_ends_in_bounded_time() {
    // Bound and dropped, so there is no listener.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let exporter = KinesisExporter::builder("telemetry")
        .with_sdk_config(&config(&format!("http://127.0.0.1:{port}")))
        .with_max_attempts(2)
        .build();
    let queue = SpanQueue::new(exporter);
    end_spans(&provider(&queue), 3, 10);
    tokio::time::timeout(Duration::from_secs(30), queue.flush())
        .await
        .unwrap();
    assert_eq!(
        (queue.snapshot().pending(), queue.snapshot().dropped()),
        (3, 0)
    );
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up_after_the_timeout() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let exporter = KinesisExporter::builder("telemetry")
        .with_sdk_config(&config(&format!("http://{address}")))
        .with_timeout(Duration::from_millis(50))
        .with_max_attempts(2)
        .build();
    let queue = SpanQueue::new(exporter);
    end_spans(&provider(&queue), 1, 10);
    tokio::time::timeout(Duration::from_secs(30), queue.flush())
        .await
        .unwrap();
    assert_eq!(queue.snapshot().pending(), 1);
}

/// The flavour matters: on a `current_thread` runtime an exporter that needs the caller's reactor
/// would wait for a thread that waits for it.
#[tokio::test(flavor = "current_thread")]
async fn works_under_the_batch_processor_of_the_sdk() {
    let kinesis = {
        // The emulator gets a thread of its own, since this test blocks its runtime on purpose.
        let (send, receive) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                send.send(Kinesis::with_stream("telemetry").await).unwrap();
                std::future::pending::<()>().await;
            });
        });
        receive.recv().unwrap()
    };
    let processor = BatchSpanProcessor::builder(kinesis.exporter("telemetry")).build();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(processor)
        .build();
    end_spans(&provider, 5, 10);
    provider.force_flush().unwrap();
    assert_eq!(kinesis.spans("telemetry").await.0.len(), 5);
}

/// Passes connections on to `upstream` and counts them.
async fn counting_proxy(upstream: String, count: Arc<AtomicUsize>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            count.fetch_add(1, Ordering::SeqCst);
            let mut server = tokio::net::TcpStream::connect(&upstream).await.unwrap();
            tokio::spawn(async move {
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    format!("http://{address}")
}

#[tokio::test]
async fn the_first_flush_uses_the_connection_that_warming_up_opened() {
    let kinesis = Kinesis::with_stream("telemetry").await;
    let connections = Arc::new(AtomicUsize::new(0));
    let upstream = kinesis
        .config
        .endpoint_url()
        .unwrap()
        .replace("http://", "");
    let endpoint = counting_proxy(upstream, connections.clone()).await;
    let exporter = KinesisExporter::builder("telemetry")
        // A client of its own: the one of `sdk_config` is shared by the whole process.
        .with_sdk_config(&config(&endpoint))
        .with_timeout(Duration::from_secs(20))
        .build();
    exporter.warm_up().await;
    assert_eq!(connections.load(Ordering::SeqCst), 1);

    let queue = SpanQueue::new(exporter);
    end_spans(&provider(&queue), 1, 10);
    queue.flush().await;
    assert_eq!(connections.load(Ordering::SeqCst), 1);
    assert_eq!(
        kinesis.spans("telemetry").await.1,
        1,
        "and warming up wrote nothing"
    );
}

#[tokio::test]
async fn the_region_of_an_arn_wins() {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut socket, _) = server.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.windows(4).any(|end| end == b"\r\n\r\n") {
            assert_ne!(socket.read_buf(&mut head).await.unwrap(), 0);
        }
        sender
            .send(String::from_utf8_lossy(&head).into_owned())
            .unwrap();
    });
    let exporter =
        KinesisExporter::builder("arn:aws:kinesis:us-west-2:123456789012:stream/telemetry")
            .with_sdk_config(&config(&format!("http://{address}")))
            .with_max_attempts(1)
            .build();
    let queue = SpanQueue::new(exporter);
    end_spans(&provider(&queue), 1, 10);
    queue.flush().await;
    let head = receiver.recv().await.unwrap();
    assert!(head.contains("/us-west-2/kinesis/aws4_request"), "{head}");
}
