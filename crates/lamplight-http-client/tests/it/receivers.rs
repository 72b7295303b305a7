//! Hosts that must not get context, or baggage.

use http::{Request, Uri};
use lamplight_http_client::HttpClientLayer;

use crate::common::*;

/// The headers that a request to this host gets.
fn to(host: &str, change: impl FnOnce(HttpClientLayer) -> HttpClientLayer) -> (bool, bool) {
    let spans = Spans::new();
    let layer = change(spans.layer());
    let headers = sent(&layer, Request::get(format!("http://{host}/")));
    // A span there is in any case.
    spans.one();
    (
        headers.contains_key("traceparent"),
        headers.contains_key("baggage"),
    )
}

#[test]
fn a_host_that_is_not_listed_gets_nothing() {
    let hosts = ["*.internal.example", "partner.example"];
    for (host, expected) in [
        ("a.internal.example:8080", (true, true)),
        ("user@PARTNER.example", (true, true)),
        ("third.example", (false, false)),
        ("partner.example@third.example", (false, false)),
        ("partner.example.third.example", (false, false)),
    ] {
        assert_eq!(
            to(host, |layer| layer.with_context_hosts(hosts)),
            expected,
            "{host}"
        );
    }
    assert_eq!(
        to("a.example", |it| it.with_context_hosts(["-a.example"])),
        (false, false)
    );
}

#[test]
fn baggage_has_a_list_of_its_own_within_the_other() {
    let both = |layer: HttpClientLayer| {
        let layer = layer.with_context_hosts(["a.example", "b.example"]);
        layer.with_baggage_hosts(["b.example", "c.example"])
    };
    assert_eq!(to("a.example", both), (true, false));
    assert_eq!(to("b.example", both), (true, true));
    assert_eq!(to("c.example", both), (false, false));
}

#[test]
fn a_list_with_a_fault_keeps_everything_back() {
    let to = |pattern: &'static str| to("a.example", |it| it.with_context_hosts(["*", pattern]));
    assert_eq!(to("*"), (true, true));
    assert_eq!(to("https://b.example"), (false, false));
}

#[test]
fn a_predicate_decides_by_the_uri_and_one_that_panics_keeps_everything_back() {
    let by_path = |uri: &Uri| uri.path() == "/";
    assert_eq!(
        to("a.example", |it| it.with_context_for(by_path)),
        (true, true)
    );
    assert_eq!(
        to("a.example", |it| it.with_baggage_for(|_| false)),
        (true, false)
    );
    assert_eq!(
        to("a.example", |it| it
            .with_context_for(|_| panic!("a predicate"))),
        (false, false)
    );
    assert_eq!(
        to("a.example", |it| it
            .with_baggage_for(|_| panic!("a predicate"))),
        (true, false)
    );
}

/// A client that adds the server below the layer must not open a way around the list.
#[test]
fn the_host_of_a_request_without_one_is_that_of_the_origin() {
    let origin = Uri::from_static("http://partner.example:50051");
    for (list, expected) in [("partner.example", true), ("internal.example", false)] {
        let spans = Spans::new();
        let layer = spans
            .layer()
            .with_origin(origin.clone())
            .with_context_hosts([list]);
        let headers = sent(&layer, Request::get("/orders"));
        assert_eq!(headers.contains_key("traceparent"), expected, "{list}");
    }
}

#[test]
fn the_host_of_a_request_without_any_other_is_that_of_its_header() {
    for (host, expected) in [("partner.example:80", false), ("internal.example", true)] {
        let layer = HttpClientLayer::new().with_context_hosts(["-partner.example"]);
        let headers = sent(&layer, Request::get("/orders").header("host", host));
        assert_eq!(headers.contains_key("traceparent"), expected, "{host}");
    }
    let layer = HttpClientLayer::new().with_context_hosts(["-partner.example"]);
    assert!(sent(&layer, Request::get("/orders")).is_empty());
}
