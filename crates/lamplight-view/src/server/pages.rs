//! Pages over HTTP.

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::sync::watch;

use super::{Intake, answer::plain, live};
use crate::{
    page::{self, Site, View, ViewError},
    store::{Store, StoreError},
};

/// Query parameter with the token.
pub(super) const TOKEN: &str = "token";

/// Name of the cookie with the token; the port is appended, since browsers share cookies between
/// all ports of a host.
pub(super) const COOKIE: &str = "lamplight_token";

#[derive(Clone)]
struct Reader {
    intake: Intake,
    stopped: watch::Receiver<bool>,
}

/// Returns the routes: `/live` and every view.
pub(super) fn router(intake: &Intake, stopped: watch::Receiver<bool>) -> Router {
    let reader = Reader {
        intake: intake.clone(),
        stopped,
    };
    Router::new()
        .route("/live", get(events))
        .fallback(view)
        .with_state(reader)
}

async fn events(State(reader): State<Reader>) -> impl IntoResponse {
    live::events(reader.intake, reader.stopped)
}

async fn view(State(reader): State<Reader>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return plain(StatusCode::METHOD_NOT_ALLOWED, "Pages are read-only.\n");
    }
    let uri = request.uri().clone();
    let store = reader.intake.store();
    let rendering = tokio::task::spawn_blocking(move || render(&*store, &uri));
    match rendering.await {
        Ok(response) => response,
        Err(error) => plain(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("The page could not be rendered: {error}\n"),
        ),
    }
}

fn render(store: &dyn Store, uri: &Uri) -> Response {
    let site = Site::served();
    let query = uri.query().unwrap_or_default();
    let (status, page) = match View::parse(uri.path(), query) {
        Ok(view) => match page::render(store, &view, &site) {
            Ok(page) if page.found => (StatusCode::OK, page),
            Ok(page) => (StatusCode::NOT_FOUND, page),
            Err(error) => {
                let status = match error {
                    StoreError::Query(_) => StatusCode::BAD_REQUEST,
                    _ => StatusCode::INTERNAL_SERVER_ERROR,
                };
                (
                    status,
                    page::failure("No answer", &error.to_string(), &site),
                )
            }
        },
        Err(error) => {
            let (status, title) = match error {
                ViewError::Unknown(_) => (StatusCode::NOT_FOUND, "No such page"),
                _ => (StatusCode::BAD_REQUEST, "Invalid address"),
            };
            (status, page::failure(title, &error.to_string(), &site))
        }
    };
    let fixed = HeaderValue::from_static;
    let headers = [
        (header::CONTENT_TYPE, fixed("text/html; charset=utf-8")),
        (
            header::CONTENT_SECURITY_POLICY,
            fixed(page::content_security_policy(true)),
        ),
        (header::CACHE_CONTROL, fixed("no-store")),
        (header::REFERRER_POLICY, fixed("no-referrer")),
        (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (header::X_FRAME_OPTIONS, fixed("DENY")),
        // Pages of other sites learn nothing from a window that they opened, and cannot embed a
        // page as an image.
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            fixed("same-origin"),
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            fixed("same-origin"),
        ),
    ];
    (status, headers, page.html).into_response()
}
