//! The route to the endpoint: direct, or through a proxy.

use std::{
    error::Error,
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::{
    client::legacy::connect::{Connected, Connection, HttpConnector, proxy::Tunnel},
    rt::TokioIo,
};
use tokio::net::TcpStream;
use tower_service::Service;

use super::Proxy;

type BoxError = Box<dyn Error + Send + Sync>;

/// A connector to the endpoint.
#[derive(Clone)]
pub(super) enum Route {
    /// To the endpoint itself.
    Direct(HttpConnector),
    /// To a proxy that receives the whole URL with each request: plain HTTP.
    Forward(HttpConnector, Uri),
    /// Through a proxy that sees only the host (`CONNECT`).
    Tunnel(Tunnel<HttpConnector>),
}

impl Route {
    /// Returns the route through `proxy`. A proxy reads and answers plain HTTP requests itself, unless
    /// `tunnels` is set.
    pub(super) fn new(proxy: Option<&Proxy>, tunnels: bool) -> Self {
        let mut http = HttpConnector::new();
        // TLS is added by a layer above.
        http.enforce_http(false);
        http.set_nodelay(true);
        let Some(proxy) = proxy else {
            return Self::Direct(http);
        };
        if !tunnels {
            return Self::Forward(http, proxy.uri.clone());
        }
        let tunnel = Tunnel::new(proxy.uri.clone(), http);
        Self::Tunnel(match &proxy.authorization {
            Some(authorization) => tunnel.with_auth(authorization.clone()),
            None => tunnel,
        })
    }
}

impl Service<Uri> for Route {
    type Response = Stream;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match self {
            Self::Direct(http) | Self::Forward(http, _) => http.poll_ready(cx).map_err(Into::into),
            Self::Tunnel(tunnel) => tunnel.poll_ready(cx).map_err(Into::into),
        }
    }

    fn call(&mut self, endpoint: Uri) -> Self::Future {
        let stream = |io, is_forwarded| Stream { io, is_forwarded };
        match self {
            Self::Direct(http) => {
                let connect = http.call(endpoint);
                Box::pin(async move { Ok(stream(connect.await?, false)) })
            }
            Self::Forward(http, proxy) => {
                let connect = http.call(proxy.clone());
                Box::pin(async move { Ok(stream(connect.await?, true)) })
            }
            Self::Tunnel(tunnel) => {
                let connect = tunnel.call(with_port(endpoint));
                Box::pin(async move { Ok(stream(connect.await?, false)) })
            }
        }
    }
}

/// Returns the URL with the default port of its scheme: a tunnel otherwise uses the TLS port for any scheme.
fn with_port(url: Uri) -> Uri {
    let (Some("http"), None, Some(host)) = (url.scheme_str(), url.port(), url.host()) else {
        return url;
    };
    let with_port = Uri::builder().scheme("http").path_and_query("/");
    let with_port = with_port.authority(format!("{host}:80")).build();
    with_port.unwrap_or(url)
}

/// A connection, with a flag for a proxy at its other end that reads requests.
pub(super) struct Stream {
    io: TokioIo<TcpStream>,
    is_forwarded: bool,
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        self.io.connected().proxy(self.is_forwarded)
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl Write for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }
}
