use http::HeaderMap;
use proptest::prelude::*;

use super::*;
use crate::environment::tests::with;

const GENERAL: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const OF_TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const INSECURE: &str = "OTEL_EXPORTER_OTLP_INSECURE";

type Variables<'a> = &'a [(&'a str, &'a str)];

#[cfg(feature = "exporter-otlp-http")]
#[test]
fn what_was_meant_by_an_endpoint_is_done() {
    for (variables, expected) in [
        // Without a scheme.
        (
            &[(GENERAL, "localhost:4318")][..],
            "http://localhost:4318/v1/traces",
        ),
        (&[(GENERAL, "127.0.0.1")], "http://127.0.0.1/v1/traces"),
        (&[(GENERAL, "[::1]:4318")], "http://[::1]:4318/v1/traces"),
        (&[(GENERAL, "c:4318")], "https://c:4318/v1/traces"),
        (&[(GENERAL, "user:p@ss@c:4318")], "https://c:4318/v1/traces"),
        (
            &[(GENERAL, "c:4318"), (INSECURE, "true")],
            "http://c:4318/v1/traces",
        ),
        (&[(OF_TRACES, "c/x")], "https://c/x"),
        // Blanks and quotes.
        (
            &[(GENERAL, " \"http://c:4318\" ")],
            "http://c:4318/v1/traces",
        ),
        (&[(GENERAL, "' http://c:4318 '")], "http://c:4318/v1/traces"),
        // The path is there already.
        (&[(GENERAL, "http://c/v1/traces")], "http://c/v1/traces"),
        (
            &[(GENERAL, "http://c/otlp/v1/traces?k=v")],
            "http://c/otlp/v1/traces?k=v",
        ),
        (&[(GENERAL, "http://c/v1/traces/")], "http://c/v1/traces/"),
        (&[(OF_TRACES, "http://c/v1/traces")], "http://c/v1/traces"),
        // An `@` in a path or a query ends no password (RFC 3986, sections 3.2 and 3.3).
        (
            &[(OF_TRACES, "https://c/of/me@evil/traces?to=me@evil")],
            "https://c/of/me@evil/traces?to=me@evil",
        ),
        (&[(OF_TRACES, "https://c:4318/a@b")], "https://c:4318/a@b"),
        (&[(OF_TRACES, "https://[::1]/a@b")], "https://[::1]/a@b"),
        (&[(OF_TRACES, "https://me:p@c/a@b")], "https://c/a@b"),
        (&[(OF_TRACES, "https://me:p/?#s@c:1/a")], "https://c:1/a"),
        // A fragment is never sent (RFC 3986, section 3.5), and nothing is behind it.
        (&[(GENERAL, "http://c/#a")], "http://c/v1/traces"),
        (&[(GENERAL, "http://c?k=v#a?b")], "http://c/v1/traces?k=v"),
        // Set but empty.
        (
            &[(GENERAL, "http://c"), (OF_TRACES, "")],
            "http://c/v1/traces",
        ),
        (
            &[(GENERAL, "http://c"), (OF_TRACES, " ")],
            "http://c/v1/traces",
        ),
        (
            &[(GENERAL, "''"), (OF_TRACES, "\"\"")],
            "http://localhost:4318/v1/traces",
        ),
    ] {
        let endpoint = with(variables, |env| env.otlp_http_endpoint()).unwrap();
        assert_eq!(endpoint.url(), expected, "{variables:?}");
    }
}

