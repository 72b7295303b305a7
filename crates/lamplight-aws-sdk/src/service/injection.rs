//! A context about to be written.

use lamplight_propagation::outbound::Fields;
use opentelemetry::{
    Context,
    trace::{SpanContext, TraceContextExt as _},
};

use crate::{LamplightInterceptor, call::within};

/// A context about to be written, and the settings that tell where.
pub(crate) struct Injection<'a> {
    #[cfg_attr(
        not(feature = "_messages"),
        expect(dead_code, reason = "no service writes context")
    )]
    pub(crate) lamplight: &'a LamplightInterceptor,
    fields: Fields,
}

impl<'a> Injection<'a> {
    /// Returns the context of a call's span where `parent` is current. `None` if neither has anything to
    /// write.
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

    /// Returns the same for messages that filter policies are compared with, if they need other fields.
    #[cfg(feature = "sns")]
    pub(super) fn for_filters(&self) -> Option<Self> {
        Some(Self {
            lamplight: self.lamplight,
            fields: self.fields.for_filters()?,
        })
    }
}
