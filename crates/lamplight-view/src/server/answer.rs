//! Plain-text responses.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

/// Returns a response for people, which browsers do not interpret as a page.
pub(super) fn plain(status: StatusCode, text: impl Into<String>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, text.into()).into_response()
}
