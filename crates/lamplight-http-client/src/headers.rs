//! Context in the headers of a request.

use http::{HeaderMap, HeaderName, HeaderValue};
use lamplight_propagation::{
    Propagators, outbound::Fields, w3c::TRACEPARENT, xray::X_AMZN_TRACE_ID,
};
use opentelemetry::Context;

use crate::{describe::Target, hosts::Receivers};

/// Longest X-Ray header written, in characters.
const XRAY_LIMIT: usize = 500;

/// The rules of what is written, and to whom.
#[derive(Debug, Clone, Default)]
pub(crate) struct Writing {
    pub(crate) propagators: Propagators,
    pub(crate) context: Receivers,
    pub(crate) baggage: Receivers,
}

/// The things that one request may carry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Permit {
    context: bool,
    baggage: bool,
}

impl Writing {
    /// Returns what a request to this server may carry.
    pub(crate) fn permit(&self, target: &Target<'_>) -> Permit {
        let is_one_of = |receivers: &Receivers| receivers.include(target.uri, target.address());
        let context = is_one_of(&self.context);
        Permit {
            context,
            baggage: context && self.propagators.has_baggage() && is_one_of(&self.baggage),
        }
    }

    /// Adds the headers of a context. Nothing that a user has set is overwritten: where a `traceparent` is
    /// already there, nothing at all is written beside it.
    pub(crate) fn write(&self, cx: &Context, permit: Permit, headers: &mut HeaderMap) {
        if headers.contains_key(TRACEPARENT) || !permit.context {
            return;
        }
        let mut fields = Fields::of(cx, &self.propagators);
        if !permit.baggage {
            fields = fields.without_baggage();
        }
        for (name, value) in fields.iter() {
            add(headers, name, value);
        }
        if self.propagators.has_xray()
            && let Some(header) = Fields::from_context(cx).xray_header(None, XRAY_LIMIT)
        {
            add(headers, X_AMZN_TRACE_ID, &header);
        }
    }
}

/// Adds a header that is not there. If the value is not valid in a header, or there are too many, the
/// request stays as it was.
fn add(headers: &mut HeaderMap, name: &str, value: &str) {
    if let Ok(name) = HeaderName::try_from(name)
        && let Ok(value) = HeaderValue::try_from(value)
        && !headers.contains_key(&name)
    {
        let _ = headers.try_insert(name, value);
    }
}
