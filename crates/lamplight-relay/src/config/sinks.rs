//! `[[sink]]`: where spans and metrics go; `[dead_letters]`: where goes what nobody takes.

use std::{fmt, path::PathBuf, time::Duration};

use crate::{
    config::{
        clean::{self, CleanConfig},
        condition::{self, Test},
        keys::{Key, Table, key},
        section::{Item, Section},
    },
    rules::Condition,
};

const SECOND: Duration = Duration::from_secs(1);

pub(super) static SINK: Table = Table {
    name: "sink",
    about: "A destination. Each has its own queue, retries and circuit breaker, and waits for no other.",
    list: true,
    open: false,
    keys: KEYS,
};

const KEYS: &[Key] = &[
    key(
        "name",
        "text",
        "required",
        "What log lines and metrics call it.",
    ),
    key(
        "type",
        "`\"otlp_http\"`, `\"otlp_grpc\"`, `\"kinesis\"`, `\"file\"` or `\"stdout\"`",
        "required",
        "The kind of the destination. `otlp_http` sends protobuf.",
    ),
    key(
        "signals",
        "`\"traces\"`, `\"metrics\"`, or both in a list",
        "`\"traces\"`",
        "What it is given. Metrics are those of `[metrics]`.",
    ),
    key(
        "critical",
        "bool",
        "`true`",
        "Whether the checkpoint waits for it. A critical sink loses nothing and holds the stream up while it \
         is away; what another cannot be given is dropped and counted.",
    ),
    key(
        "endpoint",
        "text",
        "required for `otlp_http` and `otlp_grpc`",
        "Its URL. For `otlp_http`, `/v1/traces` and `/v1/metrics` are added. Variables are put in.",
    ),
    key(
        "traces_endpoint",
        "text",
        "`endpoint` and `/v1/traces`",
        "The URL for spans, as it is.",
    ),
    key(
        "metrics_endpoint",
        "text",
        "`endpoint` and `/v1/metrics`",
        "The URL for metrics, as it is.",
    ),
    key(
        "headers",
        "table of texts",
        "none",
        "Headers of each request. Variables are put in: `{ api-key = \"${API_KEY}\" }`.",
    ),
    key(
        "compression",
        "`\"gzip\"`, `\"zstd\"` or `\"none\"`",
        "`\"gzip\"`",
        "How requests over OTLP are compressed. `zstd` only where the destination says that it reads it.",
    ),
    key(
        "timeout",
        "duration",
        "`\"30 s\"`",
        "How long an answer is waited for, over OTLP with the connection before it.",
    ),
    key(
        "max_request",
        "size",
        "`\"3.5 MiB\"`",
        "Most bytes of a request, before compression. gRPC's receivers take 4 MiB unless told otherwise. A single \
         larger span is sent nonetheless, and cut down where it is refused as too large.",
    ),
    key(
        "queue",
        "size",
        "`\"32 MiB\"`",
        "Most bytes that wait for it.",
    ),
    key(
        "give_up_after",
        "duration",
        "`\"5 min\"`",
        "After how long a sink that is not critical drops what it could not deliver.",
    ),
    key(
        "filter",
        "condition, or a list of which one must hold",
        "all spans",
        "Which kept traces it is given. As `when` of a rule.",
    ),
    key(
        "sample_rate",
        "bool",
        "`false`",
        "Whether each span tells for how many it stands in an attribute `SampleRate`, for destinations that \
         do not read `ot=th` of the tracestate.",
    ),
    key(
        "clean",
        "table",
        "none",
        "What is changed for this sink alone, after `[clean]`: the same keys.",
    ),
    key(
        "path",
        "text",
        "required for `file`",
        "The file, to which is appended.",
    ),
    key(
        "stream",
        "text",
        "required for `kinesis`",
        "Name or ARN of the stream. Variables are put in.",
    ),
    key(
        "region",
        "text",
        "the environment's",
        "The region of the stream.",
    ),
];

pub(super) static HEADERS: Table = Table {
    name: "sink.headers",
    about: "Names and values of headers.",
    list: false,
    open: true,
    keys: &[],
};

