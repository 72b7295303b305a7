//! Options of the exporter.

use std::{fmt, sync::Arc, time::Duration};

use aws_sdk_kinesis::{
    Client,
    config::{BehaviorVersion, Builder, Region, StalledStreamProtectionConfig, retry::RetryConfig},
};
use aws_types::SdkConfig;
use lamplight_export::OtlpEncoder;
use lamplight_internal::environment::Environment;
use opentelemetry_sdk::Resource;

use crate::{
    Compression, PartitionKey,
    call::{StreamClient, timeout_config},
    exporter::KinesisExporter,
    records::{Format, Limits},
    sender::Sender,
    stream::Stream,
    timeouts::AdaptiveTimeouts,
};

/// Name of the variable with the name or ARN of the stream.
pub const LAMPLIGHT_KINESIS_STREAM: &str = "LAMPLIGHT_KINESIS_STREAM";

/// Name of the variable with the initial timeout for an answer of Kinesis, in milliseconds. See
/// [`KinesisExporterBuilder::with_timeout`].
pub const LAMPLIGHT_KINESIS_TIMEOUT: &str = "LAMPLIGHT_KINESIS_TIMEOUT";

/// Name of the variable with the compression of records: `none`, `gzip`, `zstd`. Read by the crate
/// `lamplight`.
pub const LAMPLIGHT_KINESIS_COMPRESSION: &str = "LAMPLIGHT_KINESIS_COMPRESSION";

/// Name of the variable that enables [`KinesisExporterBuilder::with_stdout_fallback`] with the value
/// `stdout`. Read by the crate `lamplight`.
pub const LAMPLIGHT_KINESIS_FALLBACK: &str = "LAMPLIGHT_KINESIS_FALLBACK";

/// The default initial timeout for an answer of Kinesis: 1 s.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(1);

/// The longest wait for an answer with a user-provided client, whose own timeouts come first.
const TIMEOUT_OF_GIVEN_CLIENT: Duration = Duration::from_secs(30);

/// The default maximum size of a record, data and partition key: 1 MiB, which every stream accepts. The limit
/// of a stream can be raised to 10 MiB.
pub const DEFAULT_MAX_RECORD_BYTES: usize = 1 << 20;

/// The default maximum size of a request: 5 MiB. Kinesis has since raised its own limit to 10 MiB.
pub const DEFAULT_MAX_REQUEST_BYTES: usize = 5 << 20;

/// The maximum number of records in a request, a limit of the API.
pub const MAX_REQUEST_RECORDS: usize = 500;

impl KinesisExporter {
    /// Returns a builder for an exporter to `stream`, the name or ARN of a stream.
    pub fn builder(stream: impl Into<String>) -> KinesisExporterBuilder {
        KinesisExporterBuilder::new(stream.into())
    }
}

/// A builder for a [`KinesisExporter`].
///
/// ```
/// use lamplight_export::SpanQueue;
/// use lamplight_kinesis::{KinesisExporter, PartitionKey};
/// use std::time::Duration;
///
/// # fn tenant(_: &opentelemetry_sdk::trace::SpanData) -> String { String::new() }
/// let exporter = KinesisExporter::builder("telemetry")
///     .with_partition_key(PartitionKey::custom(tenant))
///     .with_timeout(Duration::from_millis(500))
///     .with_stdout_fallback(true)
///     .build();
/// let queue = SpanQueue::new(exporter);
/// ```
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

enum Connection {
    Environment,
    Config(Box<SdkConfig>),
    Client(Client),
}

