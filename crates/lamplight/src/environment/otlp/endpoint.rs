//! The address of the OTLP endpoint.

use std::{fmt, net::IpAddr};

use http::Uri;
use lamplight_internal::diagnostics::warn_once;

use crate::environment::Environment;

const ENDPOINTS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
];

/// The path appended to the general endpoint.
#[cfg(feature = "exporter-otlp-http")]
const PATH: &str = "/v1/traces";

/// An OTLP endpoint.
///
/// It never contains a user and a password: those of a URL are not sent, and so they cannot be shown.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Endpoint {
    url: String,
    uri: Uri,
    variable: &'static str,
}

impl Endpoint {
    /// Returns the URL as text.
    #[cfg(any(feature = "exporter-otlp-grpc", test))]
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Returns the URL.
    pub(crate) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Returns the variable that sets the endpoint.
    pub(crate) fn variable(&self) -> &'static str {
        self.variable
    }

    /// Validates an address. The error shows no part that may be secret.
    fn new(
        Address { scheme, rest }: Address<'_>,
        path: &str,
        variable: &'static str,
    ) -> Result<Self, String> {
        let url = match (path, rest.split_once('?')) {
            ("", _) => format!("{scheme}://{rest}"),
            (path, None) => format!("{scheme}://{}{path}", rest.trim_end_matches('/')),
            (path, Some((rest, query))) => {
                format!("{scheme}://{}{path}?{query}", rest.trim_end_matches('/'))
            }
        };
        let uri: Uri = url
            .parse()
            .map_err(|error| format!("{variable} is no URL: {error}"))?;
        match uri.host() {
            None | Some("") => Err(format!("{variable} names no host")),
            Some(host) if !has_port(&uri, host) => Err(format!(
                "{variable} is no URL: behind its host comes a port, as in `http://host:4318`"
            )),
            Some(_) => Ok(Self { url, uri, variable }),
        }
    }
}

/// Returns whether the host is followed by a valid port, or by none.
fn has_port(uri: &Uri, host: &str) -> bool {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let rest = authority.strip_prefix(host).unwrap_or_default();
    let port = rest.strip_prefix(':').map(str::parse::<u16>);
    rest.is_empty() || matches!(port, Some(Ok(1..)))
}

/// Omits the query, which may contain a key.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.split('?').next().unwrap_or_default())
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The parts of an address, without user and password.
#[derive(Clone, Copy)]
struct Address<'a> {
    scheme: &'static str,
    rest: &'a str,
}

impl<'a> Address<'a> {
    /// Parses an address. If it has no scheme, `guess` decides from the host whether it is secure.
    fn parse(
        address: &'a str,
        variable: &'static str,
        guess: impl FnOnce(&str) -> bool,
    ) -> Result<Self, String> {
        let (scheme, rest) = match address.split_once("://") {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, address),
        };
        let rest = match without_user(rest) {
            None => rest,
            Some(rest) => {
                warn_once("credentials-in-endpoint", || {
                    format!(
                        "user and password in {variable} are not sent; give them in \
                         OTEL_EXPORTER_OTLP_HEADERS: `authorization=Basic%20..`"
                    )
                });
                rest
            }
        };
        // A fragment is never sent to a server (RFC 3986, section 3.5).
        let rest = rest.split('#').next().unwrap_or_default();
        let secure = match scheme.map(str::to_ascii_lowercase).as_deref() {
            Some("http") => false,
            Some("https") => true,
            None if !has_scheme(rest) => guess(host(rest)),
            _ => {
                return Err(format!(
                    "{variable} has to begin with `http://` or `https://`"
                ));
            }
        };
        Ok(Self {
            scheme: if secure { "https" } else { "http" },
            rest,
        })
    }

    /// Returns the part before the path.
    #[cfg(feature = "exporter-otlp-grpc")]
    fn authority(&self) -> &'a str {
        authority(self.rest)
    }
}