pub(super) static DEAD_LETTERS: Table = Table {
    name: "dead_letters",
    about: "Where goes what cannot be read, and what a sink will never take: with the sequence numbers of its \
            records. Without this table each is a line in the log, and its data is left in the stream. Data that \
            cannot be read is kept as it came, and nothing in it was cleaned: who may read the place may read the \
            stream.",
    list: false,
    open: false,
    keys: &[
        key(
            "type",
            "`\"file\"`, `\"stdout\"`, `\"s3\"` or `\"sqs\"`",
            "required",
            "The kind of the place. On `stdout`, a log that many may read, data that could not be read is left out. \
             `sqs` has messages of 256 KiB at most, and `stdout` lines: longer ones are without data, and name as \
             many records as have room.",
        ),
        key(
            "path",
            "text",
            "required for `file`",
            "The file, to which is appended.",
        ),
        key(
            "bucket",
            "text",
            "required for `s3`",
            "The bucket. Variables are put in.",
        ),
        key(
            "prefix",
            "text",
            "none",
            "What keys in the bucket begin with.",
        ),
        key(
            "queue_url",
            "text",
            "required for `sqs`",
            "The URL of the queue. Variables are put in.",
        ),
        key(
            "region",
            "text",
            "the environment's",
            "The region of bucket or queue.",
        ),
        key(
            "max_size",
            "size",
            "`\"1 GiB\"`",
            "Most bytes of the file; over it, critical sinks wait.",
        ),
    ],
};

/// A destination.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SinkConfig {
    /// What log lines and metrics call it.
    pub name: String,
    /// What it is.
    pub kind: SinkKind,
    /// Whether it is given spans.
    pub traces: bool,
    /// Whether it is given metrics.
    pub metrics: bool,
    /// Whether the checkpoint waits for it.
    pub critical: bool,
    /// How long an answer is waited for.
    pub timeout: Option<Duration>,
    /// Most bytes of a request.
    pub max_request: Option<usize>,
    /// Most bytes that wait.
    pub queue: Option<usize>,
    /// After how long one that is not critical gives up.
    pub give_up_after: Option<Duration>,
    /// Of which spans one must be in a trace.
    pub filter: Option<Condition>,
    /// Whether spans tell how many they stand for.
    pub sample_rate: bool,
    /// What is changed for it alone.
    pub clean: CleanConfig,
}

/// What a destination is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SinkKind {
    /// OTLP over HTTP, in protobuf.
    OtlpHttp {
        /// Where spans go.
        traces: String,
        /// Where metrics go.
        metrics: String,
        /// Headers of each request.
        headers: Headers,
        /// How requests are compressed.
        compression: Compression,
    },
    /// OTLP over gRPC.
    OtlpGrpc {
        /// The server.
        endpoint: String,
        /// Metadata of each call.
        headers: Headers,
        /// How messages are compressed.
        compression: Compression,
    },
    /// A stream.
    Kinesis {
        /// Its name or ARN.
        stream: String,
        /// Its region.
        region: Option<String>,
    },
    /// A file.
    File(PathBuf),
    /// Standard output.
    Stdout,
}

/// Headers of requests, whose values may be secrets, and are not shown.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// Returns names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.iter().map(|(name, _)| name))
            .finish()
    }
}

/// How something is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// As gzip.
    Gzip,
    /// As zstd.
    Zstd,
}

/// Where goes what nobody takes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeadLettersConfig {
    /// Standard output.
    Stdout,
    /// A file.
    #[non_exhaustive]
    File {
        /// The file.
        path: PathBuf,
        /// Most bytes of it.
        max_size: u64,
    },
    /// A bucket of S3.
    #[non_exhaustive]
    S3 {
        /// Its name.
        bucket: String,
        /// What keys begin with.
        prefix: String,
        /// Its region.
        region: Option<String>,
    },
    /// A queue of SQS.
    #[non_exhaustive]
    Sqs {
        /// Its URL.
        queue_url: String,
        /// Its region.
        region: Option<String>,
    },
}

