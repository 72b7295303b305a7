//! The limits of a queue.

use lamplight_internal::environment::Environment;

/// The maximum number of spans in the queue, unless set by
/// [`with_max_spans`](crate::SpanQueueBuilder::with_max_spans) or the environment variable
/// `OTEL_BSP_MAX_QUEUE_SIZE`.
pub const DEFAULT_MAX_SPANS: usize = 2_048;

/// The maximum number of bytes in the queue, unless set by
/// [`with_max_bytes`](crate::SpanQueueBuilder::with_max_bytes): 8 MiB.
pub const DEFAULT_MAX_BYTES: usize = 8 << 20;

/// The maximum number of spans passed to the sink at once, unless set by
/// [`with_max_batch`](crate::SpanQueueBuilder::with_max_batch) or the environment variable
/// `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`.
pub const DEFAULT_MAX_BATCH: usize = 512;

#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) spans: usize,
    pub(super) bytes: usize,
    pub(super) batch: usize,
}

impl Limits {
    /// Returns the limits that the environment sets. A batch is never larger than the queue, as the
    /// specification requires:
    /// <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#batch-span-processor>.
    pub(super) fn of(environment: &Environment<'_>) -> Self {
        const BATCH: &str = "OTEL_BSP_MAX_EXPORT_BATCH_SIZE";
        let limit = |name, default: usize| {
            let limit = environment.number(name, 1, default)?;
            Some(usize::try_from(limit).unwrap_or(usize::MAX))
        };
        let spans = limit("OTEL_BSP_MAX_QUEUE_SIZE", DEFAULT_MAX_SPANS);
        let spans = spans.unwrap_or(DEFAULT_MAX_SPANS);
        let asked = limit(BATCH, DEFAULT_MAX_BATCH);
        if let Some(batch) = asked.filter(|batch| *batch > spans) {
            let problem = "is more than OTEL_BSP_MAX_QUEUE_SIZE";
            let used = format_args!("that, {spans}");
            environment.reject(BATCH, &batch.to_string(), problem, used);
        }
        Self {
            spans,
            bytes: DEFAULT_MAX_BYTES,
            batch: asked.unwrap_or(DEFAULT_MAX_BATCH).min(spans),
        }
    }
}
