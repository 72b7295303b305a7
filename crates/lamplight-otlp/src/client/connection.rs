//! Connections that can be let go of, and answers that are bounded.

use std::{
    error::Error,
    io::{self, ErrorKind},
    sync::Mutex,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_rustls::HttpsConnector;
use hyper_util::{client::legacy, rt::TokioExecutor};
use lamplight_internal::{sync::lock, within::within};
use tokio::runtime::Handle;

use super::{failure::Failure, route::Route};

/// The most bytes that are read of an answer.
const MAX_BODY: usize = 64 << 10;

/// The most that is read at once over HTTP/1, and so the longest head of an answer. An endless answer that
/// is read in large pieces leaves the thread no time for timers: no wait would end, and no budget.
const MAX_READ: usize = 16 << 10;

/// How long the body of an answer over HTTP is waited for. Its status has said what counts.
const BODY_WAIT: Duration = Duration::from_secs(1);

/// How long an HTTP/2 connection may be silent while it owes an answer, before it is asked whether it
/// is still there, and then again before it is given up. A network forgets connections while a
/// function is frozen, and tells nobody.
#[cfg(feature = "grpc")]
const SILENCE: Duration = Duration::from_millis(500);

type Pool = legacy::Client<HttpsConnector<Route>, Full<Bytes>>;

/// Sends one request at a time, and drops its connections when it is told to.
pub(super) struct Connections {
    connector: HttpsConnector<Route>,
    /// Whether it speaks HTTP/2, and nothing else.
    is_http2: bool,
    timeout: Duration,
    pool: Mutex<Pool>,
}

/// An answer, as far as it came.
#[derive(Debug, Default)]
pub(super) struct Received {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) trailers: HeaderMap,
    pub(super) body: BytesMut,
    /// Whether it ended as it should.
    pub(super) is_whole: bool,
}

impl Connections {
    pub(super) fn new(connector: HttpsConnector<Route>, is_http2: bool, timeout: Duration) -> Self {
        Self {
            pool: Mutex::new(pool(connector.clone(), is_http2)),
            connector,
            is_http2,
            timeout,
        }
    }

    /// Sends a request, and returns what came of it and how long that was waited for.
    ///
    /// A request whose connection is closed under it, as idle ones are while the environment is
    /// frozen, is sent once more on a new one. The receiver may have had it already: everything comes at
    /// least once.
    pub(super) async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> (Result<Received, Failure>, Duration) {
        if Handle::try_current().is_err() {
            return (Err(Failure::without_runtime()), Duration::ZERO);
        }
        let again = request.clone();
        let exchange = async {
            match self.pool().request(request).await {
                Err(error) if is_closed(&error) => {
                    self.reset();
                    self.pool().request(again).await
                }
                result => result,
            }
        };
        let (answer, waited) = within(self.timeout, exchange).await;
        let response = match answer {
            Some(Ok(response)) => response,
            Some(Err(error)) => return (Err(Failure::of_error(&error)), waited),
            None => {
                self.reset();
                return (Err(Failure::unanswered(self.timeout)), waited);
            }
        };
        let limit = match self.is_http2 {
            // The status of a call comes last.
            true => self.timeout.saturating_sub(waited),
            false => self.timeout.min(BODY_WAIT),
        };
        let (received, more) = receive(response, limit).await;
        (Ok(received), waited.saturating_add(more))
    }

    /// Drops all connections.
    pub(super) fn reset(&self) {
        let fresh = pool(self.connector.clone(), self.is_http2);
        let old = {
            let mut pool = lock(&self.pool);
            std::mem::replace(&mut *pool, fresh)
        };
        drop(old);
    }

    fn pool(&self) -> Pool {
        lock(&self.pool).clone()
    }
}

fn pool(connector: HttpsConnector<Route>, is_http2: bool) -> Pool {
    let mut builder = legacy::Client::builder(TokioExecutor::new());
    builder.http1_max_buf_size(MAX_READ);
    #[cfg(feature = "grpc")]
    if is_http2 {
        builder
            .timer(hyper_util::rt::TokioTimer::new())
            .http2_only(true)
            .http2_keep_alive_interval(SILENCE)
            .http2_keep_alive_timeout(SILENCE);
    }
    let _ = (is_http2, &mut builder);
    builder.build(connector)
}

/// Reads an answer, up to its bounds. What is left of it goes with its connection.
async fn receive(response: Response<Incoming>, limit: Duration) -> (Received, Duration) {
    let (parts, mut body) = response.into_parts();
    let mut received = Received {
        status: parts.status,
        headers: parts.headers,
        ..Received::default()
    };
    let reading = async {
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else { return };
            match frame.into_data() {
                Ok(data) => {
                    let room = MAX_BODY.saturating_sub(received.body.len());
                    received
                        .body
                        .extend_from_slice(&data.slice(..data.len().min(room)));
                    if data.len() > room {
                        return;
                    }
                }
                Err(frame) => received.trailers = frame.into_trailers().unwrap_or_default(),
            }
        }
        received.is_whole = true;
    };
    let (_, waited) = within(limit, reading).await;
    (received, waited)
}

/// Returns whether a server that shuts down has not processed a call: it says so of the connection or of the call
/// (RFC 9113, sections 6.8 and 8.7).
#[cfg(feature = "grpc")]
fn was_not_processed(error: &h2::Error) -> bool {
    let reason = error.reason();
    error.is_go_away() && reason == Some(h2::Reason::NO_ERROR)
        || error.is_reset() && reason == Some(h2::Reason::REFUSED_STREAM)
}

/// Returns whether the other side closed the connection without an answer.
fn is_closed(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<hyper::Error>()
            && (error.is_incomplete_message() || error.is_canceled() || error.is_closed())
        {
            return true;
        }
        if let Some(error) = error.downcast_ref::<io::Error>()
            && matches!(
                error.kind(),
                ErrorKind::BrokenPipe
                    | ErrorKind::ConnectionAborted
                    | ErrorKind::ConnectionReset
                    | ErrorKind::NotConnected
                    | ErrorKind::UnexpectedEof
            )
        {
            return true;
        }
        #[cfg(feature = "grpc")]
        if let Some(error) = error.downcast_ref::<h2::Error>()
            && was_not_processed(error)
        {
            return true;
        }
        cause = error.source();
    }
    false
}
