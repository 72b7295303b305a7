//! The exporter against a Kinesis that enforces its limits: it throttles shards, refuses single
//! records, and knows which streams exist.

// A test says what is wrong by panicking.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::config::retry::RetryConfig;
use aws_sdk_kinesis::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_kinesis::types::ShardIteratorType;
use aws_types::SdkConfig;
use ferrokinesis::store::StoreOptions;
use lamplight_export::SpanQueue;
use lamplight_kinesis::KinesisExporter;
use opentelemetry::KeyValue;
use opentelemetry::trace::{Span, Tracer, TracerProvider};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SdkTracerProvider};
use prost::Message;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::AsyncReadExt;

/// A Kinesis on a free port of this machine, gone with the test's runtime.
struct Kinesis {
    client: Client,
    config: SdkConfig,
}

impl Kinesis {
    async fn start() -> Self {
        let options = StoreOptions {
            create_stream_ms: 0,
            enforce_limits: true,
            ..Default::default()
        };
        let (app, _store) = ferrokinesis::create_app(options);
        let app = app.layer(axum::extract::DefaultBodyLimit::max(32 << 20));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(ferrokinesis::serve_plain_http(
            listener,
            app,
            std::future::pending(),
        ));
        let config = config(&format!("http://{address}"));
        Self {
            client: Client::new(&config),
            config,
        }
    }

    async fn with_stream(name: &str) -> Self {
        let kinesis = Self::start().await;
        kinesis.create(name).await;
        kinesis
    }

    async fn create(&self, name: &str) {
        self.client
            .create_stream()
            .stream_name(name)
            .shard_count(1)
            .send()
            .await
            .unwrap();
        loop {
            let stream = self
                .client
                .describe_stream_summary()
                .stream_name(name)
                .send()
                .await
                .unwrap();
            let summary = stream.stream_description_summary().unwrap();
            if summary.stream_status().as_str() == "ACTIVE" {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The ids of all spans in the stream, and how many spans there are, repeats included.
    async fn spans(&self, stream: &str) -> (HashSet<Vec<u8>>, usize) {
        let shards = self
            .client
            .list_shards()
            .stream_name(stream)
            .send()
            .await
            .unwrap();
        let shard = shards.shards()[0].shard_id();
        let from_start = self
            .client
            .get_shard_iterator()
            .stream_name(stream)
            .shard_id(shard)
            .shard_iterator_type(ShardIteratorType::TrimHorizon);
        let mut iterator = from_start.send().await.unwrap().shard_iterator;
        let (mut ids, mut count) = (HashSet::new(), 0);
        loop {
            let page = self
                .client
                .get_records()
                .set_shard_iterator(iterator)
                .send()
                .await;
            let Ok(page) = page else {
                // Reads are limited too: five calls a second and shard.
                tokio::time::sleep(Duration::from_millis(250)).await;
                let resumed = from_start_again(&self.client, stream, shard).await;
                (iterator, ids, count) = (resumed, HashSet::new(), 0);
                continue;
            };
            if page.records().is_empty() {
                return (ids, count);
            }
            for record in page.records() {
                let request = ExportTraceServiceRequest::decode(record.data().as_ref()).unwrap();
                for scope in request
                    .resource_spans
                    .into_iter()
                    .flat_map(|r| r.scope_spans)
                {
                    for span in scope.spans {
                        count += 1;
                        ids.insert(span.span_id);
                    }
                }
            }
            iterator = page.next_shard_iterator;
        }
    }

    fn exporter(&self, stream: &str) -> KinesisExporter {
        KinesisExporter::builder(stream)
            .with_sdk_config(&self.config)
            .with_timeout(Duration::from_secs(20))
            .build()
    }
}

async fn from_start_again(client: &Client, stream: &str, shard: &str) -> Option<String> {
    let request = client
        .get_shard_iterator()
        .stream_name(stream)
        .shard_id(shard)
        .shard_iterator_type(ShardIteratorType::TrimHorizon);
    request.send().await.unwrap().shard_iterator
}

fn config(endpoint: &str) -> SdkConfig {
    lamplight_aws_sdk::sdk_config()
        .into_builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(aws_sdk_kinesis::config::SharedCredentialsProvider::new(
            Credentials::new("test", "test", None, None, "test"),
        ))
        .retry_config(RetryConfig::standard())
        .endpoint_url(endpoint)
        .build()
}

fn provider(queue: &SpanQueue) -> SdkTracerProvider {
    SdkTracerProvider::builder()
        .with_span_processor(queue.clone())
        .build()
}

fn end_spans(provider: &SdkTracerProvider, count: usize, payload: usize) {
    let tracer = provider.tracer("test");
    for _ in 0..count {
        let mut span = tracer.start("work");
        span.set_attribute(KeyValue::new("payload", "p".repeat(payload)));
        span.end();
    }
}

#[tokio::test]
async fn spans_arrive_as_plain_otlp() {
    let kinesis = Kinesis::with_stream("telemetry").await;
    let queue = SpanQueue::new(kinesis.exporter("telemetry"));
    end_spans(&provider(&queue), 20, 10);
    queue.flush().await;
    let (ids, count) = kinesis.spans("telemetry").await;
    assert_eq!((ids.len(), count), (20, 20));
    assert_eq!(queue.stats().delivered, 20);
}

#[tokio::test]
async fn a_throttled_shard_delays_spans_and_loses_none() {
    let kinesis = Kinesis::with_stream("telemetry").await;
    let queue = SpanQueue::new(kinesis.exporter("telemetry")).with_max_spans(10_000);
    // A shard takes 1,000 records a second and each trace is a record.
    end_spans(&provider(&queue), 3_000, 10);
    let mut windows = 0;
    while queue.stats().queued > 0 {
        queue.flush().await;
        windows += 1;
        assert!(windows < 200, "spans do not drain: {:?}", queue.stats());
    }
    let (ids, _) = kinesis.spans("telemetry").await;
    assert_eq!(ids.len(), 3_000);
    assert_eq!(queue.stats().dropped, 0);
}

#[tokio::test]
async fn large_batches_are_split_below_the_limits() {
    let kinesis = Kinesis::with_stream("telemetry").await;
    let queue = SpanQueue::new(kinesis.exporter("telemetry")).with_max_bytes(64 << 20);
    // 8 traces of 100 KB are within one second of a shard; one trace of 1.5 MB is over one record.
    let provider = provider(&queue);
    provider
        .tracer("test")
        .in_span("parent", |_| end_spans(&provider, 15, 60_000));
    let mut windows = 0;
    while queue.stats().queued > 0 {
        queue.flush().await;
        windows += 1;
        assert!(windows < 200, "spans do not drain: {:?}", queue.stats());
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
    assert_eq!((queue.stats().queued, queue.stats().dropped), (3, 0));

    kinesis.create("later").await;
    queue.flush().await;
    assert_eq!(kinesis.spans("later").await.0.len(), 3);
}

#[tokio::test]
async fn an_unreachable_endpoint_keeps_the_spans_and_ends_in_bounded_time() {
    // Bound and dropped: nobody listens there.
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
    assert_eq!((queue.stats().queued, queue.stats().dropped), (3, 0));
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
    assert_eq!(queue.stats().queued, 1);
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