#[cfg(feature = "exporter-otlp-grpc")]
#[test]
fn an_endpoint_of_grpc_is_secure_unless_it_is_said_otherwise_and_has_no_path() {
    for (variables, expected) in [
        (&[][..], "http://localhost:4317"),
        (&[(GENERAL, "c:4317")], "https://c:4317"),
        (&[(GENERAL, "c:4317"), (INSECURE, "true")], "http://c:4317"),
        (
            &[(GENERAL, "c:4317"), (INSECURE, "false")],
            "https://c:4317",
        ),
        (
            &[(GENERAL, "http://c:1"), (OF_TRACES, "https://t:2")],
            "https://t:2",
        ),
        (&[(GENERAL, "http://c:1"), (OF_TRACES, "")], "http://c:1"),
        (&[(GENERAL, "http://c:1/")], "http://c:1"),
        (&[(GENERAL, "http://c:1/v1/traces?key=1")], "http://c:1"),
        (&[(GENERAL, "'http://me:you@c:1'")], "http://c:1"),
    ] {
        let endpoint = with(variables, |env| env.otlp_grpc_endpoint()).unwrap();
        assert_eq!(endpoint.url(), expected, "{variables:?}");
    }
}

fn headers(list: &str) -> HeaderMap {
    let variables = [("OTEL_EXPORTER_OTLP_HEADERS", list)];
    with(&variables, |env| env.otlp_headers())
}

fn shown(headers: &HeaderMap) -> Vec<String> {
    let shown = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        format!("{name}={value}")
    });
    shown.collect()
}

#[test]
fn headers_are_pairs_and_what_is_none_is_left_out() {
    for (list, expected) in [
        ("a=1,b=2", &["a=1", "b=2"][..]),
        (" a = 1 ,, b=2,", &["a=1", "b=2"]),
        ("Authorization=Bearer%20x", &["authorization=Bearer x"]),
        (
            "authorization=Basic dTpw==",
            &["authorization=Basic dTpw=="],
        ),
        ("a=1%2C2,b=100%", &["a=1,2", "b=100%"]),
        ("a=größe", &["a=größe"]),
        ("a=", &["a="]),
        // Quotes around all, a pair, a value.
        ("\"a=1,b=2\"", &["a=1", "b=2"]),
        ("\"a=1\",'b=2'", &["a=1", "b=2"]),
        ("a=\"1\",b='2'", &["a=1", "b=2"]),
        // No pairs, and no names.
        ("a=1,secret,b=2", &["a=1", "b=2"]),
        ("Bearer secret", &[]),
        ("authorization: Bearer secret=", &[]),
        ("x y=1,b=2,=3", &["b=2"]),
        ("a=1%0d%0ax: y,b=2", &["b=2"]),
        // The exporter's own.
        (
            "content-type=text/plain,Content-Encoding=x,grpc-timeout=1S,a=1",
            &["a=1"],
        ),
        ("a=1,a=2", &["a=2"]),
    ] {
        assert_eq!(shown(&headers(list)), expected, "{list}");
    }
}

#[test]
fn headers_of_the_traces_are_all_there_are_unless_they_are_empty() {
    let of = |variables: Variables<'_>| with(variables, |env| shown(&env.otlp_headers()));
    let general = ("OTEL_EXPORTER_OTLP_HEADERS", "a=1");
    let name = "OTEL_EXPORTER_OTLP_TRACES_HEADERS";
    assert_eq!(of(&[general, (name, "b=2")]), ["b=2"]);
    assert_eq!(of(&[general, (name, "")]), ["a=1"]);
    assert_eq!(of(&[general, (name, " ")]), ["a=1"]);
}

#[test]
fn debug_output_of_headers_shows_no_value() {
    let debug = format!("{:?}", headers("a=hunter2"));
    assert!(!debug.contains("hunter2"), "{debug}");
}

#[test]
fn quotes_are_no_part_of_a_value() {
    for (value, expected) in [
        ("'a'", "a"),
        ("\"a\"", "a"),
        ("\"a'", "\"a'"),
        ("\"", "\""),
        ("''", ""),
        ("\"a\",\"b\"", "\"a\",\"b\""),
    ] {
        assert_eq!(unquoted(value), expected);
    }
}

#[test]
fn the_timeout_is_in_milliseconds_whatever_was_meant() {
    let of = |value: &str| {
        with(&[("OTEL_EXPORTER_OTLP_TIMEOUT", value)], |env| {
            env.otlp_timeout()
        })
    };
    assert_eq!(of("10"), Duration::from_millis(10));
    assert_eq!(of("'10000'"), Duration::from_secs(10));
    for default in ["10s", "", "-1"] {
        assert_eq!(of(default), Duration::from_secs(10), "{default}");
    }
}

