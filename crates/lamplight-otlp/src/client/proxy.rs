//! The proxy between a client and its endpoint.

use std::fmt;

use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Matcher;

/// A proxy and the credentials for it.
#[derive(Clone)]
pub struct Proxy {
    pub(super) uri: Uri,
    pub(super) authorization: Option<HeaderValue>,
}

impl Proxy {
    /// Returns the proxy at a URL, with the value of the header `proxy-authorization`.
    pub const fn new(uri: Uri, authorization: Option<HeaderValue>) -> Self {
        Self { uri, authorization }
    }

    /// Returns the proxy for `endpoint` from environment variables: `HTTPS_PROXY` or `HTTP_PROXY`, otherwise
    /// `ALL_PROXY`, unless `NO_PROXY` names the host or the host is this machine.
    pub fn of_environment(endpoint: &Uri) -> Option<Self> {
        let host = endpoint.host()?.trim_matches(['[', ']']);
        let is_here = host
            .parse::<std::net::IpAddr>()
            .map(|host| host.is_loopback());
        if is_here.unwrap_or(host == "localhost") {
            return None;
        }
        let proxy = Matcher::from_env().intercept(endpoint)?;
        (proxy.uri().scheme_str() == Some("http"))
            .then(|| Self::new(proxy.uri().clone(), proxy.basic_auth().cloned()))
    }

    /// Returns the URL of the proxy.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }
}

/// Omits the credentials.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.uri)
    }
}
