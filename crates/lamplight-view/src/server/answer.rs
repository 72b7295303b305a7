//! Answers in plain text.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

/// Returns an answer for people, which no browser takes for a page.
pub(super) fn plain(status: StatusCode, text: impl Into<String>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, text.into()).into_response()
}
