//! The proxy between the function and the endpoint.

use std::fmt;

use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Matcher;
use lamplight_internal::diagnostics::warn_once;

use super::{Endpoint, endpoint::is_loopback};
use crate::environment::Environment;

const HTTPS: [&str; 2] = ["HTTPS_PROXY", "https_proxy"];
const HTTP: [&str; 2] = ["HTTP_PROXY", "http_proxy"];
const ALL: [&str; 2] = ["ALL_PROXY", "all_proxy"];
const NO: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// A proxy and the credentials for it.
#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) uri: Uri,
    pub(crate) authorization: Option<HeaderValue>,
    /// The variable that sets the proxy.
    pub(crate) variable: &'static str,
}

/// Omits the credentials.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.uri)
    }
}

impl Environment<'_> {
    /// Returns the proxy for `endpoint`: that of `HTTPS_PROXY` or `HTTP_PROXY`, otherwise that of
    /// `ALL_PROXY`, unless `NO_PROXY` names the host. Endpoints on this machine need none.
    pub(crate) fn otlp_proxy(&self, endpoint: &Endpoint) -> Option<Proxy> {
        let uri = endpoint.uri();
        let of_scheme = match uri.scheme_str() {
            Some("https") => HTTPS,
            _ => HTTP,
        };
        let (variable, value) = self.first(of_scheme).or_else(|| self.first(ALL))?;
        if uri.host().is_none_or(is_loopback) {
            return None;
        }
        let no = self.first(NO).map(|(_, list)| hosts(&list));
        let matcher = Matcher::builder().no(no.unwrap_or_default());
        matcher.all("http://any").build().intercept(uri)?;
        let found = Matcher::builder().all(value).build().intercept(uri);
        match found.filter(|proxy| proxy.uri().scheme_str() == Some("http")) {
            Some(proxy) => Some(Proxy {
                uri: proxy.uri().clone(),
                authorization: proxy.basic_auth().cloned(),
                variable,
            }),
            None => {
                warn_once("otlp-proxy", || {
                    format!(
                        "{variable} is not used, and spans are sent without a proxy: it has to be \
                         the URL of an HTTP proxy, `http://host:port`"
                    )
                });
                None
            }
        }
    }
}

/// Returns the list with hosts only: some users add a port, or a star before the domain.
fn hosts(list: &str) -> String {
    let hosts = list.split(',').map(|host| {
        let host = host.trim();
        let host = host.strip_prefix("*.").unwrap_or(host);
        match host.split_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        }
    });
    hosts.collect::<Vec<_>>().join(",")
}
