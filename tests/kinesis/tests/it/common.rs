//! A reader of a simulated Kinesis in this process.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::{
    client::{
        behavior_version::BehaviorVersion,
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use aws_types::{SdkConfig, region::Region};
use lamplight_relay::{
    record::{SequenceNumber, ShardId, StreamTime},
    source::{
        CheckpointStore, Happened, KinesisStream, Position, Reader, ReaderBuilder, ShardEvent,
        WallClock,
        store::{Save, StoreError},
    },
};
use lamplight_test_kinesis::Kinesis;
use tokio::time::timeout;

pub(crate) const STREAM: &str = "telemetry";
/// Maximum wait for an expected event, by the paused clock.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// Passes requests of the SDK to a Kinesis without a socket.
#[derive(Debug, Clone)]
struct Direct(Kinesis);

impl HttpConnector for Direct {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let kinesis = self.0.clone();
        HttpConnectorFuture::new(async move {
            let target = request.headers().get("x-amz-target").unwrap_or_default();
            let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
            let body = request.body().bytes().unwrap_or_default();
            let input = serde_json::from_slice(body).unwrap_or_default();
            let Some(answer) = kinesis.call(&operation, &input).await else {
                return Err(ConnectorError::io("the connection broke".into()));
            };
            let status = StatusCode::try_from(answer.status).unwrap();
            let body = SdkBody::from(answer.bytes().to_vec());
            let mut response = HttpResponse::new(status, body);
            response
                .headers_mut()
                .insert("content-type", answer.content_type());
            Ok(response)
        })
    }
}

impl HttpClient for Direct {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

pub(crate) fn kinesis(shards: usize) -> Kinesis {
    let kinesis = Kinesis::new();
    kinesis.create_stream(STREAM, shards);
    kinesis
}

pub(crate) fn stream(kinesis: &Kinesis) -> Arc<KinesisStream> {
    Arc::new(polled(kinesis))
}

/// A stream with enhanced fan-out.
pub(crate) fn pushed(kinesis: &Kinesis) -> Arc<KinesisStream> {
    let consumer = "arn:aws:kinesis:us-east-1:000000000000:stream/telemetry/consumer/relay:1";
    Arc::new(polled(kinesis).fan_out(consumer))
}

fn polled(kinesis: &Kinesis) -> KinesisStream {
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "test", "test", None, None, "test",
        )))
        .sleep_impl(TokioSleep::new())
        .http_client(Direct(kinesis.clone()))
        .build();
    KinesisStream::with_config(STREAM, &config)
}

/// A reader of the stream with its checkpoints in `store`.
pub(crate) fn builder(
    kinesis: &Kinesis,
    store: &(impl CheckpointStore + Clone + 'static),
) -> ReaderBuilder {
    let clock = kinesis.clock().clone();
    Reader::builder(Arc::new(store.clone()))
        .stream(stream(kinesis))
        .clock(WallClock::new(move || StreamTime::from_millis(clock.now())))
}

pub(crate) fn shard(number: usize) -> ShardId {
    ShardId::new(&format!("{STREAM}/shardId-{number:012}"))
}

/// The events of a reader, in order.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) events: Vec<ShardEvent>,
    /// The data of the records of each shard.
    pub(crate) data: BTreeMap<ShardId, Vec<Vec<u8>>>,
    last: BTreeMap<ShardId, SequenceNumber>,
}

impl Seen {
    /// Handles events until `enough` returns true.
    pub(crate) async fn until(&mut self, reader: &mut Reader, enough: impl Fn(&Self) -> bool) {
        let taken = timeout(PATIENCE, async {
            while !enough(self) {
                let event = reader.next().await.expect("the reader goes on");
                self.take(event);
            }
        });
        if taken.await.is_err() {
            panic!("not enough: {:?}", self.lines());
        }
    }

    /// Handles all events of a reader that ends.
    pub(crate) async fn all(&mut self, reader: &mut Reader) {
        let taken = timeout(PATIENCE, async {
            while let Some(event) = reader.next().await {
                self.take(event);
            }
        });
        if taken.await.is_err() {
            panic!("the reader does not end: {:?}", self.lines());
        }
    }

    fn take(&mut self, event: ShardEvent) {
        if let Happened::Records { records, .. } = &event.what {
            for record in records {
                self.last
                    .insert(event.shard.clone(), record.sequence.clone());
                let data = self.data.entry(event.shard.clone()).or_default();
                data.push(record.data.to_vec());
            }
        }
        self.events.push(event);
    }

    /// The data of all records, sorted.
    pub(crate) fn sorted(&self) -> Vec<Vec<u8>> {
        let mut all: Vec<_> = self.data.values().flatten().cloned().collect();
        all.sort();
        all
    }

    pub(crate) fn count(&self) -> usize {
        self.data.values().map(Vec::len).sum()
    }

    /// The events, one line each, without empty responses.
    pub(crate) fn lines(&self) -> Vec<String> {
        let lines = self.events.iter().filter_map(|event| {
            let id = event
                .shard
                .as_str()
                .trim_start_matches("telemetry/shardId-00000000");
            match &event.what {
                Happened::Records { records, .. } if records.is_empty() => None,
                Happened::Records { records, .. } => Some(format!("{id} {}", records.len())),
                Happened::Opened { position, .. } => Some(format!("{id} opened {position}")),
                Happened::Ended { children } => Some(format!("{id} ended {}", children.len())),
                Happened::Lost => Some(format!("{id} lost")),
                Happened::Gap(gap) => Some(format!("{id} gap {}", gap.certain)),
                other => Some(format!("{id} {other:?}")),
            }
        });
        lines.collect()
    }

    pub(crate) fn has(&self, line: &str) -> bool {
        self.lines().iter().any(|there| there == line)
    }

    /// Saves the progress of a shard as its checkpoint.
    pub(crate) async fn save(&self, reader: &Reader, shard: &ShardId) {
        let position = match self.last.get(shard) {
            Some(last) => Position::After(last.clone()),
            None => Position::TrimHorizon,
        };
        save(reader, shard, position).await.unwrap();
    }
}

pub(crate) async fn save(
    reader: &Reader,
    shard: &ShardId,
    position: Position,
) -> Result<(), StoreError> {
    let save = Save::new(position, "state".into());
    reader.checkpoints().save(shard, &save).await
}
