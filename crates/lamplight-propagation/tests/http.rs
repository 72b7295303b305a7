//! The attributes of HTTP requests: `http/http-spans.md` of the semantic conventions, section "HTTP server
//! span" unless noted otherwise.

// Tests fail by panicking.
#![allow(clippy::unwrap_used)]

mod requests;

use lamplight_propagation::inbound::{ClientAddress, EventExtractor, Incoming, RawInvocation};
use requests::{api, balancer};
use serde_json::{Value, json};

fn extract(extractor: &EventExtractor, event: &Value) -> Incoming {
    let event = event.to_string();
    extractor.extract(&RawInvocation::new(event.as_bytes(), "orders"))
}

/// The attribute as text.
fn get(incoming: &Incoming, key: &str) -> Option<String> {
    let mut found = incoming
        .attributes
        .iter()
        .filter(|it| it.key.as_str() == key);
    let value = found.next().map(|it| it.value.to_string());
    assert!(found.next().is_none(), "{key} twice");
    value
}

fn of_api(headers: &Value, key: &str) -> Option<String> {
    get(&extract(&EventExtractor::new(), &api(headers)), key)
}

fn of_balancer(headers: &Value, key: &str) -> Option<String> {
    get(&extract(&EventExtractor::new(), &balancer(headers)), key)
}

/// Note 1: "[...] the list of known HTTP methods [...] MUST be a full override of the default known
/// method", and methods are case-sensitive.
#[test]
fn known_methods_can_be_replaced() {
    let default = EventExtractor::new();
    let own = EventExtractor::new().with_known_methods(["GET", "PURGE", "_OTHER"]);
    for (extractor, sent, method, original) in [
        (&default, "GET", "GET", None),
        (&default, "QUERY", "QUERY", None),
        (&default, "get", "_OTHER", Some("get")),
        (&default, "PURGE", "_OTHER", Some("PURGE")),
        // The word that stands for it in names is a method like any other.
        (&default, "HTTP", "_OTHER", Some("HTTP")),
        // If and only if it differs (note 5).
        (&default, "_OTHER", "_OTHER", None),
        (&own, "GET", "GET", None),
        (&own, "PURGE", "PURGE", None),
        (&own, "purge", "_OTHER", Some("purge")),
        (&own, "POST", "_OTHER", Some("POST")),
        (&own, "_OTHER", "_OTHER", None),
    ] {
        let mut event = api(&json!({}));
        event["requestContext"]["http"]["method"] = sent.into();
        let incoming = extract(extractor, &event);
        assert_eq!(
            get(&incoming, "http.request.method").as_deref(),
            Some(method)
        );
        assert_eq!(
            get(&incoming, "http.request.method_original").as_deref(),
            original
        );
        // Section "Name".
        let name = if method == "_OTHER" { "HTTP" } else { sent };
        assert_eq!(incoming.span_name, format!("{name} /orders/{{id}}"));
        assert_eq!(extractor.method_in_name(sent), name);
    }
}

/// Note 8: `network.protocol.name` "If not `http`".
#[test]
fn http_itself_is_not_recorded_as_the_protocol() {
    let headers = json!({});
    assert_eq!(of_api(&headers, "network.protocol.name"), None);
    assert_eq!(
        of_api(&headers, "network.protocol.version").as_deref(),
        Some("1.1")
    );
}

