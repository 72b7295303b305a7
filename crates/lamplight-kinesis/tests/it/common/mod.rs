//! A Kinesis in the test's own process, which enforces its limits.

// Tests fail by panicking, and not every test uses everything.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    dead_code,
    unreachable_pub
)]

pub mod stub;

use std::{
    collections::HashSet,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use aws_sdk_kinesis::{
    Client,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
    types::ShardIteratorType,
};
use aws_types::SdkConfig;
use ferrokinesis::store::StoreOptions;
use lamplight_codegen::{Checker, Registry};
use lamplight_export::SpanQueue;
use lamplight_kinesis::KinesisExporter;
use opentelemetry::{
    KeyValue,
    trace::{Span, Tracer, TracerProvider},
};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SdkTracerProvider, SpanData, SpanExporter},
};
use prost::Message;

/// Goes by the registry in `semconv/`. Keys that begin with `test.` are the test's own.
static CHECKER: LazyLock<Checker> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../semconv");
    Checker::new(Registry::load(folder).unwrap()).with_ignored("test")
});

/// A Kinesis on a free port of this machine, gone with the test's runtime.
pub struct Kinesis {
    pub client: Client,
    pub config: SdkConfig,
}

impl Kinesis {
    pub async fn start() -> Self {
        Self::start_behind(|app| app).await
    }

    /// `before` puts something between the network and Kinesis.
    pub async fn start_behind(before: impl FnOnce(axum::Router) -> axum::Router) -> Self {
        let options = StoreOptions {
            create_stream_ms: 0,
            enforce_limits: true,
            ..Default::default()
        };
        let (app, _store) = ferrokinesis::create_app(options);
        let app = before(app.layer(axum::extract::DefaultBodyLimit::max(32 << 20)));
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

    pub async fn with_stream(name: &str) -> Self {
        let kinesis = Self::start().await;
        kinesis.create(name).await;
        kinesis
    }

    pub async fn create(&self, name: &str) {
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

    /// Returns the ids of all spans in the stream, which must conform to the registry, and the number of
    /// spans including repetitions.
    pub async fn spans(&self, stream: &str) -> (HashSet<Vec<u8>>, usize) {
        let (mut ids, mut count) = (HashSet::new(), 0);
        for record in self.records(stream).await {
            let report = CHECKER.check_otlp(&record).unwrap();
            assert!(report.is_clean(), "{report}");
            let request = ExportTraceServiceRequest::decode(record.as_slice()).unwrap();
            let scopes = request
                .resource_spans
                .into_iter()
                .flat_map(|r| r.scope_spans);
            for span in scopes.flat_map(|scope| scope.spans) {
                count += 1;
                ids.insert(span.span_id);
            }
        }
        (ids, count)
    }

    /// The data of all records in the stream.
    pub async fn records(&self, stream: &str) -> Vec<Vec<u8>> {
        let list = self.client.list_shards().stream_name(stream);
        let shards = list.send().await.unwrap();
        let shard = shards.shards()[0].shard_id();
        let mut iterator = self.first_iterator(stream, shard).await;
        let mut records = Vec::new();
        loop {
            let get = self.client.get_records().set_shard_iterator(iterator);
            let Ok(page) = get.send().await else {
                // Reads are limited too: five calls a second and shard.
                tokio::time::sleep(Duration::from_millis(250)).await;
                iterator = self.first_iterator(stream, shard).await;
                records.clear();
                continue;
            };
            if page.records().is_empty() {
                return records;
            }
            let data = page.records().iter().map(|r| r.data().as_ref().to_vec());
            records.extend(data);
            iterator = page.next_shard_iterator;
        }
    }

    async fn first_iterator(&self, stream: &str, shard: &str) -> Option<String> {
        let request = self
            .client
            .get_shard_iterator()
            .stream_name(stream)
            .shard_id(shard)
            .shard_iterator_type(ShardIteratorType::TrimHorizon);
        request.send().await.unwrap().shard_iterator
    }

    pub fn exporter(&self, stream: &str) -> KinesisExporter {
        KinesisExporter::builder(stream)
            .with_sdk_config(&self.config)
            .with_timeout(Duration::from_secs(20))
            .build()
    }
}

pub fn config(endpoint: &str) -> SdkConfig {
    lamplight_aws_config::sdk_config()
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

pub fn provider(queue: &SpanQueue) -> SdkTracerProvider {
    SdkTracerProvider::builder()
        .with_span_processor(queue.clone())
        .build()
}

pub fn end_spans(provider: &SdkTracerProvider, count: usize, payload: usize) {
    let tracer = provider.tracer("test");
    for _ in 0..count {
        let mut span = tracer.start("work");
        span.set_attribute(KeyValue::new("test.payload", "p".repeat(payload)));
        span.end();
    }
}

/// Ended spans with these names.
pub fn spans<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<SpanData> {
    let kept = Kept::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(kept.clone())
        .build();
    for name in names {
        provider.tracer("test").start(name.to_owned()).end();
    }
    std::mem::take(&mut *kept.0.lock().unwrap())
}

#[derive(Clone, Debug, Default)]
struct Kept(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Kept {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(batch);
        Ok(())
    }
}