/// Returns the part before the path.
fn authority(address: &str) -> &str {
    address.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Returns the address without user and password; `None` if it has none.
///
/// User info precedes the path (RFC 3986, section 3.2), in which an `@` is an ordinary character. If it were
/// taken for the end of a password, spans and headers would be sent to another host. A password that contains
/// a character that ends a host leaves no valid host and port before that character.
fn without_user(address: &str) -> Option<&str> {
    let authority = authority(address);
    let port = authority.rsplit_once(':').map(|(_, port)| port);
    let is_host = port.is_none_or(|port| port.ends_with(']') || port.parse::<u16>().is_ok());
    let place = match authority.contains('@') || is_host {
        true => authority,
        false => address,
    };
    address.get(place.rfind('@')? + 1..)
}

/// Returns whether the address begins with an intended scheme, as in `http:/host`.
fn has_scheme(address: &str) -> bool {
    let before = address.split_once(':').map_or("", |(before, _)| before);
    before.eq_ignore_ascii_case("http") || before.eq_ignore_ascii_case("https")
}

/// Returns the host of an address without a scheme.
fn host(address: &str) -> &str {
    let authority = authority(address);
    if let Some((host, _)) = authority
        .strip_prefix('[')
        .and_then(|it| it.split_once(']'))
    {
        return host;
    }
    authority.split(':').next().unwrap_or_default()
}

/// Returns whether a host is this machine, as for a collector beside the function.
pub(super) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let address = host.parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

impl Environment<'_> {
    /// Returns the URL that traces are posted to: the traces endpoint unchanged, or the general endpoint with
    /// the path appended, unless it already ends in it.
    #[cfg(feature = "exporter-otlp-http")]
    pub(crate) fn otlp_http_endpoint(&self) -> Result<Endpoint, String> {
        let [of_traces, general] = ENDPOINTS;
        let default = (general, "http://localhost:4318".to_owned());
        let (name, address) = self.otlp(ENDPOINTS).unwrap_or(default);
        let guess = |host: &str| match self.is_insecure() {
            Some(insecure) => !insecure,
            None => !is_loopback(host),
        };
        let is_guess = !address.contains("://");
        let address = Address::parse(&address, name, guess)?;
        let path = address.rest.split(['?', '#']).next().unwrap_or_default();
        let has_path = path.trim_end_matches('/').ends_with(PATH);
        let appended = if name == of_traces || has_path {
            ""
        } else {
            PATH
        };
        let endpoint = Endpoint::new(address, appended, name)?;
        if is_guess {
            warn_once("otlp-endpoint-without-scheme", || {
                format!(
                    "{name} has no scheme, and `{}://` is taken; put `http://` or `https://` in front",
                    address.scheme
                )
            });
        }
        if has_path && name == general {
            warn_once("otlp-endpoint-with-path", || {
                format!(
                    "{name} ends in {PATH}, which is appended to it without being asked for; it is \
                     used as it is. Leave the path out, or set {of_traces} to this"
                )
            });
        }
        Ok(endpoint)
    }

    /// Returns the address of the gRPC service: the scheme of the endpoint, or otherwise the one that
    /// `INSECURE` implies; a host and a port.
    #[cfg(feature = "exporter-otlp-grpc")]
    pub(crate) fn otlp_grpc_endpoint(&self) -> Result<Endpoint, String> {
        let [_, general] = ENDPOINTS;
        let default = (general, "http://localhost:4317".to_owned());
        let (name, address) = self.otlp(ENDPOINTS).unwrap_or(default);
        let guess = |_: &str| !self.is_insecure().unwrap_or(false);
        let address = Address::parse(&address, name, guess)?;
        let authority = address.authority();
        let path = address.rest.strip_prefix(authority).unwrap_or_default();
        let rest = authority;
        let endpoint = Endpoint::new(Address { rest, ..address }, "", name)?;
        if !path.trim_matches('/').is_empty() {
            warn_once("otlp-endpoint-with-path", || {
                format!(
                    "over gRPC there is no path, so that of {name} is left out; if one is meant, set \
                     OTEL_EXPORTER_OTLP_PROTOCOL to `http/protobuf`"
                )
            });
        }
        Ok(endpoint)
    }

    /// Returns whether an endpoint without a scheme is used without TLS.
    fn is_insecure(&self) -> Option<bool> {
        let names = [
            "OTEL_EXPORTER_OTLP_TRACES_INSECURE",
            "OTEL_EXPORTER_OTLP_INSECURE",
        ];
        names.into_iter().find_map(|name| self.boolean(name))
    }
}
