//! Requests over HTTP/1.

use std::sync::Mutex;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_rustls::HttpsConnector;
use hyper_util::{client::legacy, rt::TokioExecutor};
use lamplight_internal::sync::lock;

use super::{
    received::{BoxError, End, Received},
    route::Route,
};

/// The maximum number of bytes read at once, and so the longest head of an answer. Reading an endless answer
/// in large pieces would leave the thread no time for timers, so that no timeout and no budget could expire.
const MAX_READ: usize = 16 << 10;

type Pool = legacy::Client<HttpsConnector<Route>, Full<Bytes>>;

/// A pool of connections.
pub(super) struct Http1 {
    connector: HttpsConnector<Route>,
    pool: Mutex<Pool>,
}

impl Http1 {
    pub(super) fn new(connector: HttpsConnector<Route>) -> Self {
        Self {
            pool: Mutex::new(pool(connector.clone())),
            connector,
        }
    }

    pub(super) async fn send(
        &self,
        request: Request<Bytes>,
    ) -> Result<Response<Incoming>, BoxError> {
        let pool = lock(&self.pool).clone();
        Ok(pool.request(request.map(Full::new)).await?)
    }

    /// Drops all connections.
    pub(super) fn reset(&self) {
        let fresh = pool(self.connector.clone());
        let old = std::mem::replace(&mut *lock(&self.pool), fresh);
        drop(old);
    }
}

fn pool(connector: HttpsConnector<Route>) -> Pool {
    let mut builder = legacy::Client::builder(TokioExecutor::new());
    builder.http1_max_buf_size(MAX_READ);
    builder.build(connector)
}

/// Reads a body up to the limit. The rest is dropped together with its connection.
pub(super) async fn read(mut body: Incoming, received: &mut Received) {
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return };
        match frame.into_data() {
            Ok(data) => {
                if !received.keep(&data) {
                    received.end = End::TooLong;
                    return;
                }
            }
            Err(frame) => received.trailers = frame.into_trailers().unwrap_or_default(),
        }
    }
    received.end = End::Whole;
}
