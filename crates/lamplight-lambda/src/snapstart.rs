//! Preparation of telemetry for a SnapStart snapshot.

use std::{fmt, sync::Arc};

use lambda_runtime::{BoxFuture, Error, SnapStartResource};
use lamplight_internal::diagnostics::warn_once;

use crate::{ids::SnapStartIdGenerator, panics, recorder::Recorder};

type Hook = Box<dyn Fn() + Send + Sync>;

/// Telemetry's part in SnapStart, for `Runtime::register_snapstart_resource`.
///
/// Before the snapshot, it delivers queued spans and drops the exporter's connections. After a restore, it
/// drops connections again, in case one was opened meanwhile; the next invocation counts as a cold start, and
/// ids are generated from a fresh seed. Neither step ever makes the function fail.
///
/// Created by [`Instrumentation::snapstart`](crate::Instrumentation::snapstart).
///
/// ```
/// use lamplight_export::{ExporterSink, SpanQueue};
/// use lamplight_lambda::{Instrumentation, SnapStartIdGenerator};
/// use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
///
/// let ids = SnapStartIdGenerator::new();
/// let queue = SpanQueue::new(ExporterSink::new(InMemorySpanExporter::default()));
/// let provider = SdkTracerProvider::builder()
///     .with_id_generator(ids.clone())
///     .with_span_processor(queue.clone())
///     .build();
/// let instrumentation = Instrumentation::builder(&provider, queue).build();
/// let snapstart = instrumentation.snapstart().with_ids(ids);
/// # let _ = snapstart;
/// ```
pub struct SnapStart {
    recorder: Option<Arc<Recorder>>,
    ids: Option<SnapStartIdGenerator>,
    hook: Option<Hook>,
}

impl SnapStart {
    pub(crate) fn new(recorder: Option<Arc<Recorder>>) -> Self {
        Self {
            recorder,
            ids: None,
            hook: None,
        }
    }

    /// Sets the id generator of the tracer provider, which is reseeded after a restore. Default: none, and
    /// environments restored from one snapshot may generate the same ids.
    #[must_use]
    pub fn with_ids(mut self, ids: SnapStartIdGenerator) -> Self {
        self.ids = Some(ids);
        self
    }

    /// Sets a function that runs before the snapshot and after the restore, for dropping connections, which
    /// do not survive a snapshot. The exporter's connections need none. Default: none.
    #[must_use]
    pub fn with_hook(mut self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        self.hook = Some(Box::new(hook));
        self
    }
}

impl SnapStart {
    /// Drops connections, within the time limit of a flush.
    async fn disconnect(&self) {
        if let Some(recorder) = &self.recorder {
            recorder.flush.disconnect().await;
        }
        if let Some(hook) = &self.hook
            && panics::catch(hook).is_err()
        {
            warn_once("snapstart-hook-panicked", || {
                "a hook of `SnapStart::with_hook` panicked; connections that it should have dropped may \
                 fail when they are used again, the function is not affected"
                    .to_owned()
            });
        }
    }
}

impl SnapStartResource for SnapStart {
    fn before_snapshot(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async {
            if let Some(recorder) = &self.recorder {
                let budget = recorder.flush.budget();
                recorder.flush.flush_ignoring_backoff(budget).await;
            }
            self.disconnect().await;
            Ok(())
        })
    }

    fn after_restore(&self) -> BoxFuture<'_, Result<(), Error>> {
        if let Some(recorder) = &self.recorder {
            recorder.on_restore();
        }
        if let Some(ids) = &self.ids {
            ids.reseed();
        }
        Box::pin(async {
            self.disconnect().await;
            Ok(())
        })
    }
}

impl fmt::Debug for SnapStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SnapStart")
            .field("ids", &self.ids)
            .finish_non_exhaustive()
    }
}
