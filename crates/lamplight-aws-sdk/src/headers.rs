//! Context in the HTTP headers of a request.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use lamplight_propagation::{outbound::Fields, xray::X_AMZN_TRACE_ID};

use crate::{
    LamplightInterceptor,
    call::Call,
    carrier::{Carrier, Destination},
};

/// Longest X-Ray header written over HTTP, in characters.
const XRAY_LIMIT: usize = 500;

/// Sets our span in the SDK's X-Ray header. The SDK has written it by now, and signing leaves it out.
pub(crate) fn xray(lamplight: &LamplightInterceptor, call: &Call, request: &mut HttpRequest) {
    if !lamplight.xray {
        return;
    }
    let fields = Fields::from_context(&call.context());
    let header = fields.xray_header(request.headers().get(X_AMZN_TRACE_ID), XRAY_LIMIT);
    if let Some(header) = header {
        // If the value is not valid in a header, the request stays as it was.
        let _ = request.headers_mut().try_insert(X_AMZN_TRACE_ID, header);
    }
}

/// Adds W3C headers after signing, so that a request that is signed for someone else to send is
/// not signed with them.
pub(crate) fn w3c(lamplight: &LamplightInterceptor, call: &Call, request: &mut HttpRequest) {
    if !lamplight.allows(Destination::new(Carrier::HttpHeaders, request.uri())) {
        return;
    }
    let fields = Fields::of(&call.context(), &lamplight.propagators);
    if fields
        .iter()
        .any(|(name, _)| request.headers().contains_key(name))
    {
        return;
    }
    for (name, value) in fields.iter() {
        let _ = request.headers_mut().try_insert(name, value.to_owned());
    }
}
