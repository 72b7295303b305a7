//! Options of the exporter.

use crate::exporter::{KinesisExporter, Stream};
use crate::records::{Format, Limits};
use crate::{Compression, PartitionKey};
use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::config::retry::RetryConfig;
use aws_sdk_kinesis::config::timeout::TimeoutConfig;
use aws_sdk_kinesis::config::{Builder, Region};
use aws_types::SdkConfig;
use lamplight_export::OtlpEncoder;
use lamplight_export::environment::{millis, variable};
use opentelemetry_sdk::Resource;
use std::time::Duration;

/// Names the stream, by name or ARN.
pub const LAMPLIGHT_KINESIS_STREAM: &str = "LAMPLIGHT_KINESIS_STREAM";

/// Sets the connect and read timeouts of a call to Kinesis, in milliseconds.
pub const LAMPLIGHT_KINESIS_TIMEOUT: &str = "LAMPLIGHT_KINESIS_TIMEOUT";

/// Names the compression of records, for those who configure by environment: `none`, `gzip`,
/// `zstd`. Read by the crate `lamplight`.
pub const LAMPLIGHT_KINESIS_COMPRESSION: &str = "LAMPLIGHT_KINESIS_COMPRESSION";

/// `stdout` switches [`KinesisExporterBuilder::with_stdout_fallback`] on. Read by the crate
/// `lamplight`.
pub const LAMPLIGHT_KINESIS_FALLBACK: &str = "LAMPLIGHT_KINESIS_FALLBACK";

/// The connect and read timeouts when nothing else is said: 200 ms each.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_millis(200);

/// The largest record, data and partition key, when nothing else is said: 1 MiB, which every stream
/// accepts. A stream may be raised to 10 MiB.
pub const DEFAULT_MAX_RECORD_BYTES: usize = 1 << 20;

/// The largest request when nothing else is said: 5 MiB. Kinesis has since raised its own limit to
/// 10 MiB.
pub const DEFAULT_MAX_REQUEST_BYTES: usize = 5 << 20;

/// The most records of a request, a limit of the API.
pub const MAX_REQUEST_RECORDS: usize = 500;

/// Builds a [`KinesisExporter`].
#[derive(Debug)]
#[must_use]
pub struct KinesisExporterBuilder {
    stream: String,
    connection: Connection,
    timeout: Option<Duration>,
    key: PartitionKey,
    compression: Compression,
    stdout_fallback: bool,
    record_bytes: usize,
    request_bytes: usize,
    attempts: u32,
}

#[derive(Debug)]
enum Connection {
    Environment,
    Config(Box<SdkConfig>),
    Client(Client),
}

impl KinesisExporterBuilder {
    pub(crate) fn new(stream: String) -> Self {
        Self {
            stream,
            connection: Connection::Environment,
            timeout: None,
            key: PartitionKey::default(),
            compression: Compression::default(),
            stdout_fallback: false,
            record_bytes: DEFAULT_MAX_RECORD_BYTES,
            request_bytes: DEFAULT_MAX_REQUEST_BYTES,
            attempts: 4,
        }
    }

    /// Uses `client` as it is, with its own timeouts and retries.
    pub fn with_client(mut self, client: Client) -> Self {
        self.connection = Connection::Client(client);
        self
    }

    /// Takes region, credentials, endpoint and HTTP client from `config`. Default:
    /// [`lamplight_aws_sdk::sdk_config`], the function's environment.
    pub fn with_sdk_config(mut self, config: &SdkConfig) -> Self {
        self.connection = Connection::Config(Box::new(config.clone()));
        self
    }

    /// How long a call may take to connect, and then to answer. Default: [`DEFAULT_TIMEOUT`], or
    /// [`LAMPLIGHT_KINESIS_TIMEOUT`] from the environment. Without effect on a given client.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How partition keys are chosen. Default: [`PartitionKey::TraceId`].
    pub fn with_partition_key(mut self, key: PartitionKey) -> Self {
        self.key = key;
        self
    }

    /// How records are compressed. Default: [`Compression::None`], which any OTLP consumer reads.
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Writes spans that Kinesis does not take within a flush to standard output, so that the
    /// function's log group still has them; during a pause of the queue, at once. Default: off, they
    /// wait for the next flush.
    ///
    /// Each line is a JSON object with the member `__otel_otlp_stdout` and the OTLP request in
    /// base64 (gzip where that feature is on), the shape that forwarders from CloudWatch Logs to
    /// OTLP read, and no longer than CloudWatch Logs keeps whole: 256 KiB.
    pub fn with_stdout_fallback(mut self, enabled: bool) -> Self {
        self.stdout_fallback = enabled;
        self
    }

    /// The largest record in bytes, data and partition key. Default: [`DEFAULT_MAX_RECORD_BYTES`].
    pub fn with_max_record_bytes(mut self, bytes: usize) -> Self {
        self.record_bytes = bytes;
        self
    }

    /// The largest request in bytes, keys included. Default: [`DEFAULT_MAX_REQUEST_BYTES`].
    pub fn with_max_request_bytes(mut self, bytes: usize) -> Self {
        self.request_bytes = bytes;
        self
    }

    /// How often records are offered within one flush, at least once. Default: 4.
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The exporter. It connects with its first batch.
    pub fn build(self) -> KinesisExporter {
        let stream = Stream::new(self.stream);
        let timeout = self
            .timeout
            .or_else(|| {
                let value = variable(LAMPLIGHT_KINESIS_TIMEOUT);
                millis(LAMPLIGHT_KINESIS_TIMEOUT, value, 1)
            })
            .unwrap_or(DEFAULT_TIMEOUT);
        let client = match self.connection {
            Connection::Client(client) => client,
            Connection::Config(config) => client(&config, &stream, timeout),
            Connection::Environment => client(&lamplight_aws_sdk::sdk_config(), &stream, timeout),
        };
        let limits = Limits {
            record_bytes: self.record_bytes,
            request_bytes: self.request_bytes.max(self.record_bytes),
            request_records: MAX_REQUEST_RECORDS,
        };
        let format = Format {
            encoder: OtlpEncoder::new(&Resource::builder_empty().build()),
            compression: self.compression,
            key: self.key,
        };
        KinesisExporter::new(
            client,
            stream,
            format,
            limits,
            self.attempts,
            self.stdout_fallback,
        )
    }
}

fn client(config: &SdkConfig, stream: &Stream, timeout: Duration) -> Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(timeout)
        .read_timeout(timeout)
        .operation_attempt_timeout(timeout * 2)
        .build();
    let mut builder = Builder::from(config)
        .timeout_config(timeouts)
        // The exporter retries by record, which the SDK cannot.
        .retry_config(RetryConfig::disabled());
    if let Some(region) = stream.region() {
        builder = builder.region(Region::new(region.to_owned()));
    }
    Client::from_conf(builder.build())
}
