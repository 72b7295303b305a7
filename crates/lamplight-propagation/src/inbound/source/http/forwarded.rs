//! The original request as proxies describe it: `Forwarded` (RFC 7239) and its predecessors.

use std::{borrow::Cow, net::IpAddr};

/// The maximum number of pairs that are read.
const MAX_PAIRS: usize = 64;

/// The longest DNS name, followed by a port.
const MAX_HOST: usize = 253 + ":65535".len();

const WHITE: [char; 2] = [' ', '\t'];

/// The content of a `Forwarded` header.
#[derive(Debug, PartialEq, Default)]
pub(super) struct Forwarded<'a> {
    /// The client of the first proxy; later proxies saw another proxy.
    pub(super) client: Option<Cow<'a, str>>,
    /// The host, from the first proxy that names one.
    pub(super) host: Option<Cow<'a, str>>,
    /// The protocol, from the first proxy that names one.
    pub(super) proto: Option<Cow<'a, str>>,
}

impl<'a> Forwarded<'a> {
    /// Reads a header; malformed pairs are ignored.
    pub(super) fn read(header: &'a str) -> Self {
        let mut found = Self::default();
        let (mut rest, mut is_first) = (header, true);
        for _ in 0..MAX_PAIRS {
            let (pair, mark, behind) = next_pair(rest);
            if let Some((name, value)) = pair.split_once('=') {
                found.set(name.trim_matches(WHITE), value, is_first);
            }
            match mark {
                Some(b',') => is_first = false,
                Some(_) => {}
                None => break,
            }
            rest = behind;
        }
        found
    }

    fn set(&mut self, name: &str, value: &'a str, is_first: bool) {
        let slot = if name.eq_ignore_ascii_case("for") && is_first {
            &mut self.client
        } else if name.eq_ignore_ascii_case("host") {
            &mut self.host
        } else if name.eq_ignore_ascii_case("proto") {
            &mut self.proto
        } else {
            return;
        };
        if slot.is_none() {
            *slot = unquote(value.trim_matches(WHITE));
        }
    }
}

/// Splits a text at the first `;` or `,` outside quotes: the text before it, the separator, the text after
/// it.
fn next_pair(text: &str) -> (&str, Option<u8>, &str) {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b';' | b',' if !quoted => {
                let parts = text.get(..at).zip(text.get(at + 1..));
                let (pair, behind) = parts.unwrap_or_default();
                return (pair, Some(byte), behind);
            }
            _ => {}
        }
    }
    (text, None, "")
}

/// Returns a token as it is, or the content of a quoted string. Any character is accepted in a token, because
/// addresses with ports are often written without the required quotes.
fn unquote(text: &str) -> Option<Cow<'_, str>> {
    let Some(quoted) = text.strip_prefix('"') else {
        return (!text.contains('"')).then_some(Cow::Borrowed(text));
    };
    let quoted = quoted.strip_suffix('"')?;
    if !quoted.contains(['\\', '"']) {
        return Some(Cow::Borrowed(quoted));
    }
    let mut out = String::with_capacity(quoted.len());
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => out.push(characters.next()?),
            '"' => return None,
            other => out.push(other),
        }
    }
    Some(Cow::Owned(out))
}

/// Returns the first value of a list that proxies append to.
pub(super) fn first(list: &str) -> &str {
    list.split_once(',')
        .map_or(list, |(first, _)| first)
        .trim_matches(WHITE)
}

/// Returns the last value, from the proxy nearest to the function.
pub(super) fn last(list: &str) -> &str {
    list.rsplit_once(',')
        .map_or(list, |(_, last)| last)
        .trim_matches(WHITE)
}

/// Returns the IP address of a node, with its port if there is one; `None` for `unknown`, for names made up
/// by proxies (`_hidden`), and for any other text, which a client may have written.
pub(super) fn address(node: &str) -> Option<(&str, Option<u16>)> {
    let (address, port) = authority(node);
    address.parse::<IpAddr>().is_ok().then_some((address, port))
}

/// Returns a host and port written by a proxy or a client; `None` if the text cannot be a host.
pub(super) fn host(text: &str) -> Option<(&str, Option<u16>)> {
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:[]".contains(&byte);
    let may_be = text.len() <= MAX_HOST && text.bytes().all(is_host);
    let (address, port) = may_be.then(|| authority(text))?;
    (!address.is_empty()).then_some((address, port))
}

/// Returns the scheme of a web address.
pub(super) fn scheme(text: &str) -> Option<&'static str> {
    let all = ["https", "http"].into_iter();
    let mut found = all.filter(|name| text.eq_ignore_ascii_case(name));
    found.next()
}

