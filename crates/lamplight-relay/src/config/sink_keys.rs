//! The keys of `[[sink]]`.

use crate::config::keys::{Key, Table, key};

pub(super) static SINK: Table = Table {
    name: "sink",
    about: "A destination. Each sink has its own queue, retries and circuit breaker, and does not \
    wait for others.",
    list: true,
    open: false,
    keys: KEYS,
};

const KEYS: &[Key] = &[
    key(
        "name",
        "string",
        "required",
        "The name of the sink in log lines and metrics.",
    ),
    key(
        "type",
        "`\"otlp_http\"`, `\"otlp_grpc\"`, `\"clickhouse\"`, `\"kinesis\"`, `\"file\"` or `\"stdout\"`",
        "required",
        "The kind of the destination. `otlp_http` sends protobuf.",
    ),
    key(
        "signals",
        "`\"traces\"`, `\"metrics\"`, or both in a list",
        "`\"traces\"`",
        "The data to send. Metrics are those of `[metrics]`, and those about the relay itself.",
    ),
    key(
        "critical",
        "bool",
        "`true`",
        "Makes checkpoints wait for this sink. A critical sink loses no data, but blocks the \
        stream while it is unavailable; any other sink drops and counts data that it cannot \
        deliver.",
    ),
    key(
        "endpoint",
        "string",
        "required for `otlp_http` and `otlp_grpc`",
        "The URL of the endpoint. For `otlp_http`, `/v1/traces` and `/v1/metrics` are added. \
        Variables are substituted.",
    ),
    key(
        "traces_endpoint",
        "string",
        "`endpoint` and `/v1/traces`",
        "The complete URL for spans. Variables are substituted.",
    ),
    key(
        "metrics_endpoint",
        "string",
        "`endpoint` and `/v1/metrics`",
        "The complete URL for metrics. Variables are substituted.",
    ),
    key(
        "headers",
        "table of strings",
        "none",
        "Headers of each request. Variables are substituted: `{ api-key = \"${API_KEY}\" }`.",
    ),
    key(
        "compression",
        "`\"gzip\"`, `\"zstd\"` or `\"none\"`",
        "`\"gzip\"`",
        "The compression of requests with OTLP or to ClickHouse. Use `zstd` only if the destination \
        supports it, as ClickHouse does.",
    ),
    key(
        "timeout",
        "duration",
        "`\"30 s\"`",
        "Timeout of a request. With OTLP and ClickHouse it includes the connection.",
    ),
    key(
        "max_request",
        "size",
        "`\"3.5 MiB\"`; `\"16 MiB\"` for `clickhouse`",
        "Maximum size of a request before compression. The default limit of gRPC receivers is 4 \
        MiB. A single larger span is sent nonetheless, and cut down if it is refused as too large.",
    ),
    key(
        "max_rows",
        "integer from 1 to 1000000",
        "`5000`",
        "`clickhouse` only: maximum number of spans or data points in a request. A single window of \
        metrics is sent nonetheless.",
    ),
    key(
        "linger",
        "duration",
        "`\"100 ms\"`; `\"1 s\"` for `clickhouse`",
        "Time to wait for more data to fill a request. Skipped at the end of a function's batch.",
    ),
    key(
        "queue",
        "size",
        "`\"32 MiB\"`",
        "Maximum size of the queue.",
    ),
    key(
        "give_up_after",
        "duration",
        "`\"5 min\"`",
        "Time after which a sink that is not critical drops data that it could not deliver.",
    ),
    key(
        "filter",
        "condition, or a list of which at least one must hold",
        "all spans",
        "The kept traces to send. The form is that of `when` in a rule.",
    ),
    key(
        "sample_rate",
        "bool",
        "`false`",
        "Adds the number of spans that each span represents as an attribute `SampleRate`, for \
        destinations that do not read `ot=th` in the tracestate.",
    ),
    key(
        "clean",
        "table",
        "none",
        "Changes for this sink only, after those of `[clean]`, with the same keys.",
    ),
    key(
        "path",
        "string",
        "required for `file`",
        "The file to append to. Variables are substituted.",
    ),
    key(
        "stream",
        "string",
        "required for `kinesis`",
        "Name or ARN of the stream. Variables are substituted.",
    ),
    key(
        "region",
        "string",
        "that of the ARN, or the environment's",
        "The region of the stream. Variables are substituted.",
    ),
    key(
        "url",
        "string",
        "required for `clickhouse`",
        "The URL of the HTTP interface, such as `http://clickhouse:8123`. Variables are substituted.",
    ),
    key(
        "database",
        "string",
        "`\"default\"`",
        "The database of the tables. Variables are substituted.",
    ),
    key(
        "user",
        "string",
        "`\"default\"`",
        "The user of ClickHouse. Variables are substituted.",
    ),
    key(
        "password",
        "string",
        "none",
        "The password of the user, which is never shown. Variables are substituted: \
        `\"${CLICKHOUSE_PASSWORD}\"`.",
    ),
    key(
        "create_schema",
        "bool",
        "`true`",
        "Creates the database and its tables if an insert finds one missing. With `false`, the user \
        needs no right to create tables: `lamplight-relay clickhouse schema --config relay.toml` \
        prints the statements to run once. The next four keys apply in both cases.",
    ),
    key(
        "ttl_days",
        "integer from 1 to 36500",
        "rows are kept forever",
        "Number of days after which rows are removed.",
    ),
    key(
        "replacing",
        "bool",
        "`false`",
        "Gives `otel_traces` the engine `ReplacingMergeTree`, which keeps one row of a span that \
        arrives again after the relay was killed.",
    ),
    key(
        "faas_columns",
        "bool",
        "`false`",
        "Gives `otel_traces` additional columns for the attributes that dashboards of functions \
        read, such as `FaasName`.",
    ),
    key(
        "text_indexes",
        "bool",
        "`false`",
        "Gives `otel_traces` inverted indexes instead of bloom filters. Needs ClickHouse 26.2; \
        attributes are found faster, at the cost of more disk space.",
    ),
    key(
        "async_insert",
        "bool",
        "`false`",
        "Makes ClickHouse collect the blocks of all senders before it writes them: for many relays \
        with little traffic each, such as functions.",
    ),
];