/// Note 11: "The IP address of the original client behind all proxies, if known [...]. Otherwise, the
/// immediate client peer address."
#[test]
fn the_client_is_the_original_one() {
    let cases = [
        (json!({}), "192.0.2.9"),
        (
            json!({"x-forwarded-for": "203.0.113.1, 192.0.2.9"}),
            "203.0.113.1",
        ),
        (
            json!({"X-Forwarded-For": "203.0.113.1:4711"}),
            "203.0.113.1",
        ),
        (
            json!({"x-forwarded-for": "[2001:db8::1]:4711"}),
            "2001:db8::1",
        ),
        (json!({"x-forwarded-for": "2001:db8::1"}), "2001:db8::1"),
        (
            json!({"forwarded": "for=203.0.113.2;proto=https, for=a", "x-forwarded-for": "203.0.113.1"}),
            "203.0.113.2",
        ),
        (
            json!({"Forwarded": "for=\"[2001:db8::2]:4711\""}),
            "2001:db8::2",
        ),
        // An unknown client.
        (
            json!({"forwarded": "for=unknown", "x-forwarded-for": "203.0.113.1"}),
            "203.0.113.1",
        ),
        (json!({"forwarded": "for=_hidden"}), "192.0.2.9"),
        (json!({"x-forwarded-for": "unknown"}), "192.0.2.9"),
        (json!({"x-forwarded-for": ""}), "192.0.2.9"),
        (
            json!({"x-forwarded-for": "<script>, 203.0.113.1"}),
            "192.0.2.9",
        ),
    ];
    for (headers, expected) in cases {
        let client = of_api(&headers, "client.address");
        assert_eq!(client.as_deref(), Some(expected), "{headers}");
        // The address that AWS saw, if it differs.
        let peer = of_api(&headers, "network.peer.address");
        let expected = (expected != "192.0.2.9").then_some("192.0.2.9");
        assert_eq!(peer.as_deref(), expected, "{headers}");
    }
    let headers = json!({"x-forwarded-for": "203.0.113.1:4711, 192.0.2.9:80"});
    assert_eq!(
        of_balancer(&headers, "client.address").as_deref(),
        Some("203.0.113.1")
    );
    assert_eq!(of_balancer(&json!({}), "client.address"), None);
}

/// `client.port` belongs to the address that is recorded, and so does `network.peer.port`: a load balancer
/// that is asked to (`routing.http.xff_client_port.enabled`) writes ports, API Gateway does not.
#[test]
fn the_client_has_a_port_where_its_address_has_one() {
    for (headers, address, port) in [
        (
            json!({"x-forwarded-for": "203.0.113.9:50123"}),
            "203.0.113.9",
            Some("50123"),
        ),
        (
            json!({"x-forwarded-for": "[2001:db8::1]:50123, 192.0.2.9"}),
            "2001:db8::1",
            Some("50123"),
        ),
        (
            json!({"x-forwarded-for": "203.0.113.9"}),
            "203.0.113.9",
            None,
        ),
        (
            json!({"x-forwarded-for": "2001:db8::1"}),
            "2001:db8::1",
            None,
        ),
        (
            json!({"forwarded": "for=\"203.0.113.9:50123\""}),
            "203.0.113.9",
            Some("50123"),
        ),
        (
            json!({"forwarded": "for=\"[2001:db8::1]:50123\", for=192.0.2.9"}),
            "2001:db8::1",
            Some("50123"),
        ),
        (
            json!({"forwarded": "for=\"203.0.113.9:_gazonk\""}),
            "203.0.113.9",
            None,
        ),
    ] {
        for event in [api(&headers), balancer(&headers)] {
            let incoming = extract(&EventExtractor::new(), &event);
            let client = get(&incoming, "client.address");
            assert_eq!(client.as_deref(), Some(address), "{headers}");
            let client_port = get(&incoming, "client.port");
            assert_eq!(client_port.as_deref(), port, "{headers}");
        }
    }

    let headers = json!({"x-forwarded-for": "203.0.113.9:50123, 192.0.2.9:443"});
    let port = |of: &EventExtractor, key| get(&extract(of, &balancer(&headers)), key);
    let original = EventExtractor::new();
    assert_eq!(port(&original, "client.port").as_deref(), Some("50123"));
    assert_eq!(port(&original, "network.peer.port").as_deref(), Some("443"));
    let peer = EventExtractor::new().with_client_address(ClientAddress::Peer);
    assert_eq!(port(&peer, "client.port").as_deref(), Some("443"));
    assert_eq!(port(&peer, "network.peer.port"), None);
}

/// A header that any client can write has no effect then.
#[test]
fn the_client_is_whom_aws_saw_if_one_asks_for_it() {
    let extractor = EventExtractor::new().with_client_address(ClientAddress::Peer);
    let headers = json!({
        "forwarded": "for=203.0.113.2", "x-forwarded-for": "203.0.113.1, 198.51.100.1:80",
    });
    let seen = extract(&extractor, &api(&headers));
    assert_eq!(get(&seen, "client.address").as_deref(), Some("192.0.2.9"));
    assert_eq!(get(&seen, "network.peer.address"), None);
    // The entry appended by the load balancer.
    let seen = extract(&extractor, &balancer(&headers));
    assert_eq!(
        get(&seen, "client.address").as_deref(),
        Some("198.51.100.1")
    );

    assert_eq!("peer".parse(), Ok(ClientAddress::Peer));
    assert_eq!("original".parse(), Ok(ClientAddress::Original));
    let unknown = "proxy".parse::<ClientAddress>().unwrap_err().to_string();
    assert!(unknown.contains("`original` and `peer`"), "{unknown}");
}

