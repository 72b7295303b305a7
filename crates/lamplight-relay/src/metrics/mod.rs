//! Metrics of all spans, before sampling.
//!
//! * `traces.span.metrics.calls` and `traces.span.metrics.duration`, with the names and values of
//!   the Collector's `span_metrics` connector, so that its dashboards work: `service.name`,
//!   `span.name`, `span.kind` (`SPAN_KIND_SERVER`), `status.code` (`STATUS_CODE_ERROR`), and
//!   configured attributes. Durations are exponential histograms in seconds; errors are the calls
//!   with an error status. Unlike in the connector, spans without a service are measured too, as
//!   `unknown_service`.
//! * `faas.invocations` (successful ones), `faas.errors`, `faas.timeouts`, `faas.coldstarts`,
//!   `faas.init_duration` and `faas.invoke_duration` of invocations, with `faas.trigger`, according
//!   to the FaaS semantic conventions. An invocation is a span of kind server with a
//!   `faas.invocation_id`. It failed if its status is an error, and timed out if its `error.type`
//!   is `timeout` (which is a failure too). `lamplight.init.duration_ms` is the start time of its
//!   environment.
//!
//! Spans that were sampled at the head are weighted with their adjusted count, so that the metrics
//! represent the original traffic ([`Settings::extrapolate`]). Fractions are carried over to the
//! next span of the series instead of being rounded at random.
//!
//! # Windows
//!
//! Measurements are made in windows of stream time, 60 s by default, that begin at multiples of
//! that length; a span belongs to the window of its record's effective time. Points are deltas from
//! a window's start to its end. Each shard has its own series: its name is the resource attribute
//! `lamplight.relay.shard`, and also `service.instance.id`, the only attribute by which Prometheus
//! separates series of one service. The other attributes of the resource are the
//! [`Settings::resource_attributes`] of the measured ones: one service is one resource, regardless
//! of the number of its execution environments.
//!
//! # Duplicates
//!
//! The points of a window depend only on its records: the same records give the same bytes. A
//! restart reads from the first window that has not been delivered; windows before it are not
//! measured again, since the driver reports their delivery to the engine ([`SpanMeter::taken`]). A
//! point is therefore delivered twice only if a relay ends between the delivery of a window and the
//! next checkpoint (or if another instance takes the shard in that time, or if a response of the
//! backend is lost). The duplicate is identical, with the same attributes, start, end and value. It
//! is harmless in a store that keeps one point per series and time, such as Prometheus; a store
//! that adds up deltas counts that window twice.
//!
//! If [`Settings::window`] is `None`, each batch is a window, from the arrival of its first record
//! to that of its last. A batch that is processed again, because one of its records was refused,
//! gives the same points only if it contains the same records.
//!
//! Spans that a producer put into the stream twice, because a response was lost, are measured
//! twice, the second time possibly in another window and shard.
//!
//! # Bounds
//!
//! A window has at most [`Settings::max_series`] series of spans and as many of invocations.
//! Further measurements are combined in one series with only the attribute `otel.metric.overflow`,
//! in a resource `unknown_service`. Text is truncated after 256 bytes. A series takes at most 2 KB,
//! plus half a KB for each configured attribute, so that an open window takes less than 8 MB, and
//! usually a hundredth of that. Windows that have ended are held encoded until they are
//! [taken](SpanMeter::take), which should therefore happen after every batch of records.

pub(crate) mod attributes;
mod encode;
mod explicit;
mod exponential;
mod facts;
mod meter;
pub(crate) mod points;
mod resources;
mod series;
mod table;
mod weight;
mod window;

use std::time::Duration;

use bytes::Bytes;
use lamplight_semconv as semconv;

use crate::record::{ShardId, StreamTime};

pub use meter::SpanMeter;

/// The choice of measurements, and their limits.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// The length of windows; `None` for one from the first span to [`SpanMeter::finish`], which
    /// suits a function that processes one batch after the other. Default: 60 s.
    pub window: Option<Duration>,
    /// Maximum number of series of spans in a window, and of series of invocations; each has one
    /// more for the rest. Default: 2000.
    pub max_series: usize,
    /// Additional attributes of calls and durations, taken from spans or else from their resources.
    /// Only text, numbers and booleans are used; other values are ignored. Default: none.
    pub attributes: Vec<String>,
    /// Resource attributes that measurements keep, in addition to `service.name`. Default:
    /// `service.namespace`, `deployment.environment.name`, `cloud.account.id`, `cloud.region` and
    /// `faas.name`.
    pub resource_attributes: Vec<String>,
    /// Enables metrics of calls and durations. Default: true.
    pub spans: bool,
    /// Enables the `faas.*` metrics. Default: true.
    pub invocations: bool,
    /// Weights a span that was sampled at the head with its adjusted count (`ot=th`). Default:
    /// true, as in the Collector's connector.
    pub extrapolate: bool,
    /// Maximum size of a request, in bytes. Default: 3.5 MiB, since most receivers refuse more than
    /// 4 MiB.
    pub max_request_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        let resource_attributes = [
            semconv::service::NAMESPACE,
            semconv::deployment::environment::NAME,
            semconv::cloud::account::ID,
            semconv::cloud::REGION,
            semconv::faas::NAME,
        ];
        Self {
            window: Some(Duration::from_secs(60)),
            max_series: 2000,
            attributes: Vec::new(),
            resource_attributes: resource_attributes.map(str::to_owned).to_vec(),
            spans: true,
            invocations: true,
            extrapolate: true,
            max_request_bytes: 3_670_016,
        }
    }
}

/// The measurements of one shard in one window.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MetricsWindow {
    /// The shard.
    pub shard: ShardId,
    /// The start of the window.
    pub start: StreamTime,
    /// The end of the window: the first time after it.
    pub end: StreamTime,
    /// Number of measured spans.
    pub spans: u64,
    /// The points, as requests, each an `ExportMetricsServiceRequest`.
    pub requests: Vec<Bytes>,
}
