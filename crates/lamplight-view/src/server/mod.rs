//! The local server: OTLP in, pages out.
//!
//! It listens on two addresses: one for pages, one for OTLP over HTTP (`/v1/traces`, protobuf and JSON,
//! gzip and Zstandard). Both are on the loopback interface unless said otherwise, and answer only what was
//! addressed to it then: a page of some site that has its name point here ("DNS rebinding") is refused.
//! On any other interface a token is asked for.
//!
//! Whatever else brings spans adds them by an [`Intake`], and open pages show them at once.

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

/// Port that OTLP over HTTP has by its specification.
pub const OTLP_PORT: u16 = 4318;

/// Time that connections have to end when the server does.
const FAREWELL: Duration = Duration::from_secs(1);

/// Where the server listens, and who may ask.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// Interface. Default: `127.0.0.1`.
    pub listen: IpAddr,
    /// Port of pages, 0 for any that is free. Default: 0.
    pub port: u16,
    /// Port of OTLP, 0 for any that is free; `None` for no OTLP. Default: 4318.
    pub otlp_port: Option<u16>,
    /// What whoever asks must know; without it the interface must be loopback. Default: none.
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

/// A server that listens, and answers once it [runs](Server::run).
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

/// Why a server cannot listen. Its text says what to do.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServerError {
    /// Others could reach it, and there is no token.
    NeedsToken(IpAddr),
    /// The address cannot be had.
    Listen {
        /// The address.
        address: SocketAddr,
        /// Whether it is that of OTLP.
        is_otlp: bool,
        /// Why.
        error: io::Error,
    },
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeedsToken(listen) => write!(
                f,
                "others can reach {listen}: set a token, or listen on 127.0.0.1"
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
                        "; another program has this port (a Collector, or a second `lamplight serve`): \
                         choose another one",
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
    /// Returns a server of what a store holds, which listens from now on.
    ///
    /// # Errors
    ///
    /// If it cannot listen there, or may not for want of a token.
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

    /// Returns the URL of the first page for this machine, with the token where one is asked for.
    #[must_use]
    pub fn url(&self) -> String {
        let address = reachable(self.pages.address);
        match &self.token {
            Some(token) => format!("http://{address}/?{}={token}", pages::TOKEN),
            None => format!("http://{address}/"),
        }
    }

    /// Returns what `OTEL_EXPORTER_OTLP_ENDPOINT` is to be.
    #[must_use]
    pub fn otlp_endpoint(&self) -> Option<String> {
        let otlp = self.otlp.as_ref()?;
        Some(format!("http://{}", reachable(otlp.address)))
    }

    /// Returns where spans from elsewhere are added.
    #[must_use]
    pub fn intake(&self) -> Intake {
        self.intake.clone()
    }

    /// Answers until `stop` is ready. Requests under way have a second to end then.
    ///
    /// # Errors
    ///
    /// If a listener fails.
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
        // Nobody is left to be told if there is no receiver.
        let _ = stopping.send(true);
        let ended = tokio::time::timeout(FAREWELL, serving).await;
        ended.unwrap_or(Ok(()))
    }
}

/// Returns where this machine finds what listens on every interface, which is not an address to ask.
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
            // A sender that is gone says the same.
            let _ = stopped.wait_for(|stopped| *stopped).await;
        };
        axum::serve(self.listener, router)
            .with_graceful_shutdown(stop)
            .await
    }
}
