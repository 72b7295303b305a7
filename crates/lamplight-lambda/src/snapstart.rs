//! Telemetry's part in a SnapStart snapshot.

use std::{fmt, sync::Arc};

use lambda_runtime::{BoxFuture, Error, SnapStartResource};
use lamplight_internal::diagnostics::warn_once;

use crate::{ids::SnapStartIdGenerator, panics, recorder::Recorder};

type Hook = Box<dyn Fn() + Send + Sync>;

/// Telemetry's part in SnapStart, for `Runtime::register_snapstart_resource`.
///
/// Before the snapshot it delivers what is queued and drops the exporter's connections. After a
/// restore it does so again, so that nothing is left of a connection that came up meanwhile; the next
/// invocation is a cold start again, and ids are drawn from a fresh seed. Neither ever fails the
/// function.
///
/// Made by [`Instrumentation::snapstart`](crate::Instrumentation::snapstart).
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

    /// Reseeds the generator the tracer provider was given. Default: none, and environments restored
    /// from one snapshot may repeat each other's ids.
    #[must_use]
    pub fn with_ids(mut self, ids: SnapStartIdGenerator) -> Self {
        self.ids = Some(ids);
        self
    }

    /// Runs before the snapshot and after the restore: the place to drop connections, which do not
    /// survive it. The exporter's are dropped without. Default: nothing.
    #[must_use]
    pub fn with_hook(mut self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        self.hook = Some(Box::new(hook));
        self
    }
}

impl SnapStart {
    /// Drops connections, within the time of a flush.
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
