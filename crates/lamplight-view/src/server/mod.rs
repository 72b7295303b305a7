//! The local server, which receives OTLP and shows pages.
//!
//! It listens on two addresses: one for pages, one for OTLP over HTTP (`/v1/traces`, protobuf and
//! JSON, gzip and Zstandard). Both are on the loopback interface by default. There the server only
//! responds to requests addressed to it: requests from a site whose name was redirected here ("DNS
//! rebinding") are refused. On any other interface a token is required.
//!
//! Other sources of spans add them with an [`Intake`], and open pages show them at once.

mod answer;
mod guard;
mod intake;
mod live;
mod otlp;
mod pages;
mod token;
mod unpack;

use std::{
    fmt,
    future::Future,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::Router;
use tokio::{net::TcpListener, sync::watch};

pub use intake::{Intake, IntakeCounts};
pub use token::Token;

use guard::Guard;

use crate::store::Store;

/// The standard port of OTLP over HTTP.
pub const OTLP_PORT: u16 = 4318;

/// Time for connections to end when the server stops.
const FAREWELL: Duration = Duration::from_secs(1);

/// The addresses and access of the server.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// The interface. Default: `127.0.0.1`.
    pub listen: IpAddr,
    /// The port of pages; 0 for any free one. Default: 0.
    pub port: u16,
    /// The port of OTLP; 0 for any free one, `None` to disable OTLP. Default: 4318.
    pub otlp_port: Option<u16>,
    /// The token that requests must contain; required unless the interface is loopback. Default:
    /// `None`.
    pub token: Option<Token>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: Ipv4Addr::LOCALHOST.into(),
            port: 0,
            otlp_port: Some(OTLP_PORT),
            token: None,
        }
    }
}

/// A server that listens, and responds once it [runs](Server::run).
#[derive(Debug)]
pub struct Server {
    pages: Listener,
    otlp: Option<Listener>,
    intake: Intake,
    token: Option<Token>,
}

#[derive(Debug)]
struct Listener {
    listener: TcpListener,
    address: SocketAddr,
}

/// The error of a server that cannot listen. Its text includes the remedy.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServerError {
    /// Other machines could reach it, and there is no token.
    NeedsToken(IpAddr),
    /// The address cannot be used.
    Listen {
        /// The address.
        address: SocketAddr,
        /// True if it is the OTLP address.
        is_otlp: bool,
        /// The reason.
        error: io::Error,
    },
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeedsToken(listen) => write!(
                f,
                "other machines can reach {listen}: set a token, or listen on 127.0.0.1"
            ),
            Self::Listen {
                address,
                is_otlp,
                error,
            } => {
                let what = if *is_otlp { "OTLP" } else { "pages" };
                write!(f, "cannot listen on {address} for {what}: {error}")?;
                if error.kind() == io::ErrorKind::AddrInUse {
                    f.write_str(
                        "; another program uses this port (a Collector, or a second `lamplight \
                        serve`): choose another one",
                    )?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for ServerError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NeedsToken(_) => None,
            Self::Listen { error, .. } => Some(error),
        }
    }
}

impl Server {
    /// Returns a server for the content of a store, which listens from now on.
    ///
    /// # Errors
    ///
    /// Returns an error if it cannot listen there, or must not without a token.
    pub async fn bind(store: Arc<dyn Store>, settings: Settings) -> Result<Self, ServerError> {
        let Settings {
            listen,
            port,
            otlp_port,
            token,
        } = settings;
        if !listen.is_loopback() && token.is_none() {
            return Err(ServerError::NeedsToken(listen));
        }
        let pages = Listener::bind(listen, port, false).await?;
        let otlp = match otlp_port {
            Some(port) => Some(Listener::bind(listen, port, true).await?),
            None => None,
        };
        let intake = Intake::new(store);
        Ok(Self {
            pages,
            otlp,
            intake,
            token,
        })
    }

    /// Returns the URL of the first page on this machine, with the token if one is required.
    #[must_use]
    pub fn url(&self) -> String {
        let address = reachable(self.pages.address);
        match &self.token {
            Some(token) => format!("http://{address}/?{}={token}", pages::TOKEN),
            None => format!("http://{address}/"),
        }
    }

    /// Returns the value for `OTEL_EXPORTER_OTLP_ENDPOINT`.
    #[must_use]
    pub fn otlp_endpoint(&self) -> Option<String> {
        let otlp = self.otlp.as_ref()?;
        Some(format!("http://{}", reachable(otlp.address)))
    }

    /// Returns a handle for adding spans from other sources.
    #[must_use]
    pub fn intake(&self) -> Intake {
        self.intake.clone()
    }

    /// Responds until `stop` is ready. Running requests then have a second to end.
    ///
    /// # Errors
    ///
    /// Returns an error if a listener fails.
    pub async fn run(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let (stopping, stopped) = watch::channel(false);
        let guard = Guard::new(self.pages.address, self.token);
        let pages = pages::router(&self.intake, stopped.clone());
        let pages = guard.clone().around(pages, guard::Door::Pages);
        let pages = self.pages.serve(pages, stopped.clone());
        let otlp = self.otlp.map(|listener| {
            let router = guard.around(otlp::router(self.intake), guard::Door::Otlp);
            listener.serve(router, stopped)
        });
        let otlp = async {
            match otlp {
                Some(serving) => serving.await,
                None => Ok(()),
            }
        };
        let serving = async { tokio::try_join!(pages, otlp).map(|_| ()) };
        tokio::pin!(serving);
        tokio::select! {
            ended = &mut serving => return ended,
            () = stop => {}
        }
        // Without a receiver there is nothing to stop.
        let _ = stopping.send(true);
        let ended = tokio::time::timeout(FAREWELL, serving).await;
        ended.unwrap_or(Ok(()))
    }
}

/// Returns the local address of a server that listens on every interface, whose own address is not
/// a valid destination.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

impl Listener {
    async fn bind(listen: IpAddr, port: u16, is_otlp: bool) -> Result<Self, ServerError> {
        let address = SocketAddr::new(listen, port);
        let error = |error| ServerError::Listen {
            address,
            is_otlp,
            error,
        };
        let listener = TcpListener::bind(address).await.map_err(error)?;
        let address = listener.local_addr().map_err(error)?;
        Ok(Self { listener, address })
    }

    async fn serve(self, router: Router, mut stopped: watch::Receiver<bool>) -> io::Result<()> {
        let stop = async move {
            // A dropped sender has the same meaning.
            let _ = stopped.wait_for(|stopped| *stopped).await;
        };
        axum::serve(self.listener, router)
            .with_graceful_shutdown(stop)
            .await
    }
}
