//! URLs and headers of destinations.

use std::{collections::BTreeSet, fmt};

use crate::config::{item::Item, keys::Table, section::Section};

pub(super) static HEADERS: Table = Table {
    name: "sink.headers",
    about: "Names and values of headers.",
    list: false,
    open: true,
    keys: &[],
};

/// Headers that describe the request itself and are set by the sender.
const OWN: [&str; 8] = [
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "grpc-encoding",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// Request headers. Their values may be secrets, and `Debug` does not print them.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// Reads the headers of a sink.
    pub(super) fn read(section: &Section<'_>) -> Self {
        let (mut headers, mut names) = (Vec::new(), BTreeSet::new());
        for (name, item) in section.section(&HEADERS).entries() {
            let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
            let lower = name.to_ascii_lowercase();
            if name.is_empty() || !name.chars().all(is_token) {
                item.fault("is not a valid header name", "use letters, digits and `-`");
            } else if OWN.contains(&&*lower) {
                item.fault("is a header that the relay sets itself", "remove it");
            } else if !names.insert(lower) {
                item.fault(
                    "occurs twice: header names are not case-sensitive",
                    "remove one of them",
                );
            }
            let Some(value) = item.secret() else {
                continue;
            };
            // The value may be a secret, so it is not shown.
            if value.contains(|c: char| c.is_control() || !c.is_ascii()) {
                item.fault(
                    "has an invalid header value",
                    "remove line breaks, control characters and non-ASCII characters",
                );
            }
            headers.push((name.to_owned(), value));
        }
        Self(headers)
    }

    /// Returns pairs of name and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.iter().map(|(name, _)| name))
            .finish()
    }
}

/// Returns an HTTP URL.
pub(super) fn url(item: &Item<'_>) -> Option<String> {
    url_with(item, "put secrets into `headers`")
}

/// Returns an HTTP URL. A fault includes the place for secrets.
pub(super) fn url_with(item: &Item<'_>, secrets: &str) -> Option<String> {
    let url = item.secret()?;
    let rest = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let wrong = match host {
        None => Some("is not an HTTP URL"),
        Some("") => Some("has no host"),
        Some(host) if host.contains('@') => Some("contains a user or a password"),
        Some(_) if url.contains(|c: char| c.is_whitespace() || c.is_control()) => {
            Some("contains white space")
        }
        Some(host) if !has_port(host) => Some("has no valid port after its last `:`"),
        Some(_) => None,
    };
    match wrong {
        // The URL may contain a secret, so it is not shown.
        Some(wrong) => {
            item.fault(
                wrong,
                &format!("write `http://` or `https://`, a host and a path; {secrets}"),
            );
            None
        }
        None => Some(url),
    }
}

/// Returns whether the text after the last colon of a host is a port.
fn has_port(host: &str) -> bool {
    // `[::1]:4318`: colons within brackets belong to the address.
    let behind = host.rsplit(']').next().unwrap_or_default();
    match behind.rsplit_once(':') {
        Some((_, port)) => port.parse::<u16>().is_ok_and(|port| port > 0),
        None => !host.contains('[') || host.ends_with(']'),
    }
}

/// Returns a base URL, to which paths are appended.
pub(super) fn base(item: &Item<'_>) -> Option<String> {
    let base = url(item)?;
    let base = base.trim_end_matches('/');
    let added = ["/v1/traces", "/v1/metrics"];
    if let Some(path) = added.iter().find(|path| base.ends_with(**path)) {
        item.fault(
            &format!("ends with `{path}`, which is added automatically"),
            "remove it, or set `traces_endpoint` and `metrics_endpoint` to complete URLs",
        );
    }
    if base.contains(['?', '#']) {
        item.fault(
            "has a query, after which paths would be added",
            "set `traces_endpoint` and `metrics_endpoint` to complete URLs",
        );
    }
    Some(base.to_owned())
}
