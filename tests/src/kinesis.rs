//! A Kinesis in the test's own process.

use std::{
    fmt,
    future::pending,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_sdk_kinesis::{
    Client,
    config::{Credentials, Region, SharedCredentialsProvider},
    primitives::Blob,
    types::PutRecordsRequestEntry,
};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::StatusCode,
    middleware::{Next, from_fn},
    response::IntoResponse,
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use ferrokinesis::store::{Store, StoreOptions};
use serde_json::Value;
use tokio::{net::TcpListener, sync::watch};

use crate::{Behavior, PATIENCE, Span, conventions, decode, expect};

const STREAM: &str = "telemetry";

/// The largest request that is read, which is the largest that Kinesis accepts.
const LARGEST_REQUEST: usize = 16 << 20;

/// A Kinesis on a free port of this machine, with one stream, which ends with the test's runtime.
///
/// A test fails at its end if a function sent a span that does not conform to the registry.
pub struct Kinesis {
    address: SocketAddr,
    store: Store,
    client: Client,
    requests: watch::Receiver<usize>,
    /// The requests of functions.
    sent: Arc<Mutex<Vec<Bytes>>>,
}

impl Drop for Kinesis {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let sent = self.sent.lock().unwrap();
            let records: Vec<_> = sent.iter().flat_map(|request| records(request)).collect();
            conventions::assert_conforms(records.iter().map(Vec::as_slice));
        }
    }
}

impl Kinesis {
    /// Starts a Kinesis that behaves normally.
    pub async fn start() -> Self {
        Self::with_behavior(Behavior::Good).await
    }

    /// Starts a Kinesis with this behavior towards functions.
    pub async fn with_behavior(behavior: Behavior) -> Self {
        let (app, store) = ferrokinesis::create_app(StoreOptions {
            create_stream_ms: 0,
            enforce_limits: true,
            ..Default::default()
        });
        // A separate address, so that faults affect only functions.
        let client = client(serve(app.clone()).await);
        create_stream(&client).await;
        expect("the stream is active", async {
            while !is_active(&store).await {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;

        let (sender, requests) = watch::channel(0);
        let sent = Arc::<Mutex<Vec<Bytes>>>::default();
        let written_down = sent.clone();
        let counted = app.layer(from_fn(move |request: Request, next: Next| {
            let (sender, sent) = (sender.clone(), written_down.clone());
            async move {
                let (parts, body) = request.into_parts();
                let Ok(body) = to_bytes(body, LARGEST_REQUEST).await else {
                    return StatusCode::BAD_REQUEST.into_response();
                };
                sent.lock().unwrap().push(body.clone());
                let answer = next.run(Request::from_parts(parts, Body::from(body))).await;
                sender.send_modify(|requests| *requests += 1);
                answer
            }
        }));
        let address = serve(behavior.of(counted)).await;
        Self {
            address,
            store,
            client,
            requests,
            sent,
        }
    }

    /// Returns variables with which a function exports to the stream: only those a user would set, and the
    /// address of this Kinesis.
    pub fn variables(&self) -> Vec<(String, String)> {
        let variables = [
            ("LAMPLIGHT_KINESIS_STREAM", STREAM.to_owned()),
            (
                "AWS_ENDPOINT_URL_KINESIS",
                format!("http://{}", self.address),
            ),
        ];
        variables.map(|(k, v)| (k.to_owned(), v)).into()
    }

    /// Returns the address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Uses up the throughput of the stream for a second: Kinesis then rejects other records one by one. The
    /// records used for that have no spans.
    pub async fn exhaust(&self) {
        let record = PutRecordsRequestEntry::builder()
            .partition_key("filler")
            .data(Blob::new([]))
            .build()
            .unwrap();
        for _ in 0..2 {
            let put = self.client.put_records().stream_name(STREAM);
            let sent = put.set_records(Some(vec![record.clone(); 500])).send();
            // Rejected records count as used, too.
            let _ = tokio::time::timeout(PATIENCE, sent).await.unwrap();
        }
    }

    /// Returns the spans in the stream, once there are at least `count`; a span that was sent twice occurs
    /// twice.
    pub async fn spans(&self, count: usize) -> Vec<Span> {
        let mut requests = self.requests.clone();
        let what = format!("{count} spans arrive");
        expect(&what, async {
            loop {
                requests.borrow_and_update();
                let spans = self.read().await;
                if spans.len() >= count {
                    return spans;
                }
                requests.changed().await.unwrap();
            }
        })
        .await
    }

    async fn read(&self) -> Vec<Span> {
        let records = self.store.get_record_store(STREAM).await;
        records
            .values()
            .flat_map(|record| decode(&BASE64.decode(&record.data).unwrap()))
            .collect()
    }
}

impl fmt::Debug for Kinesis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kinesis")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Returns the data of the records in a PutRecords request; empty for any other, or for a truncated one.
fn records(request: &[u8]) -> Vec<Vec<u8>> {
    let request: Value = serde_json::from_slice(request).unwrap_or_default();
    let records = request.get("Records").and_then(Value::as_array);
    let data = records.into_iter().flatten().map(|record| {
        let data = record.get("Data").and_then(Value::as_str);
        BASE64.decode(data.unwrap())
    });
    data.map(Result::unwrap).collect()
}

async fn serve(app: axum::Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(ferrokinesis::serve_plain_http(listener, app, pending()));
    address
}

fn client(address: SocketAddr) -> Client {
    let credentials = Credentials::new("test", "test", None, None, "test");
    let config = lamplight_aws_config::sdk_config()
        .into_builder()
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(format!("http://{address}"))
        .build();
    Client::new(&config)
}

async fn create_stream(client: &Client) {
    let create = client.create_stream();
    let created = create.stream_name(STREAM).shard_count(1).send();
    tokio::time::timeout(PATIENCE, created)
        .await
        .unwrap()
        .unwrap();
}

async fn is_active(store: &Store) -> bool {
    let stream = store.get_stream(STREAM).await.unwrap();
    format!("{:?}", stream.stream_status).eq_ignore_ascii_case("active")
}
