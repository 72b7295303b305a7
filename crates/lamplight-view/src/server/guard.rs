//! Access control.

use std::net::{IpAddr, SocketAddr};

use axum::{
    Router,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};

use super::{
    Token,
    answer::plain,
    pages::{COOKIE, TOKEN},
};

/// One of the two addresses of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// Pages: the token is in a cookie.
    Pages,
    /// OTLP: the token is in `Authorization: Bearer`.
    Otlp,
}

/// The access rules of a server.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    is_loopback: bool,
    token: Option<Token>,
    /// Name of the cookie with the token.
    cookie: String,
}

impl Guard {
    /// Returns the rules of a server whose pages are at this address.
    pub(super) fn new(pages: SocketAddr, token: Option<Token>) -> Self {
        Self {
            is_loopback: pages.ip().is_loopback(),
            token,
            cookie: format!("{COOKIE}_{}", pages.port()),
        }
    }

    /// Returns the router with these rules in front of it.
    pub(super) fn around(self, router: Router, door: Door) -> Router {
        router.layer(middleware::from_fn(move |request: Request, next: Next| {
            let refusal = self.refuse(&request, door);
            async move {
                match refusal {
                    Some(refusal) => *refusal,
                    None => next.run(request).await,
                }
            }
        }))
    }

    /// Returns the response to a request that is refused.
    fn refuse(&self, request: &Request, door: Door) -> Option<Box<Response>> {
        let headers = request.headers();
        if self.is_loopback && !is_addressed_to_loopback(headers, request.uri()) {
            let text = "This server only responds to requests to localhost, and this one names \
                        another host.\n\
                        To allow other machines: lamplight serve --listen ADDRESS\n";
            return Some(Box::new(plain(StatusCode::FORBIDDEN, text)));
        }
        // Pages of other sites must not send spans or read pages, whatever their browser permits.
        let is_foreign = headers
            .get(header::ORIGIN)
            .is_some_and(|origin| !is_same(origin, headers, request.uri()));
        if is_foreign || is_embedded(headers) {
            let text = "Requests from pages of other sites are refused.\n";
            return Some(Box::new(plain(StatusCode::FORBIDDEN, text)));
        }
        let token = self.token.as_ref()?;
        match door {
            Door::Otlp => {
                let said = headers.get(header::AUTHORIZATION);
                let said = said.and_then(|said| said.to_str().ok());
                let said = said.and_then(|said| said.split_once(' '));
                let is_known = said.is_some_and(|(scheme, said)| {
                    scheme.eq_ignore_ascii_case("Bearer") && token.is(said)
                });
                (!is_known).then(|| Box::new(plain(StatusCode::UNAUTHORIZED, OTLP_NEEDS_TOKEN)))
            }
            Door::Pages => self.refuse_page(request, token),
        }
    }

    /// For pages: the address contains the token once, and the cookie from then on.
    fn refuse_page(&self, request: &Request, token: &Token) -> Option<Box<Response>> {
        let cookies = request.headers().get_all(header::COOKIE).into_iter();
        let is_known = cookies
            .filter_map(|cookies| cookies.to_str().ok())
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .any(|(name, value)| name == self.cookie && token.is(value));
        if is_known {
            return None;
        }
        let query = request.uri().query().unwrap_or_default();
        let said = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find_map(|(name, value)| (name == TOKEN).then_some(value));
        if request.method() != Method::GET || !said.is_some_and(|said| token.is(said)) {
            let text = "Open the address that `lamplight serve` printed: it contains the token.\n";
            return Some(Box::new(plain(StatusCode::UNAUTHORIZED, text)));
        }
        let name = &self.cookie;
        let cookie = format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict");
        let place = without_token(request.uri());
        let (Ok(cookie), Ok(place)) = (
            HeaderValue::from_str(&cookie),
            HeaderValue::from_str(&place),
        ) else {
            return Some(Box::new(StatusCode::BAD_REQUEST.into_response()));
        };
        let headers = [(header::SET_COOKIE, cookie), (header::LOCATION, place)];
        Some(Box::new((StatusCode::SEE_OTHER, headers).into_response()))
    }
}

const OTLP_NEEDS_TOKEN: &str = "A token is required: \
OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20TOKEN\n";

/// Returns the same address on this server, including filters, without the token.
fn without_token(uri: &Uri) -> String {
    // A path that begins with two of these would refer to another host.
    let mut place = format!("/{}", uri.path().trim_start_matches(['/', '\\']));
    let query = uri.query().unwrap_or_default().split('&');
    let is_token = |pair: &&str| pair.split('=').next() == Some(TOKEN);
    for (index, pair) in query
        .filter(|pair| !pair.is_empty() && !is_token(pair))
        .enumerate()
    {
        place.push(if index == 0 { '?' } else { '&' });
        place.push_str(pair);
    }
    place
}

/// Returns whether the browser reports that a page from another site embeds this as an image,
/// script or frame. Following a link from there is allowed.
fn is_embedded(headers: &HeaderMap) -> bool {
    let said = |name| {
        headers
            .get(name)
            .and_then(|it: &HeaderValue| it.to_str().ok())
    };
    let is_from_elsewhere = matches!(said("sec-fetch-site"), Some("cross-site" | "same-site"));
    let is_opened = said("sec-fetch-dest") == Some("document");
    is_from_elsewhere && !is_opened
}

/// Returns whether a request was addressed to this machine by name, which a page of another site
/// cannot fake.
fn is_addressed_to_loopback(headers: &HeaderMap, uri: &Uri) -> bool {
    let host = match headers.get(header::HOST) {
        Some(host) => host.to_str().ok(),
        None => uri.authority().map(|authority| authority.as_str()),
    };
    host.is_some_and(is_loopback)
}

/// Returns whether a host, with or without a port, is this machine.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    let is_address = || {
        let address = name.parse::<IpAddr>();
        address.is_ok_and(|address| address.is_loopback())
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_name = name.eq_ignore_ascii_case("localhost")
        || name
            .rsplit_once('.')
            .is_some_and(|(_, last)| last.eq_ignore_ascii_case("localhost"));
    is_name || is_address()
}

/// Returns whether the page that sent a request came from this server.
fn is_same(origin: &HeaderValue, headers: &HeaderMap, uri: &Uri) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let host = host.or_else(|| uri.authority().map(|authority| authority.as_str()));
    let origin = origin.to_str().ok();
    let origin = origin.and_then(|origin| origin.split_once("://"));
    matches!((origin, host), (Some((_, origin)), Some(host)) if origin.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn names_of_this_machine_are_known() {
        for host in [
            "localhost",
            "LocalHost:4318",
            "localhost.:1",
            "app.localhost:80",
            "127.0.0.1:4318",
            "127.1.2.3",
            "[::1]:4318",
            "[::1]",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "evil-localhost",
            "0.0.0.0",
            "[::]",
            "192.168.1.2:4318",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
