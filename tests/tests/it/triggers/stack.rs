//! The stack of `template.yaml` on a local AWS.

use std::{
    collections::BTreeMap,
    io::{Cursor, Write as _},
    sync::{Arc, Mutex, PoisonError, Weak},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use lamplight_local_aws::{LocalAws, client::Client};
use lamplight_tests::{PATIENCE, Span, assert_conforms, decode};
use serde_json::json;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// The interval at which a state is checked that cannot be awaited.
const POLL: Duration = Duration::from_millis(50);

/// The function, deployed behind all its triggers.
pub(crate) struct Stack {
    client: Client,
    outputs: BTreeMap<String, String>,
    /// Dropped last.
    aws: Arc<LocalAws>,
}

impl Stack {
    /// Returns the stack of this process, deployed if necessary.
    pub(crate) fn shared() -> Arc<Self> {
        static DEPLOYED: Mutex<Weak<Stack>> = Mutex::new(Weak::new());
        let mut deployed = DEPLOYED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stack) = deployed.upgrade() {
            return stack;
        }
        let stack = Arc::new(Self::deploy(LocalAws::shared()));
        *deployed = Arc::downgrade(&stack);
        stack
    }

    fn deploy(aws: Arc<LocalAws>) -> Self {
        let client = Client::new(aws.endpoint());
        // If the previous stack ended a moment ago, its server may still be running.
        let reset = "/_ministack/reset";
        client.post(reset, "").unwrap().succeeded(reset).unwrap();
        client.put("/artifacts", "s3", &[]).unwrap();
        let archive = archive();
        client
            .put("/artifacts/triggered.zip", "s3", &archive)
            .unwrap();
        let architecture = if cfg!(target_arch = "aarch64") {
            "arm64"
        } else {
            "x86_64"
        };
        let template = include_str!("template.yaml");
        let parameters = [("Architecture", architecture)];
        let outputs = client.create_stack("triggers", template, &parameters);
        Self {
            client,
            outputs: outputs.unwrap(),
            aws,
        }
    }

    /// Returns an output of the template.
    pub(crate) fn output(&self, name: &str) -> &str {
        &self.outputs[name]
    }

    /// Returns the port of the local AWS.
    pub(crate) fn port(&self) -> u16 {
        self.aws.address().port()
    }

    /// Returns a plain HTTP client for the services.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Returns spans for which `wanted` holds, once there are at least `count`. They must conform to the
    /// registry.
    pub(crate) fn spans(&self, count: usize, wanted: impl Fn(&Span) -> bool) -> Vec<Span> {
        wait_for("the spans arrive", || {
            let mut spans = Vec::new();
            for record in self.records() {
                let mut of_record = decode(&record);
                if of_record.iter().any(&wanted) {
                    assert_conforms([record.as_slice()]);
                    of_record.retain(&wanted);
                    spans.extend(of_record);
                }
            }
            (spans.len() >= count).then_some(spans)
        })
    }

    fn records(&self) -> Vec<Vec<u8>> {
        let shard = json!({
            "StreamName": "spans",
            "ShardId": "shardId-000000000000",
            "ShardIteratorType": "TRIM_HORIZON",
        });
        let iterator = self
            .client
            .call("kinesis", "Kinesis_20131202.GetShardIterator", &shard)
            .unwrap();
        let from = json!({"ShardIterator": iterator["ShardIterator"]});
        let page = self
            .client
            .call("kinesis", "Kinesis_20131202.GetRecords", &from)
            .unwrap();
        let records = page["Records"].as_array().unwrap().iter();
        let data = records.map(|record| BASE64.decode(record["Data"].as_str().unwrap()));
        data.map(Result::unwrap).collect()
    }
}

/// Calls `look` repeatedly until it returns a value.
fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        std::thread::sleep(POLL);
    }
}

/// Returns the archive of the function, uncompressed, because it is only sent over loopback.
fn archive() -> Vec<u8> {
    let executable = std::fs::read(env!("CARGO_BIN_EXE_triggered")).unwrap();
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .unix_permissions(0o755);
    archive.start_file("bootstrap", options).unwrap();
    archive.write_all(&executable).unwrap();
    archive.finish().unwrap().into_inner()
}