/// Common configuration specification, Timeout: "Implementations SHOULD interpret timeout zero values
/// [..] as no limit (i.e. infinite). In practice, implementations MAY treat no limit as \"a very long
/// time\"".
#[test]
fn a_timeout_of_zero_is_no_limit() {
    for name in [
        "OTEL_EXPORTER_OTLP_TIMEOUT",
        "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
    ] {
        let timeout = with(&[(name, "0")], |env| env.otlp_timeout());
        assert!(timeout > Duration::from_secs(24 * 3600), "{timeout:?}");
    }
}

/// SDK environment variables, Enum and Numeric: what is not recognized is ignored, as if it were not
/// set, so that the general variable counts.
#[cfg(all(
    feature = "exporter-otlp-http",
    feature = "exporter-otlp-grpc",
    feature = "exporter-otlp-gzip"
))]
#[test]
fn nonsense_of_the_traces_leaves_the_choice_to_the_general_variable() {
    let variables = [
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "carrier pigeon"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "GRPC"),
        ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "soon"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "250"),
        ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "lz4"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "GZip"),
    ];
    with(&variables, |env| {
        assert_eq!(env.otlp_protocol(), OtlpProtocol::Grpc);
        assert_eq!(env.otlp_timeout(), Duration::from_millis(250));
        assert_eq!(env.otlp_compression(), Compression::Gzip);
    });
}

#[test]
fn files_of_tls_are_those_of_the_traces_where_they_are_set() {
    let files = |variables: Variables<'_>| with(variables, |env| env.otlp_tls_files());
    let set = files(&[
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca"),
        ("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", ""),
        ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "/other"),
        ("OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", "'/client'"),
        ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "/key"),
    ]);
    assert_eq!(set.authorities.unwrap().path, "/ca");
    let (certificate, key) = set.client.unwrap();
    assert_eq!((&*certificate.path, &*key.path), ("/client", "/key"));
    let half = files(&[("OTEL_EXPORTER_OTLP_CLIENT_KEY", "/key")]);
    assert!(half.client.is_none());
}

/// As curl has it, where hosts of this machine need no proxy, as Go has it.
#[cfg(feature = "exporter-otlp-http")]
#[test]
fn the_proxy_is_that_of_the_scheme_unless_the_host_needs_none() {
    const HTTP: (&str, &str) = ("HTTP_PROXY", "http://h:1");
    const HTTPS: (&str, &str) = ("HTTPS_PROXY", "p:2");
    for (endpoint, variables, expected) in [
        (
            "http://c.example:4318",
            &[HTTP, HTTPS][..],
            Some("http://h:1/"),
        ),
        ("https://c.example", &[HTTP, HTTPS], Some("http://p:2/")),
        ("https://c.example", &[HTTP], None),
        ("http://c.example", &[HTTPS], None),
        (
            "http://c.example",
            &[("http_proxy", "http://l:3")],
            Some("http://l:3/"),
        ),
        (
            "https://c.example",
            &[("ALL_PROXY", "http://a:4")],
            Some("http://a:4/"),
        ),
        (
            "https://c.example",
            &[("HTTPS_PROXY", ""), ("ALL_PROXY", "http://a:4")],
            Some("http://a:4/"),
        ),
        // Of another kind, or none.
        ("http://c.example", &[("HTTP_PROXY", "socks5://s:1")], None),
        ("http://c.example", &[("HTTP_PROXY", "https://s:1")], None),
        ("http://c.example", &[("HTTP_PROXY", "http://")], None),
        // This machine.
        ("http://localhost:4318", &[HTTP], None),
        ("http://127.0.0.1:4318", &[HTTP], None),
        ("http://[::1]:4318", &[HTTP], None),
        // Hosts by name, domain, address.
        (
            "http://c.example",
            &[HTTP, ("NO_PROXY", "a.example, c.example")],
            None,
        ),
        ("http://c.example", &[HTTP, ("no_proxy", ".example")], None),
        ("http://c.example", &[HTTP, ("NO_PROXY", "*.example")], None),
        (
            "http://c.example:4318",
            &[HTTP, ("NO_PROXY", "c.example:4318")],
            None,
        ),
        ("http://10.1.2.3", &[HTTP, ("NO_PROXY", "10.0.0.0/8")], None),
        ("http://c.example", &[HTTP, ("NO_PROXY", "*")], None),
        (
            "http://c.example",
            &[HTTP, ("NO_PROXY", "d.example,::1")],
            Some("http://h:1/"),
        ),
        (
            "http://notc.example",
            &[HTTP, ("NO_PROXY", "c.example")],
            Some("http://h:1/"),
        ),
    ] {
        let mut variables = variables.to_vec();
        variables.push((GENERAL, endpoint));
        let proxy = with(&variables, |env| {
            env.otlp_proxy(&env.otlp_http_endpoint().unwrap())
        });
        let proxy = proxy.map(|proxy| proxy.uri.to_string());
        assert_eq!(proxy.as_deref(), expected, "{endpoint} {variables:?}");
    }
}

