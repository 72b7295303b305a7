//! Who may ask.

use std::net::IpAddr;

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

/// Which of the two addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// Pages: the token comes in a cookie.
    Pages,
    /// OTLP: the token comes in `Authorization: Bearer`.
    Otlp,
}

/// The rules of one server.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    is_loopback: bool,
    token: Option<Token>,
}

impl Guard {
    pub(super) const fn new(is_loopback: bool, token: Option<Token>) -> Self {
        Self { is_loopback, token }
    }

    /// Returns the router behind these rules.
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

    /// Returns the answer to a request that gets no further.
    fn refuse(&self, request: &Request, door: Door) -> Option<Box<Response>> {
        let headers = request.headers();
        if self.is_loopback && !is_addressed_to_loopback(headers, request.uri()) {
            let text = "This server answers requests to localhost only, and this one names another host.\n\
                        To let others in: lamplight serve --listen ADDRESS\n";
            return Some(Box::new(plain(StatusCode::FORBIDDEN, text)));
        }
        // Pages of other sites may not send spans or read pages, whatever their browser lets them try.
        if let Some(origin) = headers.get(header::ORIGIN)
            && !is_same(origin, headers, request.uri())
        {
            let text = "Pages of other sites may not ask here.\n";
            return Some(Box::new(plain(StatusCode::FORBIDDEN, text)));
        }
        let token = self.token.as_ref()?;
        match door {
            Door::Otlp => {
                let said = headers.get(header::AUTHORIZATION);
                let said = said.and_then(|said| said.to_str().ok());
                let bearer = said.and_then(|said| said.strip_prefix("Bearer "));
                let is_known = bearer.is_some_and(|said| token.is(said));
                (!is_known).then(|| Box::new(plain(StatusCode::UNAUTHORIZED, OTLP_NEEDS_TOKEN)))
            }
            Door::Pages => self.refuse_page(request, token),
        }
    }

    /// A page: the address has the token once, the cookie from then on.
    fn refuse_page(&self, request: &Request, token: &Token) -> Option<Box<Response>> {
        let cookies = request.headers().get_all(header::COOKIE).into_iter();
        let is_known = cookies
            .filter_map(|cookies| cookies.to_str().ok())
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .any(|(name, value)| name == COOKIE && token.is(value));
        if is_known {
            return None;
        }
        let query = request.uri().query().unwrap_or_default();
        let said = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find_map(|(name, value)| (name == TOKEN).then_some(value));
        if request.method() != Method::GET || !said.is_some_and(|said| token.is(said)) {
            let text = "Open the address that `lamplight serve` printed: it has the token.\n";
            return Some(Box::new(plain(StatusCode::UNAUTHORIZED, text)));
        }
        let cookie = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict");
        let path = request.uri().path();
        let (Ok(cookie), Ok(path)) = (HeaderValue::from_str(&cookie), HeaderValue::from_str(path))
        else {
            return Some(Box::new(StatusCode::BAD_REQUEST.into_response()));
        };
        let headers = [(header::SET_COOKIE, cookie), (header::LOCATION, path)];
        Some(Box::new((StatusCode::SEE_OTHER, headers).into_response()))
    }
}

const OTLP_NEEDS_TOKEN: &str = "A token is asked for: \
     OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20TOKEN\n";

/// Whether a request was meant for this machine by name, which a page of some site cannot pretend.
fn is_addressed_to_loopback(headers: &HeaderMap, uri: &Uri) -> bool {
    let host = match headers.get(header::HOST) {
        Some(host) => host.to_str().ok(),
        None => uri.authority().map(|authority| authority.as_str()),
    };
    host.is_some_and(is_loopback)
}

/// Whether a host, with a port or without one, is this machine.
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

/// Whether the page that sends a request came from here.
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
