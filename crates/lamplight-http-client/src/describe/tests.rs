//! Targets that no client makes, and headers of hosts.

use http::HeaderValue;

use super::*;

fn target(uri: &str, host: Option<&str>) -> (String, Option<String>, Option<u16>) {
    let uri = Uri::try_from(uri).unwrap();
    let mut headers = HeaderMap::new();
    if let Some(host) = host {
        headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
    }
    let target = Target::of(&uri, None, &headers);
    let address = target.address().map(str::to_owned);
    (
        target.full(&uri, &EventExtractor::new()),
        address,
        target.port(),
    )
}

#[test]
fn a_url_is_as_whole_as_it_can_be() {
    let of = |host: &str, port| (Some(host.to_owned()), port);
    for (uri, host, full, (address, port)) in [
        ("/a?b", None, "/a?b", (None, None)),
        (
            "/a",
            Some("h.example"),
            "//h.example/a",
            of("h.example", None),
        ),
        ("/a", Some("[::1]:81"), "//[::1]:81/a", of("::1", Some(81))),
        (
            "/a",
            Some("u:s@h:1"),
            "//REDACTED:REDACTED@h:1/a",
            of("h", Some(1)),
        ),
        ("/a", Some("no host"), "/a", (None, None)),
        (
            "h.example:443",
            None,
            "//h.example:443",
            of("h.example", Some(443)),
        ),
        (
            "ftp://h.example/",
            None,
            "ftp://h.example/",
            of("h.example", None),
        ),
        ("*", None, "*", (None, None)),
        (
            "http://h.example?",
            None,
            "http://h.example/?",
            of("h.example", Some(80)),
        ),
    ] {
        assert_eq!(target(uri, host), (full.to_owned(), address, port), "{uri}");
    }
}
