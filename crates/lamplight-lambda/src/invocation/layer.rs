use super::InvocationService;
use crate::instrumentation::Shared;
use std::sync::Arc;
use tower_layer::Layer;

/// Layer for the runtime, made by
/// [`Instrumentation::invocation_layer`](crate::Instrumentation::invocation_layer).
#[derive(Clone, Debug)]
pub struct InvocationLayer {
    shared: Arc<Shared>,
}

impl InvocationLayer {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

impl<S> Layer<S> for InvocationLayer {
    type Service = InvocationService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        InvocationService::new(inner, self.shared.clone())
    }
}
