//! Requests over HTTP/2, on one connection.
//!
//! Network devices forget connections while a function is frozen, without notifying either side, and requests
//! sent afterwards are silently lost. So if a connection that was used before stays silent, the client checks
//! it with a `PING`, once per request. gRPC servers close connections with too many pings (`GOAWAY` with
//! `ENHANCE_YOUR_CALM`): by default at the third ping within five minutes during which the server has sent
//! nothing. A client that kept pinging while it waits for a slow answer would never receive it.

mod session;
#[cfg(test)]
mod tests;
mod unanswered;
mod watched;

use std::{error::Error, future::poll_fn, sync::Mutex};

use bytes::Bytes;
use h2::RecvStream;
use http::{Request, Response, Uri, Version, uri::Authority};
use hyper_rustls::HttpsConnector;
use hyper_util::rt::TokioIo;
use lamplight_internal::sync::lock;
use tower_service::Service;

use self::session::Session;
pub(super) use self::unanswered::Unanswered;
use super::{
    received::{End, Received},
    route::Route,
};

/// The maximum number of bytes that are read of an answer. Its status comes last, so parts that are not kept
/// are read too. gRPC clients accept no longer answers by default.
const MAX_READ: usize = 4 << 20;

/// The connection, if there is one.
pub(super) struct Http2 {
    connector: HttpsConnector<Route>,
    session: Mutex<Option<Session>>,
}

impl Http2 {
    pub(super) fn new(connector: HttpsConnector<Route>) -> Self {
        Self {
            connector,
            session: Mutex::new(None),
        }
    }

    pub(super) async fn send(
        &self,
        request: Request<Bytes>,
    ) -> Result<Response<RecvStream>, Unanswered> {
        let request = of_http2(request);
        let known = lock(&self.session).clone();
        if let Some(session) = known
            && let Some(ready) = session.ready().await
        {
            let answer = ready.send(request).await;
            if matches!(answer, Err(Unanswered::Silent)) {
                self.close();
            }
            return answer;
        }
        let session = self.open(request.uri()).await?;
        let sent = session.first(request);
        *lock(&self.session) = Some(session);
        sent.await
    }

    async fn open(&self, uri: &Uri) -> Result<Session, Unanswered> {
        let mut connector = self.connector.clone();
        let connect = async {
            poll_fn(|cx| connector.poll_ready(cx)).await?;
            connector.call(uri.clone()).await
        };
        let stream = connect.await.map_err(Unanswered::Connect)?;
        Session::open(TokioIo::new(stream)).await
    }

    /// Releases the connection, which ends after the requests in progress.
    pub(super) fn reset(&self) {
        let old = lock(&self.session).take();
        drop(old);
    }

    /// Ends the connection.
    pub(super) fn close(&self) {
        let old = lock(&self.session).take();
        old.iter().for_each(Session::close);
    }
}

/// Returns the request without user info in its URL: RFC 9113, section 8.3.1.
fn of_http2(mut request: Request<Bytes>) -> Request<Bytes> {
    *request.version_mut() = Version::HTTP_2;
    let mut parts = request.uri().clone().into_parts();
    let host = parts.authority.as_ref().map(Authority::as_str);
    let host = host.and_then(|authority| authority.rsplit('@').next());
    parts.authority = host.and_then(|host| host.parse().ok());
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
    request
}

/// Reads a body and its trailers. Parts beyond the limit are read and discarded.
pub(super) async fn read(mut body: RecvStream, received: &mut Received) {
    let mut length = 0_usize;
    while let Some(data) = body.data().await {
        let Ok(data) = data else { return };
        received.keep(&data);
        length = length.saturating_add(data.len());
        if length > MAX_READ {
            received.end = End::TooLong;
            return;
        }
        // This fails only if the answer has already ended.
        let _ = body.flow_control().release_capacity(data.len());
    }
    if let Ok(trailers) = body.trailers().await {
        received.trailers = trailers.unwrap_or_default();
        received.end = End::Whole;
    }
}

/// Returns whether a server that shuts down has not processed a call, which it reports for the connection or
/// for the call (RFC 9113, sections 6.8 and 8.7).
pub(super) fn was_not_processed(error: &h2::Error) -> bool {
    let reason = error.reason();
    error.is_go_away() && reason == Some(h2::Reason::NO_ERROR)
        || error.is_reset() && reason == Some(h2::Reason::REFUSED_STREAM)
}

/// Returns whether the error is that of a connection that is gone.
pub(super) fn is_silent(error: &(dyn Error + 'static)) -> bool {
    matches!(error.downcast_ref(), Some(Unanswered::Silent))
}
