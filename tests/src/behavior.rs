//! The behavior of a span destination.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use tokio::sync::Semaphore;

/// The handling of requests by a destination.
#[derive(Debug, Clone, Default)]
pub enum Behavior {
    /// Normal.
    #[default]
    Good,
    /// It responds, but later.
    Late(Duration),
    /// Each response waits for a permit, which it uses up.
    Held(Arc<Semaphore>),
    /// It processes requests, but the first responses are lost.
    Forgetful(Arc<AtomicUsize>),
    /// It rejects requests with this status and body.
    Refusing(u16, &'static str),
}

impl Behavior {
    /// Returns [`Held`](Self::Held), and the semaphore that releases responses.
    pub fn held() -> (Self, Arc<Semaphore>) {
        let permits = Arc::new(Semaphore::new(0));
        (Self::Held(permits.clone()), permits)
    }

    /// Returns [`Forgetful`](Self::Forgetful) for the first `count` requests.
    pub fn forgetful(count: usize) -> Self {
        Self::Forgetful(Arc::new(AtomicUsize::new(count)))
    }

    pub(crate) fn of(self, router: Router) -> Router {
        router.layer(from_fn(move |request, next| {
            self.clone().treat(request, next)
        }))
    }

    async fn treat(self, request: Request, next: Next) -> Response {
        let answer = next.run(request).await;
        match self {
            Self::Good => answer,
            Self::Late(time) => {
                tokio::time::sleep(time).await;
                answer
            }
            Self::Held(permits) => {
                permits.acquire().await.unwrap().forget();
                answer
            }
            Self::Forgetful(left) => {
                let forget = |left: usize| left.checked_sub(1);
                match left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, forget) {
                    Ok(_) => StatusCode::BAD_GATEWAY.into_response(),
                    Err(_) => answer,
                }
            }
            Self::Refusing(status, body) => {
                (StatusCode::from_u16(status).unwrap(), body).into_response()
            }
        }
    }
}
