//! The spans of a request.

use std::sync::Arc;

use lamplight_otlp::{
    Malformed,
    trace::{ResourceSpans, ScopeSpans},
};

use super::{Resource, Scope, Span};

/// The spans of a request, and the number of invalid ones.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Decoded {
    /// Spans, in order.
    pub spans: Vec<Span>,
    /// Number of spans, or groups of them, that are not protobuf messages.
    pub refused: u64,
}

impl Decoded {
    /// Returns the spans of an OTLP request in protobuf. An invalid part does not affect others,
    /// unless the parts after it can no longer be found.
    #[must_use]
    pub fn of(request: &[u8]) -> Self {
        let mut decoded = Self::default();
        for resource in ResourceSpans::of(request) {
            let resource = resource.and_then(|resource| decoded.add_resource(&resource));
            decoded.refused += u64::from(resource.is_err());
        }
        decoded
    }

    fn add_resource(&mut self, resource: &ResourceSpans<'_>) -> Result<(), Malformed> {
        let by = Arc::new(Resource::decode(resource.resource, resource.schema_url)?);
        for scope in resource.scope_spans() {
            let scope = scope.and_then(|scope| self.add_scope(&scope, &by));
            self.refused += u64::from(scope.is_err());
        }
        Ok(())
    }

    fn add_scope(&mut self, scope: &ScopeSpans<'_>, by: &Arc<Resource>) -> Result<(), Malformed> {
        let with = Arc::new(Scope::decode(scope.scope, scope.schema_url)?);
        for span in scope.spans() {
            let span =
                span.and_then(|it| Span::decode(it.message, Arc::clone(by), Arc::clone(&with)));
            match span {
                Ok(span) => self.spans.push(span),
                Err(Malformed { .. }) => self.refused += 1,
            }
        }
        Ok(())
    }
}
