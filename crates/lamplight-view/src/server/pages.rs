//! Pages over HTTP.

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::sync::watch;

use super::{Intake, answer::plain, live};
use crate::page::{self, Site};

/// Parameter of the address that has the token.
pub(super) const TOKEN: &str = "token";

/// Cookie that has the token from then on.
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
    live::events(reader.intake.changes(), reader.stopped)
}

async fn view(State(reader): State<Reader>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return plain(StatusCode::METHOD_NOT_ALLOWED, "Pages are only read.\n");
    }
    let uri = request.uri().clone();
    let store = reader.intake.store();
    let rendering = tokio::task::spawn_blocking(move || render(&*store, &uri));
    match rendering.await {
        Ok(response) => response,
        Err(error) => plain(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("The page could not be made: {error}\n"),
        ),
    }
}

fn render(store: &dyn crate::store::Store, uri: &Uri) -> Response {
    let site = Site::served();
    let page = page::answer(store, uri.path(), uri.query().unwrap_or_default(), &site);
    let status = StatusCode::from_u16(page.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let Ok(policy) = HeaderValue::from_str(&page.policy) else {
        return plain(StatusCode::INTERNAL_SERVER_ERROR, "No policy.\n");
    };
    let fixed = HeaderValue::from_static;
    let headers = [
        (header::CONTENT_TYPE, fixed("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, fixed("no-store")),
        (header::REFERRER_POLICY, fixed("no-referrer")),
        (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (header::X_FRAME_OPTIONS, fixed("DENY")),
    ];
    (status, headers, page.html).into_response()
}
