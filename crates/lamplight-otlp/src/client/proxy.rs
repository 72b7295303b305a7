//! The proxy between a client and its endpoint.

use std::fmt;

use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Matcher;

/// A proxy, and what it asks of those who use it.
#[derive(Clone)]
pub struct Proxy {
    pub(super) uri: Uri,
    pub(super) authorization: Option<HeaderValue>,
}

impl Proxy {
    /// Returns the proxy at a URL, with the value of the header `proxy-authorization` that it wants.
    pub const fn new(uri: Uri, authorization: Option<HeaderValue>) -> Self {
        Self { uri, authorization }
    }

    /// Returns the proxy for `endpoint` that variables name: `HTTPS_PROXY` or `HTTP_PROXY`, else
    /// `ALL_PROXY`, unless `NO_PROXY` names the host or it is this machine.
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

    /// Returns its URL.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }
}

/// Without the credentials.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.uri)
    }
}