/// Reads the sinks.
pub(super) fn read(sections: &[Section<'_>]) -> Vec<SinkConfig> {
    let mut names = Vec::new();
    let mut sinks = Vec::new();
    for section in sections {
        let name = section.required("name", "write `name = \"backend\"`");
        if let (Some(text), Some(item)) = (name.as_ref().and_then(Item::as_text), &name) {
            if names.contains(&text) {
                item.fault(
                    &format!("{text:?} is the name of another sink"),
                    "give it a name of its own",
                );
            }
            names.push(text);
        }
        let name = name.and_then(|name| name.text());
        sinks.extend(sink(section, name));
    }
    sinks
}

fn sink(section: &Section<'_>, name: Option<String>) -> Option<SinkConfig> {
    let signals = section.get("signals").and_then(|item| signals(&item));
    let (traces, metrics) = signals.unwrap_or((true, false));
    let kind = kind(section, traces, metrics);
    let critical = section.bool("critical").unwrap_or(true);
    let give_up_after = section.duration("give_up_after", SECOND..=86_400 * SECOND);
    if critical && let Some(item) = section.get("give_up_after") {
        item.fault(
            "is set, and a critical sink gives nothing up",
            "take it out, or write `critical = false`",
        );
    }
    let size = |name, least| {
        let size = section.size(name, least..=1 << 30)?;
        usize::try_from(size).ok()
    };
    Some(SinkConfig {
        timeout: section.duration("timeout", SECOND..=600 * SECOND),
        max_request: size("max_request", 16 << 10),
        queue: size("queue", 1 << 20),
        give_up_after,
        filter: section
            .get("filter")
            .and_then(|item| condition::read_any(&item, Test::Trace)),
        sample_rate: section.bool("sample_rate").unwrap_or(false),
        clean: clean::read(&section.section(&clean::SINK_CLEAN)),
        traces,
        metrics,
        critical,
        name: name?,
        kind: kind?,
    })
}

fn signals(item: &Item<'_>) -> Option<(bool, bool)> {
    let names = item.texts()?;
    let unknown = names
        .iter()
        .find(|name| !["traces", "metrics"].contains(&name.as_str()));
    if unknown.is_some() || names.is_empty() {
        item.fault(
            "must be of `traces` and `metrics`",
            "write `signals = [\"traces\", \"metrics\"]`",
        );
        return None;
    }
    let has = |wanted| names.iter().any(|name| name == wanted);
    Some((has("traces"), has("metrics")))
}

const HTTP: &[&str] = &[
    "endpoint",
    "traces_endpoint",
    "metrics_endpoint",
    "headers",
    "compression",
];
const GRPC: &[&str] = &["endpoint", "headers", "compression"];
const KINESIS: &[&str] = &["stream", "region"];
/// The keys that only some kinds have.
const OF_KINDS: &[&str] = &[
    "endpoint",
    "traces_endpoint",
    "metrics_endpoint",
    "headers",
    "compression",
    "stream",
    "region",
    "path",
];

fn kind(section: &Section<'_>, traces: bool, metrics: bool) -> Option<SinkKind> {
    let kinds = [
        ("otlp_http", HTTP),
        ("otlp_grpc", GRPC),
        ("kinesis", KINESIS),
        ("file", &["path"]),
        ("stdout", &[]),
    ];
    section.required("type", "write `type = \"otlp_http\"`")?;
    let allowed = section.choice("type", &kinds)?;
    let text = section.text("type")?;
    for name in OF_KINDS.iter().filter(|name| !allowed.contains(name)) {
        if let Some(item) = section.get(name) {
            let problem = format!("is set, and a sink of type {text:?} has none");
            item.fault(&problem, "take it out, or change the type");
        }
    }
    let compression = section
        .get("compression")
        .and_then(|item| compression(&item));
    match text.as_str() {
        "otlp_http" => http(
            section,
            traces,
            metrics,
            compression.unwrap_or(Compression::Gzip),
        ),
        "otlp_grpc" => Some(SinkKind::OtlpGrpc {
            endpoint: url(
                &section.required("endpoint", "write `endpoint = \"https://host:4317\"`")?
            )?,
            headers: headers(section),
            compression: compression.unwrap_or(Compression::Gzip),
        }),
        "kinesis" => Some(SinkKind::Kinesis {
            stream: section
                .required("stream", "write `stream = \"kept-spans\"`")?
                .secret()?,
            region: section.secret("region"),
        }),
        "file" => {
            let path = section.required("path", "write `path = \"/var/log/spans.jsonl\"`")?;
            Some(SinkKind::File(path.secret()?.into()))
        }
        _ => Some(SinkKind::Stdout),
    }
}

fn http(
    section: &Section<'_>,
    traces: bool,
    metrics: bool,
    compression: Compression,
) -> Option<SinkKind> {
    let base = section.get("endpoint").and_then(|item| url(&item));
    let headers = headers(section);
    let of = |name: &str, wanted: bool, path: &str| {
        if let Some(item) = section.get(name) {
            return url(&item);
        }
        if let Some(base) = &base {
            return Some(format!("{}{path}", base.trim_end_matches('/')));
        }
        if wanted && section.get("endpoint").is_none() {
            section.required("endpoint", "write `endpoint = \"https://host:4318\"`");
        }
        (!wanted).then(String::new)
    };
    let traces = of("traces_endpoint", traces, "/v1/traces");
    let metrics = of("metrics_endpoint", metrics, "/v1/metrics");
    let (mut traces, mut metrics) = (traces?, metrics?);
    // What it is not given goes nowhere, and is no reason for a URL to be wrong.
    if traces.is_empty() {
        traces.clone_from(&metrics);
    }
    if metrics.is_empty() {
        metrics.clone_from(&traces);
    }
    Some(SinkKind::OtlpHttp {
        traces,
        metrics,
        headers,
        compression,
    })
}

/// Returns a URL that is one of HTTP.
fn url(item: &Item<'_>) -> Option<String> {
    let url = item.secret()?;
    let rest = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let wrong = match host {
        None => Some("is no URL of HTTP"),
        Some("") => Some("names no host"),
        Some(host) if host.contains('@') => Some("has a user or a password in it"),
        Some(_) if url.contains(|c: char| c.is_whitespace() || c.is_control()) => {
            Some("has white space in it")
        }
        Some(_) => None,
    };
    match wrong {
        // The URL may have been a secret: it is not shown.
        Some(wrong) => {
            item.fault(
                wrong,
                "write `http://` or `https://`, a host and a path; secrets go into `headers`",
            );
            None
        }
        None => Some(url),
    }
}

fn headers(section: &Section<'_>) -> Headers {
    let mut headers = Vec::new();
    for (name, item) in section.section(&HEADERS).entries() {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || !name.chars().all(is_token) {
            item.fault("is no name of a header", "use letters, digits and `-`");
        }
        let Some(value) = item.secret() else {
            continue;
        };
        if value.contains(|c: char| c.is_control() || !c.is_ascii()) {
            item.fault(
                "has a value that no header can have",
                "take line breaks, control characters and what is not ASCII out of it",
            );
        }
        headers.push((name.to_owned(), value));
    }
    Headers(headers)
}

fn compression(item: &Item<'_>) -> Option<Compression> {
    let all = [
        ("gzip", Compression::Gzip),
        ("zstd", Compression::Zstd),
        ("none", Compression::None),
    ];
    item.choice(&all)
}

/// Reads `[dead_letters]`, where it is there.
pub(super) fn dead_letters(section: &Section<'_>) -> Option<DeadLettersConfig> {
    if !section.is_there() {
        return None;
    }
    section.required("type", "write `type = \"file\"`")?;
    let kinds: [(&str, &[&str]); 4] = [
        ("stdout", &[]),
        ("file", &["path", "max_size"]),
        ("s3", &["bucket", "prefix", "region"]),
        ("sqs", &["queue_url", "region"]),
    ];
    let allowed = section.choice("type", &kinds)?;
    let text = section.text("type")?;
    for name in section.names() {
        if name != "type" && !allowed.contains(&name) && DEAD_LETTERS.has(name) {
            let problem = format!("is set, and dead letters of type {text:?} have none");
            section
                .get(name)?
                .fault(&problem, "take it out, or change the type");
        }
    }
    let region = section.secret("region");
    match text.as_str() {
        "file" => Some(DeadLettersConfig::File {
            path: section
                .required("path", "write `path = \"/var/lib/dead-letters.jsonl\"`")?
                .secret()?
                .into(),
            max_size: section
                .size("max_size", 1 << 20..=1 << 40)
                .unwrap_or(1 << 30),
        }),
        "stdout" => Some(DeadLettersConfig::Stdout),
        "s3" => Some(DeadLettersConfig::S3 {
            bucket: section
                .required("bucket", "write `bucket = \"dead-letters\"`")?
                .secret()?,
            prefix: section.secret("prefix").unwrap_or_default(),
            region,
        }),
        _ => Some(DeadLettersConfig::Sqs {
            queue_url: section
                .required("queue_url", "write `queue_url = \"https://..\"`")?
                .secret()?,
            region,
        }),
    }
}
