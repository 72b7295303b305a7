//! Access control.

use std::{net::Ipv4Addr, sync::Arc};

use lamplight_view::{
    server::{Server, ServerError, Settings},
    store::{self, SqliteStore, Store},
};
use prost::Message as _;

use super::rig::{start, traces};

const PROTOBUF: (&str, &str) = ("content-type", "application/x-protobuf");

#[test]
fn a_site_whose_name_points_here_is_refused() {
    let server = start(None);
    let body = traces("a", 1).encode_to_vec();
    for host in ["evil.example", "evil.example:4318", "0.0.0.0"] {
        assert_eq!(server.get("/", &[("host", host)]).status, 403, "{host}");
        let answer = server.post(&[PROTOBUF, ("host", host)], &body);
        assert_eq!(answer.status, 403, "{host}");
    }
    let local = format!("localhost:{}", server.pages.port());
    assert_eq!(server.get("/", &[("host", &local)]).status, 200);
    assert_eq!(server.intake.counts().spans, 0);
}

#[test]
fn a_page_of_another_site_is_refused_and_our_own_is_not() {
    let server = start(None);
    let body = traces("a", 1).encode_to_vec();
    let foreign = ("origin", "https://evil.example");
    assert_eq!(server.post(&[PROTOBUF, foreign], &body).status, 403);
    assert_eq!(server.get("/", &[foreign]).status, 403);
    let own = format!("http://{}", server.pages);
    assert_eq!(server.get("/", &[("origin", &own)]).status, 200);
    assert_eq!(server.post(&[PROTOBUF], &body).status, 200);
}

#[test]
fn with_a_token_nobody_looks_or_sends_without_it() {
    let server = start(Some("open-sesame"));
    let body = traces("a", 1).encode_to_vec();

    assert_eq!(server.post(&[PROTOBUF], &body).status, 401);
    let wrong = ("authorization", "Bearer open-sesamf");
    assert_eq!(server.post(&[PROTOBUF, wrong], &body).status, 401);
    for right in ["Bearer open-sesame", "bearer open-sesame"] {
        let right = ("authorization", right);
        assert_eq!(server.post(&[PROTOBUF, right], &body).status, 200);
    }

    for path in ["/", "/traces", "/live", "/?token=wrong"] {
        let answer = server.get(path, &[]);
        assert_eq!(answer.status, 401, "{path}");
        assert!(answer.text().contains("lamplight serve"));
    }
    // The printed address contains the token once; afterwards the browser sends the cookie.
    let path = server.url.strip_prefix(&format!("http://{}", server.pages));
    let answer = server.get(path.unwrap(), &[]);
    assert_eq!((answer.status, answer.header("location")), (303, Some("/")));
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"));
    let cookie = cookie.split(';').next().unwrap();
    let known = ("cookie", format!("theme=dark; {cookie}"));
    assert_eq!(server.get("/traces", &[(known.0, &known.1)]).status, 200);
    let forged = cookie.replace("open-sesame", "open");
    assert_eq!(server.get("/traces", &[("cookie", &forged)]).status, 401);
}

#[test]
fn an_address_with_a_token_leads_to_the_same_filters_of_this_server() {
    let server = start(Some("open-sesame"));
    for (path, place) in [
        (
            "/invocations?function=a%26b&token=open-sesame&outcome=failed",
            "/invocations?function=a%26b&outcome=failed",
        ),
        ("//evil.example/?token=open-sesame", "/evil.example/"),
        ("/\\evil.example?token=open-sesame", "/evil.example"),
    ] {
        let answer = server.get(path, &[]);
        assert_eq!(answer.header("location"), Some(place), "{path}");
    }
}

#[test]
fn two_servers_of_a_host_have_a_cookie_each() {
    let name = |server: &super::rig::Running| {
        let answer = server.get("/?token=open-sesame", &[]);
        let cookie = answer.header("set-cookie").unwrap();
        cookie.split('=').next().unwrap().to_owned()
    };
    let (one, other) = (start(Some("open-sesame")), start(Some("open-sesame")));
    assert_ne!(name(&one), name(&other));
}

#[test]
fn other_sites_may_link_to_a_page_and_not_have_it_in_theirs() {
    let server = start(None);
    for (site, destination, status) in [
        ("cross-site", "image", 403),
        ("same-site", "script", 403),
        ("cross-site", "iframe", 403),
        ("cross-site", "document", 200),
        ("same-origin", "empty", 200),
        ("none", "document", 200),
    ] {
        let headers = [("sec-fetch-site", site), ("sec-fetch-dest", destination)];
        let answer = server.get("/traces", &headers);
        assert_eq!(answer.status, status, "{site}, {destination}");
    }
}

#[tokio::test]
async fn what_listens_everywhere_has_an_address_that_can_be_opened() {
    let mut settings = Settings::default();
    settings.listen = Ipv4Addr::UNSPECIFIED.into();
    settings.otlp_port = Some(0);
    settings.token = lamplight_view::server::Token::new("open-sesame");
    let server = Server::bind(empty(), settings).await.unwrap();
    assert!(server.url().starts_with("http://127.0.0.1:"));
    let endpoint = server.otlp_endpoint().unwrap();
    assert!(endpoint.starts_with("http://127.0.0.1:"), "{endpoint}");
}

fn empty() -> Arc<dyn Store> {
    Arc::new(SqliteStore::in_memory(store::Settings::default()).unwrap())
}

#[tokio::test]
async fn others_are_not_let_in_without_a_token() {
    let mut settings = Settings::default();
    settings.listen = Ipv4Addr::UNSPECIFIED.into();
    settings.otlp_port = None;
    let error = Server::bind(empty(), settings).await.unwrap_err();
    assert!(matches!(error, ServerError::NeedsToken(_)), "{error}");
    assert!(error.to_string().contains("token"));
}

#[tokio::test]
async fn a_port_that_is_taken_is_named_with_the_remedy() {
    let taken = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let mut settings = Settings::default();
    settings.otlp_port = Some(port);
    let error = Server::bind(empty(), settings).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains(&port.to_string()) && text.contains("OTLP"),
        "{text}"
    );
    assert!(text.contains("choose another one"), "{text}");
}
