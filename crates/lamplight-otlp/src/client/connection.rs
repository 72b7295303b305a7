//! Connections that can be dropped, and answers with bounds.

use std::{
    error::Error,
    io::{self, ErrorKind},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper_rustls::HttpsConnector;
use lamplight_internal::within::within;
use tokio::runtime::Handle;

#[cfg(feature = "grpc")]
use super::http2::{self, Http2};
use super::{
    failure::Failure,
    http1::{self, Http1},
    received::{BoxError, Received},
    route::Route,
};

/// The timeout for the body of an answer over HTTP. The status, which decides, has arrived before.
const BODY_WAIT: Duration = Duration::from_secs(1);

/// A connection pool that sends one request at a time, and can be reset.
pub(super) struct Connections {
    protocol: Protocol,
    timeout: Duration,
}

enum Protocol {
    Http1(Box<Http1>),
    #[cfg(feature = "grpc")]
    Http2(Box<Http2>),
}

/// The body of an answer that has not been read yet.
enum Body {
    Http1(Incoming),
    #[cfg(feature = "grpc")]
    Http2(h2::RecvStream),
}

impl Connections {
    pub(super) fn new(connector: HttpsConnector<Route>, is_http2: bool, timeout: Duration) -> Self {
        let protocol = match is_http2 {
            #[cfg(feature = "grpc")]
            true => Protocol::Http2(Box::new(Http2::new(connector))),
            _ => Protocol::Http1(Box::new(Http1::new(connector))),
        };
        Self { protocol, timeout }
    }

    /// Sends a request, and returns its result and the time spent waiting.
    ///
    /// If the connection is closed during the request, as happens to idle connections while the environment
    /// is frozen, the request is sent once more on a new one. The receiver may already have received it:
    /// delivery is at least once.
    pub(super) async fn send(
        &self,
        request: Request<Bytes>,
    ) -> (Result<Received, Failure>, Duration) {
        if Handle::try_current().is_err() {
            return (Err(Failure::without_runtime()), Duration::ZERO);
        }
        let again = request.clone();
        let exchange = async {
            match self.once(request).await {
                Err(error) if is_closed(&*error) => {
                    self.reset();
                    self.once(again).await
                }
                result => result,
            }
        };
        let (answer, waited) = within(self.timeout, exchange).await;
        let response = match answer {
            Some(Ok(response)) => response,
            Some(Err(error)) => return (Err(Failure::of_error(&*error)), waited),
            None => {
                self.give_up();
                return (Err(Failure::unanswered(self.timeout)), waited);
            }
        };
        let (received, more) = self
            .receive(response, self.timeout.saturating_sub(waited))
            .await;
        (Ok(received), waited.saturating_add(more))
    }

    /// Sends a request on an existing connection, or otherwise on a new one.
    async fn once(&self, request: Request<Bytes>) -> Result<Response<Body>, BoxError> {
        match &self.protocol {
            Protocol::Http1(http1) => Ok(http1.send(request).await?.map(Body::Http1)),
            #[cfg(feature = "grpc")]
            Protocol::Http2(http2) => Ok(http2.send(request).await?.map(Body::Http2)),
        }
    }

    /// Reads an answer, up to its bounds. `left` is the remaining time.
    async fn receive(&self, response: Response<Body>, left: Duration) -> (Received, Duration) {
        // Only used with HTTP/2.
        let _ = left;
        let (parts, body) = response.into_parts();
        let mut received = Received {
            status: parts.status,
            headers: parts.headers,
            ..Received::default()
        };
        match body {
            Body::Http1(body) => {
                let limit = self.timeout.min(BODY_WAIT);
                let (_, waited) = within(limit, http1::read(body, &mut received)).await;
                (received, waited)
            }
            // The status of a gRPC call comes last.
            #[cfg(feature = "grpc")]
            Body::Http2(body) => {
                let (read, waited) = within(left, http2::read(body, &mut received)).await;
                if read.is_none() {
                    self.give_up();
                }
                (received, waited)
            }
        }
    }

    /// Drops all connections. Requests in progress may complete.
    pub(super) fn reset(&self) {
        match &self.protocol {
            Protocol::Http1(http1) => http1.reset(),
            #[cfg(feature = "grpc")]
            Protocol::Http2(http2) => http2.reset(),
        }
    }

    /// Drops connections that do not respond.
    fn give_up(&self) {
        match &self.protocol {
            Protocol::Http1(http1) => http1.reset(),
            #[cfg(feature = "grpc")]
            Protocol::Http2(http2) => http2.close(),
        }
    }
}

/// Returns whether the other side closed the connection without an answer, or is gone.
fn is_closed(error: &(dyn Error + 'static)) -> bool {
    let is_io = |error: &io::Error| {
        matches!(
            error.kind(),
            ErrorKind::BrokenPipe
                | ErrorKind::ConnectionAborted
                | ErrorKind::ConnectionReset
                | ErrorKind::NotConnected
                | ErrorKind::UnexpectedEof
        )
    };
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<hyper::Error>()
            && (error.is_incomplete_message() || error.is_canceled() || error.is_closed())
        {
            return true;
        }
        if error.downcast_ref::<io::Error>().is_some_and(is_io) {
            return true;
        }
        #[cfg(feature = "grpc")]
        if http2::is_silent(error) {
            return true;
        }
        #[cfg(feature = "grpc")]
        if let Some(error) = error.downcast_ref::<h2::Error>()
            && (http2::was_not_processed(error) || error.get_io().is_some_and(is_io))
        {
            return true;
        }
        cause = error.source();
    }
    false
}
