//! A context to be injected.

use lamplight_propagation::outbound::Fields;
use opentelemetry::{
    Context,
    trace::{SpanContext, TraceContextExt as _},
};

use crate::{LamplightInterceptor, call::within};

/// A context to be injected, and the settings that determine its place.
pub(crate) struct Injection<'a> {
    #[cfg_attr(
        not(feature = "_messages"),
        expect(dead_code, reason = "no service writes context")
    )]
    pub(crate) lamplight: &'a LamplightInterceptor,
    fields: Fields,
}

impl<'a> Injection<'a> {
    /// Returns the context of a call's span with `parent` as the current context; `None` if there is nothing
    /// to inject.
    pub(crate) fn new(
        lamplight: &'a LamplightInterceptor,
        parent: &Context,
        span: &SpanContext,
    ) -> Option<Self> {
        let cx = within(parent, span);
        let fields = Fields::of(&cx, &lamplight.propagators);
        let has_xray = lamplight.xray && cx.span().span_context().is_valid();
        (has_xray || !fields.is_empty()).then_some(Self { lamplight, fields })
    }

    /// Returns the fields to write.
    pub(crate) fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Returns the same for messages that may be matched by filter policies, if these need other fields.
    #[cfg(feature = "sns")]
    pub(super) fn for_filters(&self) -> Option<Self> {
        Some(Self {
            lamplight: self.lamplight,
            fields: self.fields.for_filters()?,
        })
    }
}
