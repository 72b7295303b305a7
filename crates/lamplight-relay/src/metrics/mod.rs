//! What is measured of spans, before any is sampled.
//!
//! * `traces.span.metrics.calls` and `traces.span.metrics.duration`, with names and values as the Collector's
//!   `span_metrics` connector has them, so that its dashboards show them: `service.name`, `span.name`,
//!   `span.kind` (`SPAN_KIND_SERVER`), `status.code` (`STATUS_CODE_ERROR`), and attributes of choice.
//!   Durations are exponential histograms in seconds; errors are the calls whose status is one. Unlike the
//!   connector, spans without a service are measured too, as `unknown_service`.
//! * `faas.invocations` (those that succeeded), `faas.errors`, `faas.timeouts`, `faas.coldstarts`,
//!   `faas.init_duration` and `faas.invoke_duration` of invocations, with `faas.trigger`, as the semantic
//!   conventions of FaaS have them. An invocation is a span of kind server with a `faas.invocation_id`; it
//!   failed if its status is an error, and ran out of time if its `error.type` is `timeout` (it has failed
//!   then too); how long its environment took to start is `lamplight.init.duration_ms`.
//!
//! Where heads sample, spans count by their adjusted count, so that what is measured is what there was
//! ([`Settings::extrapolate`]). Fractions are carried from span to span of a series and not rounded by
//! chance.
//!
//! # Windows
//!
//! All is counted in windows of stream time, 60 s by default, that begin at whole multiples of that; a span
//! is in the window of its record's effective time. Points are deltas from a window's start to its end. Each
//! shard has series of its own: its name is the resource attribute `lamplight.relay.shard`, and
//! `service.instance.id` as well, since Prometheus keeps series of one service apart by that and by nothing
//! else. What else the resource has is what the measured ones had of [`Settings::resource_attributes`]: one
//! service is one resource, however many environments of it run.
//!
//! # What comes twice
//!
//! A window's points are a function of its records alone: the same records give the same bytes. Reading
//! starts again before the first window that has not been delivered, and windows before it are not measured
//! again: whoever delivers them tells the engine so ([`SpanMeter::taken`]). So a point comes twice only if a
//! relay ends between the delivery of a window and the checkpoint that says so (or if another takes its shard
//! over in that time, or an answer of the backend got lost). It is then identical: the same attributes,
//! start, end and value. A store that keeps one point a series and time (all that are like Prometheus) has
//! nothing to do; one that adds deltas up counts that window twice, once for such an end.
//!
//! Where [`Settings::window`] is `None`, each batch is a window, from the arrival of its first record to that
//! of its last. A batch that is delivered again, because one of its records was refused, gives the same
//! points where it has the same records, and others where it has not.
//!
//! Spans that a producer put into the stream twice, since an answer got lost, are measured twice: the second time
//! may be in another window, and another shard.
//!
//! # Bounds
//!
//! A window has at most [`Settings::max_series`] series of spans and as many of invocations. What has no
//! series then is counted in one with the attribute `otel.metric.overflow` alone, of a resource
//! `unknown_service`. Text is cut after 256 bytes. A series takes 2 KB at the very most, and half of one more for
//! each chosen attribute, so that an open window takes less than 8 MB, and mostly a hundredth of that; what is over
//! waits, encoded, until it is [taken](SpanMeter::take), which therefore belongs behind every batch of records.

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

/// What is measured, and how much at most.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// The length of windows; `None` for one from the first span to [`SpanMeter::finish`], which is what
    /// suits a function that sees one batch after the other. Default: 60 s.
    pub window: Option<Duration>,
    /// The most series of spans in a window, and of invocations; each has one more for the rest. Default: 2000.
    pub max_series: usize,
    /// Further attributes, of spans or else of their resources, by which calls and durations are told apart.
    /// Those whose values are text, numbers or booleans count; others are as if they were not there. Default: none.
    pub attributes: Vec<String>,
    /// Attributes of resources that measurements keep, beside `service.name`. Default: `service.namespace`,
    /// `deployment.environment.name`, `cloud.account.id`, `cloud.region` and `faas.name`.
    pub resource_attributes: Vec<String>,
    /// Whether calls and durations are measured. Default: yes.
    pub spans: bool,
    /// Whether `faas.*` is measured. Default: yes.
    pub invocations: bool,
    /// Whether a span that heads have sampled stands for as many as its adjusted count (`ot=th`) says, and not for
    /// itself alone. Default: yes, as for the Collector's connector.
    pub extrapolate: bool,
    /// The most bytes of one request. Default: 3.5 MiB, since most receivers refuse more than 4 MiB.
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

/// What was measured of one shard in one window.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MetricsWindow {
    /// The shard.
    pub shard: ShardId,
    /// When it began.
    pub start: StreamTime,
    /// When it ended: the first time that is not in it.
    pub end: StreamTime,
    /// How many spans were measured.
    pub spans: u64,
    /// The points, in requests that are each an `ExportMetricsServiceRequest`.
    pub requests: Vec<Bytes>,
}
