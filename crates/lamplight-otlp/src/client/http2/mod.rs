//! Requests over HTTP/2, on one connection.
//!
//! A network forgets connections while a function is frozen, and tells nobody: what is sent then is lost
//! without a word. So a connection that was used before and stays silent is asked whether it is still
//! there, by a `PING`, once for each request. Servers of gRPC close connections that are asked often without
//! need (`GOAWAY` with `ENHANCE_YOUR_CALM`): by default with the third question within five minutes
//! between which they have sent nothing, so that a client that asks while it waits for a slow answer
//! never gets it.

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

/// The most bytes that are read of an answer. Its status comes behind them, so that what is not kept is
/// read on. Clients of gRPC take no longer ones by default.
const MAX_READ: usize = 4 << 20;

/// A connection, once there is one.
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

    /// Lets go of the connection, which ends with what is under way on it.
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

/// Returns a request that names no user: RFC 9113, section 8.3.1.
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

/// Reads a body and what stands behind it. Of what is longer than is kept, the rest is read and forgotten.
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
        // It fails where the answer has ended already.
        let _ = body.flow_control().release_capacity(data.len());
    }
    if let Ok(trailers) = body.trailers().await {
        received.trailers = trailers.unwrap_or_default();
        received.end = End::Whole;
    }
}

/// Returns whether a server that shuts down has not processed a call: it says so of the connection or of the call
/// (RFC 9113, sections 6.8 and 8.7).
pub(super) fn was_not_processed(error: &h2::Error) -> bool {
    let reason = error.reason();
    error.is_go_away() && reason == Some(h2::Reason::NO_ERROR)
        || error.is_reset() && reason == Some(h2::Reason::REFUSED_STREAM)
}

/// Returns whether the error is that of a connection that is not there any more.
pub(super) fn is_silent(error: &(dyn Error + 'static)) -> bool {
    matches!(error.downcast_ref(), Some(Unanswered::Silent))
}