/// Splits a `Host` header into host and port. IPv6 addresses have brackets in the header, but not in
/// attributes.
pub(in crate::inbound) fn authority(host: &str) -> (&str, Option<u16>) {
    if let Some((address, rest)) = host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        return (
            address,
            rest.strip_prefix(':').and_then(|port| port.parse().ok()),
        );
    }
    match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') => (name, port.parse().ok()),
        _ => (host, None),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, SocketAddr};

    use proptest::prelude::*;

    use super::{Forwarded, address, authority, first, host, last, scheme};

    #[test]
    fn a_host_may_have_a_port() {
        for (host, expected) in [
            ("api.example.com", ("api.example.com", None)),
            ("api.example.com:8443", ("api.example.com", Some(8443))),
            ("api.example.com:", ("api.example.com", None)),
            ("127.0.0.1:80", ("127.0.0.1", Some(80))),
            ("[2001:db8::1]:80", ("2001:db8::1", Some(80))),
            ("[2001:db8::1]", ("2001:db8::1", None)),
            ("2001:db8::1", ("2001:db8::1", None)),
            ("", ("", None)),
        ] {
            assert_eq!(authority(host), expected, "{host}");
        }
    }

    /// RFC 7239, sections 4 to 7.
    #[test]
    fn a_forwarded_header_tells_the_original_request() {
        let cases: &[(&str, [Option<&str>; 3])] = &[
            ("for=192.0.2.43", [Some("192.0.2.43"), None, None]),
            // Names in any case, empty pairs, white space around commas.
            (
                " For=192.0.2.43 ;; PROTO=http ;by=203.0.113.43 ",
                [Some("192.0.2.43"), None, Some("http")],
            ),
            (
                r#"for="[2001:db8:cafe::17]:4711";host="shop.example:8443";proto=https"#,
                [
                    Some("[2001:db8:cafe::17]:4711"),
                    Some("shop.example:8443"),
                    Some("https"),
                ],
            ),
            // Without the quotes that a port needs.
            ("for=192.0.2.43:4711", [Some("192.0.2.43:4711"), None, None]),
            // The first proxy's client; host and scheme from the first proxy that names them.
            (
                "for=192.0.2.43, for=198.51.100.17;proto=http;host=a.example,host=b.example",
                [Some("192.0.2.43"), Some("a.example"), Some("http")],
            ),
            // The first proxy does not name its client, and the second one's client was a proxy.
            ("by=203.0.113.60, for=198.51.100.17", [None, None, None]),
            // Separators in quotes are none, and quotes may be escaped.
            (
                r#"for="_a,b;host=x\"y";host=shop.example"#,
                [Some(r#"_a,b;host=x"y"#), Some("shop.example"), None],
            ),
            // Broken.
            (r#"for="192.0.2.43;host=shop.example"#, [None, None, None]),
            (r#"for="a"b";host=shop.example"#, [None, None, None]),
            (r#"for="\"#, [None, None, None]),
            (r#"for="a\""#, [None, None, None]),
            ("for", [None, None, None]),
            ("", [None, None, None]),
        ];
        for (header, expected) in cases {
            let found = Forwarded::read(header);
            let found = [&found.client, &found.host, &found.proto].map(|it| it.as_deref());
            assert_eq!(found, *expected, "{header}");
        }
    }

    /// RFC 7239, section 6: a node may be unknown, or have a name that a proxy made up; so may its port.
    #[test]
    fn a_node_is_an_address_or_nothing() {
        for (node, expected) in [
            ("192.0.2.43", Some(("192.0.2.43", None))),
            ("192.0.2.43:4711", Some(("192.0.2.43", Some(4711)))),
            ("192.0.2.43:_port", Some(("192.0.2.43", None))),
            ("192.0.2.43:65536", Some(("192.0.2.43", None))),
            ("[2001:db8::17]:4711", Some(("2001:db8::17", Some(4711)))),
            ("[2001:db8::17]", Some(("2001:db8::17", None))),
            // Without brackets, what is behind the last colon belongs to the address.
            ("2001:db8::17", Some(("2001:db8::17", None))),
            ("2001:db8::17:4711", Some(("2001:db8::17:4711", None))),
            ("unknown", None),
            ("unknown:4711", None),
            ("_hidden", None),
            ("_hidden:4711", None),
            ("<script>", None),
            ("", None),
        ] {
            assert_eq!(address(node), expected, "{node}");
        }
    }

    #[test]
    fn only_what_may_be_a_host_is_one() {
        assert_eq!(host("shop.example:81"), Some(("shop.example", Some(81))));
        assert_eq!(host("[2001:db8::1]:81"), Some(("2001:db8::1", Some(81))));
        let long = "a".repeat(300);
        for text in ["", ":80", "a b", "a/b", "a@b", "<script>", &long] {
            assert_eq!(host(text), None, "{text}");
        }
    }

    #[test]
    fn lists_have_a_first_and_a_last() {
        assert_eq!((first("a , b, c"), last("a , b, c")), ("a", "c"));
        assert_eq!((first(" a "), last(" a ")), ("a", "a"));
        assert_eq!((first(", b"), last("a,")), ("", ""));
        assert_eq!(scheme("HTTP"), Some("http"));
        assert_eq!(scheme("gopher"), None);
    }

    proptest! {
        #[test]
        fn no_text_does_harm(text in r#"([a-z=;,"\\ :\[\]]|for=|host=|proto=|\PC){0,80}"#) {
            let found = Forwarded::read(&text);
            for value in [found.client, found.host, found.proto].into_iter().flatten() {
                prop_assert!(value.len() <= text.len());
                let _ = (address(&value), host(&value), scheme(&value));
            }
            let _ = (address(first(&text)), host(last(&text)), authority(&text));
        }

        #[test]
        fn what_a_proxy_writes_is_read_back(
            ip: IpAddr,
            port: u16,
            secure: bool,
            name in "[a-z]{1,20}\\.example",
            behind in "(, ?for=[a-z0-9]{1,9}){0,3}",
        ) {
            let proto = if secure { "https" } else { "http" };
            let node = SocketAddr::new(ip, port);
            let header = format!("proto={proto};host=\"{name}\";for=\"{node}\"{behind}");
            let found = Forwarded::read(&header);
            let client = found.client.as_deref().and_then(address);
            let client = client.map(|(address, port)| (address.parse::<IpAddr>(), port));
            prop_assert_eq!(client, Some((Ok(ip), Some(port))));
            prop_assert_eq!(found.host.as_deref(), Some(name.as_str()));
            prop_assert_eq!(found.proto.as_deref().and_then(scheme), Some(proto));
        }
    }
}
