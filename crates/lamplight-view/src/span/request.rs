//! The spans of a request.

use std::sync::Arc;

use lamplight_otlp::{
    Malformed,
    trace::{ResourceSpans, ScopeSpans},
};

use super::{Resource, Scope, Span};

/// Spans of a request, and what of it could not be read.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Decoded {
    /// Spans, in their order.
    pub spans: Vec<Span>,
    /// Spans, or groups of them, that are no protobuf messages.
    pub refused: u64,
}

impl Decoded {
    /// Returns the spans of an OTLP request in protobuf. What cannot be read costs itself, and not its
    /// neighbors, unless what is behind it cannot be found any more.
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