impl KinesisExporterBuilder {
    fn new(stream: String) -> Self {
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

    /// Uses `client` as it is, with its own timeouts and retries; a call nevertheless ends after 30 s.
    ///
    /// Without a span queue, the exporter makes its calls from its own thread. Connections belong to the
    /// runtime that opened them: give the exporter a client that is not used elsewhere, or one of
    /// [`lamplight_aws_config::sdk_config`], whose HTTP client keeps connections per runtime.
    pub fn with_client(mut self, client: Client) -> Self {
        self.connection = Connection::Client(client);
        self
    }

    /// Takes region, credentials, endpoint and HTTP client from `config`. Default:
    /// [`lamplight_aws_config::sdk_config`], the function's environment, whose HTTP client is also used if
    /// `config` has none. For any other HTTP client, the remarks on connections at
    /// [`with_client`](Self::with_client) apply.
    pub fn with_sdk_config(mut self, config: &SdkConfig) -> Self {
        self.connection = Connection::Config(Box::new(config.clone()));
        self
    }

    /// Sets the initial timeout for an answer of Kinesis. Default: [`LAMPLIGHT_KINESIS_TIMEOUT`] from the
    /// environment, otherwise [`DEFAULT_TIMEOUT`]. Has no effect on a user-provided client.
    ///
    /// A flush ends at its own budget; the request continues in the next flush, and only time spent in
    /// flushes counts towards the timeout. An unanswered request may have been accepted: its spans are sent
    /// again in a later flush, and the next timeout is twice as long, up to 10 s, until answers are fast
    /// again. The connection timeout starts at a fifth of this timeout, but at least 200 ms (or this timeout
    /// if it is shorter), and doubles up to 2 s.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the choice of partition keys. Default: [`PartitionKey::TraceId`].
    pub fn with_partition_key(mut self, key: PartitionKey) -> Self {
        self.key = key;
        self
    }

    /// Sets the compression of records. Default: [`Compression::None`], which any OTLP consumer reads.
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Sets whether spans that Kinesis does not accept within a flush are written to standard output, so that
    /// they are kept in the function's log group; during a pause of the queue, they are written immediately.
    /// Default: off, and the spans wait for the next flush.
    ///
    /// Each line is a JSON object with the member `__otel_otlp_stdout` and the OTLP request in base64 (gzip
    /// if that feature is enabled). Forwarders from CloudWatch Logs to OTLP read this format. Lines have at
    /// most 256 KiB, which CloudWatch Logs does not split.
    pub fn with_stdout_fallback(mut self, enabled: bool) -> Self {
        self.stdout_fallback = enabled;
        self
    }

    /// Limits the size of a record in bytes, including the partition key. Default:
    /// [`DEFAULT_MAX_RECORD_BYTES`].
    pub fn with_max_record_bytes(mut self, bytes: usize) -> Self {
        self.record_bytes = bytes;
        self
    }

    /// Limits the size of a request in bytes, including partition keys. Default:
    /// [`DEFAULT_MAX_REQUEST_BYTES`].
    pub fn with_max_request_bytes(mut self, bytes: usize) -> Self {
        self.request_bytes = bytes;
        self
    }

    /// Limits the number of times that records are offered within one flush; at least 1. Default: 4.
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// Builds the exporter. It connects when it sends its first batch.
    pub fn build(self) -> KinesisExporter {
        let timeout = self
            .timeout
            .or_else(|| {
                let default = DEFAULT_TIMEOUT.as_millis();
                Environment::of_process().millis(LAMPLIGHT_KINESIS_TIMEOUT, 1, default)
            })
            .unwrap_or(DEFAULT_TIMEOUT);
        let stream = Stream::new(self.stream);
        let client = match self.connection {
            Connection::Client(client) => with_given_client(client, stream),
            Connection::Config(config) => with_own_client(&config, stream, timeout),
            Connection::Environment => {
                with_own_client(&lamplight_aws_config::sdk_config(), stream, timeout)
            }
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
        KinesisExporter::new(Sender {
            client,
            format,
            limits,
            attempts: self.attempts,
            stdout_fallback: self.stdout_fallback,
            history: Arc::default(),
        })
    }
}

fn with_given_client(client: Client, mut stream: Stream) -> StreamClient {
    stream.set_region(client.config().region().map(ToString::to_string));
    let timeouts = AdaptiveTimeouts::new(TIMEOUT_OF_GIVEN_CLIENT);
    StreamClient::new(client, stream, timeouts, false)
}

pub(crate) fn with_own_client(
    config: &SdkConfig,
    mut stream: Stream,
    timeout: Duration,
) -> StreamClient {
    let timeouts = AdaptiveTimeouts::new(timeout);
    let mut builder = Builder::from(config)
        .timeout_config(timeout_config(timeouts.first_connect()))
        // The clock of that protection also runs while the environment is frozen.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        // The exporter retries single records, which the SDK cannot.
        .retry_config(RetryConfig::disabled());
    if let Some(region) = stream.region_of_arn() {
        builder = builder.region(Region::new(region.to_owned()));
    }
    // A client without a behavior version panics, and one without an HTTP client sends nothing.
    let version = config.behavior_version();
    builder.set_behavior_version(Some(version.unwrap_or_else(BehaviorVersion::latest)));
    if config.http_client().is_none() {
        builder.set_http_client(lamplight_aws_config::sdk_config().http_client());
    }
    let client = Client::from_conf(builder.build());
    stream.set_region(client.config().region().map(ToString::to_string));
    stream.set_endpoint_of(config);
    StreamClient::new(client, stream, timeouts, true)
}

/// Omits connections: the URL of an endpoint may have a password in it.
impl fmt::Debug for KinesisExporterBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KinesisExporterBuilder")
            .field("stream", &self.stream)
            .field("timeout", &self.timeout)
            .field("key", &self.key)
            .field("compression", &self.compression)
            .field("stdout_fallback", &self.stdout_fallback)
            .field("record_bytes", &self.record_bytes)
            .field("request_bytes", &self.request_bytes)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}
