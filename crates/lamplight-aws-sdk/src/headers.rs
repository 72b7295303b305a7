//! Context in the HTTP headers of a request.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use lamplight_propagation::{outbound::Fields, xray::X_AMZN_TRACE_ID};

use crate::{
    LamplightInterceptor,
    call::Call,
    carrier::{Carrier, Destination},
};

/// The maximum length of an X-Ray header over HTTP, in characters.
const XRAY_LIMIT: usize = 500;

/// Sets the call's span in the SDK's X-Ray header, which exists by now and is not signed.
pub(crate) fn xray(lamplight: &LamplightInterceptor, call: &Call, request: &mut HttpRequest) {
    if !lamplight.xray {
        return;
    }
    let fields = Fields::from_context(&call.context());
    let header = fields.xray_header(request.headers().get(X_AMZN_TRACE_ID), XRAY_LIMIT);
    if let Some(header) = header {
        // If the value is invalid in a header, the request remains unchanged.
        let _ = request.headers_mut().try_insert(X_AMZN_TRACE_ID, header);
    }
}

/// Adds W3C headers after signing, so that they are not part of the signature of a presigned request.
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