/// Section "Setting `server.address` and `server.port` attributes": the first of `Forwarded#host`,
/// `X-Forwarded-Host`, `Host`, and the port from the same header.
#[test]
fn the_server_is_the_one_that_the_client_asked_for() {
    let cases = [
        (json!({"host": "api.example"}), "api.example", None),
        (
            json!({"x-forwarded-port": "443"}),
            "api.example",
            Some("443"),
        ),
        (
            json!({"x-forwarded-host": "shop.example:8443", "x-forwarded-port": "443"}),
            "shop.example",
            Some("8443"),
        ),
        (
            json!({"X-Forwarded-Host": "shop.example, cdn.example", "x-forwarded-port": "443"}),
            "shop.example",
            Some("443"),
        ),
        (
            json!({"forwarded": "host=\"first.example:81\"", "x-forwarded-host": "shop.example"}),
            "first.example",
            Some("81"),
        ),
        (
            json!({"forwarded": "host=\"[2001:db8::1]:81\""}),
            "2001:db8::1",
            Some("81"),
        ),
        // None that can be a host.
        (
            json!({"forwarded": "host=\"a b\"", "x-forwarded-host": "a/b"}),
            "api.example",
            None,
        ),
    ];
    for (headers, address, port) in cases {
        let found = of_api(&headers, "server.address");
        assert_eq!(found.as_deref(), Some(address), "{headers}");
        assert_eq!(
            of_api(&headers, "server.port").as_deref(),
            port,
            "{headers}"
        );
    }
    let headers = json!({"Host": "lb.example:8080", "x-forwarded-host": "shop.example"});
    assert_eq!(
        of_balancer(&headers, "server.address").as_deref(),
        Some("shop.example")
    );
    assert_eq!(of_balancer(&headers, "server.port"), None);
    let headers = json!({"Host": "lb.example:8080"});
    assert_eq!(
        of_balancer(&headers, "server.address").as_deref(),
        Some("lb.example")
    );
    assert_eq!(
        of_balancer(&headers, "server.port").as_deref(),
        Some("8080")
    );
    assert_eq!(of_balancer(&json!({"Host": ""}), "server.address"), None);
}

/// Note 3: "The scheme of the original client request, if known (e.g. from `Forwarded#proto`,
/// `X-Forwarded-Proto`, or a similar header)."
#[test]
fn the_scheme_is_the_original_one() {
    for (headers, expected) in [
        (json!({}), "https"),
        (json!({"x-forwarded-proto": "http"}), "http"),
        (json!({"X-Forwarded-Proto": "HTTP, https"}), "http"),
        (
            json!({"forwarded": "proto=http", "x-forwarded-proto": "https"}),
            "http",
        ),
        (json!({"forwarded": "for=a, for=b;proto=\"http\""}), "http"),
        (
            json!({"forwarded": "proto=gopher", "x-forwarded-proto": "http"}),
            "http",
        ),
        (json!({"x-forwarded-proto": "gopher"}), "https"),
    ] {
        let found = of_balancer(&headers, "url.scheme");
        assert_eq!(found.as_deref(), Some(expected), "{headers}");
    }
}

/// Note 6: the route "SHOULD include the application root if there is one". A stage is not such a root: all
/// stages have the same routes, as in the event's `resource`.
#[test]
fn a_route_is_without_the_stage() {
    let mut event = api(&json!({}));
    event["rawPath"] = "/prod/orders/7".into();
    event["requestContext"]["stage"] = "prod".into();
    let incoming = extract(&EventExtractor::new(), &event);
    assert_eq!(
        get(&incoming, "http.route").as_deref(),
        Some("/orders/{id}")
    );
    assert_eq!(
        get(&incoming, "url.path").as_deref(),
        Some("/prod/orders/7")
    );
}