fn http(variables: &[(&str, &str)]) -> Result<String, String> {
    let endpoint = with(variables, |env| env.otlp_http_endpoint())?;
    Ok(endpoint.url().to_owned())
}

#[test]
fn a_path_is_added_to_the_general_endpoint_only() {
    assert_eq!(http(&[]).unwrap(), "http://localhost:4318/v1/traces");
    for (general, expected) in [
        ("http://c:4318", "http://c:4318/v1/traces"),
        (" HTTP://c:4318/ ", "http://c:4318/v1/traces"),
        ("https://c/otlp", "https://c/otlp/v1/traces"),
        ("https://c/otlp/", "https://c/otlp/v1/traces"),
        ("https://c/otlp?key=1", "https://c/otlp/v1/traces?key=1"),
        ("https://user:pass@c/otlp", "https://c/otlp/v1/traces"),
    ] {
        assert_eq!(http(&[(GENERAL, general)]).unwrap(), expected);
    }
    let both = [(GENERAL, "http://c:4318"), (OF_TRACES, "http://t:1/x?y=z ")];
    assert_eq!(http(&both).unwrap(), "http://t:1/x?y=z");
}

#[test]
fn what_is_no_endpoint_says_so() {
    for (value, reason) in [
        ("http:/c", "has to begin with"),
        ("https:c", "has to begin with"),
        ("ftp://c", "has to begin with"),
        ("http://", "OTEL_EXPORTER_OTLP_ENDPOINT "),
        ("http://a b", "is no URL"),
        ("http://c:", "is no URL"),
        ("http://c:x", "is no URL"),
        ("http://c:99999", "is no URL"),
        ("c:4318:", "is no URL"),
    ] {
        let error = http(&[(GENERAL, value)]).unwrap_err();
        assert!(error.contains(reason), "{value}: {error}");
    }
}

proptest! {
    /// For any user and password, even if they make the URL invalid.
    #[test]
    fn an_endpoint_shows_no_secret(
        scheme in prop_oneof![Just("http://"), Just("https://"), Just("ftp://"), Just("")],
        password in "pw[ -~]{6,24}",
        query in "[a-z0-9%]{8,16}",
        rest in "[ -~]{0,12}",
    ) {
        let value = format!("{scheme}user:{password}@host:1/path?key={query}&{rest}");
        for variable in [GENERAL, OF_TRACES] {
            with(&[(variable, &value)], |env| {
                for endpoint in [env.otlp_http_endpoint(), env.otlp_grpc_endpoint()] {
                    let shown = match endpoint {
                        Ok(endpoint) => {
                            assert!(!endpoint.url().contains(&password), "{value}");
                            format!("{endpoint} {endpoint:?}")
                        }
                        Err(error) => error,
                    };
                    assert!(!shown.contains(&password), "{shown}");
                    assert!(!shown.contains(&query), "{shown}");
                }
            });
        }
    }
}
