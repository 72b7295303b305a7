use tower_layer::Layer;

use super::InvocationService;
use crate::recorder::Mode;

/// The layer for the runtime, created by
/// [`Instrumentation::invocation_layer`](crate::Instrumentation::invocation_layer).
#[derive(Debug, Clone)]
pub struct InvocationLayer {
    mode: Mode,
}

impl InvocationLayer {
    pub(crate) fn new(mode: Mode) -> Self {
        Self { mode }
    }
}

impl<S> Layer<S> for InvocationLayer {
    type Service = InvocationService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        InvocationService::new(inner, self.mode.clone())
    }
}
