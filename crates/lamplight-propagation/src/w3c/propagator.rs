//! The three fields as an OpenTelemetry propagator.

use std::sync::LazyLock;

use opentelemetry::{
    Context,
    propagation::{Extractor, Injector, TextMapPropagator, text_map_propagator::FieldIter},
};

use super::{
    BAGGAGE, Received, TRACEPARENT, TRACESTATE,
    fields::{Fields, inject_headers},
};

/// A propagator for `traceparent`, `tracestate` and `baggage`. See the [module docs](super).
#[derive(Debug, Clone, Copy, Default)]
pub struct W3cPropagator(());

impl W3cPropagator {
    /// Returns the propagator. It has no settings.
    pub const fn new() -> Self {
        Self(())
    }
}

impl TextMapPropagator for W3cPropagator {
    fn inject_context(&self, cx: &Context, injector: &mut dyn Injector) {
        inject_headers(injector, &Fields::from_context(cx));
    }

    fn extract_with_context(&self, cx: &Context, extractor: &dyn Extractor) -> Context {
        let all = |name| {
            let values = extractor.get_all(name).unwrap_or_default();
            values.into_iter().map(str::as_bytes)
        };
        let found = Received::read(all(TRACEPARENT), all(TRACESTATE), all(BAGGAGE));
        found.into_context(cx)
    }

    fn fields(&self) -> FieldIter<'_> {
        static FIELDS: LazyLock<[String; 3]> =
            LazyLock::new(|| [TRACEPARENT, TRACESTATE, BAGGAGE].map(str::to_owned));
        FieldIter::new(FIELDS.as_slice())
    }
}
