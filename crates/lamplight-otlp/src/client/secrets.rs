//! Secrets that must not appear in logs, even if an endpoint repeats them.

use std::fmt;

use http::HeaderMap;
use percent_encoding::percent_decode_str;

/// The minimum length of a secret; shorter texts occur everywhere.
const SHORTEST: usize = 4;

/// Values of headers, and the query of the URL.
#[derive(Default)]
pub(super) struct Secrets(Vec<String>);

impl Secrets {
    pub(super) fn new(headers: &HeaderMap, query: Option<&str>) -> Self {
        let values = headers.values();
        let values = values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let query = query.unwrap_or_default().split('&');
        let query = query.map(|pair| pair.split_once('=').map_or(pair, |(_, value)| value));
        // Servers decode queries.
        let query = query.flat_map(|value| {
            let decoded = percent_decode_str(value).decode_utf8_lossy();
            [value.to_owned(), decoded.into_owned()]
        });
        // The last word of a value follows its scheme, as in `Bearer token`.
        let mut secrets: Vec<String> = values
            .chain(query)
            .flat_map(|value| {
                let last = value
                    .split_whitespace()
                    .last()
                    .unwrap_or_default()
                    .to_owned();
                [value, last]
            })
            .filter(|secret| secret.len() >= SHORTEST)
            .collect();
        // The longest first, so that no part of one remains.
        secrets.sort_unstable_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.dedup();
        Self(secrets)
    }

    /// Returns the text without the secrets.
    pub(super) fn hidden(&self, text: String) -> String {
        self.0
            .iter()
            .fold(text, |text, secret| match text.contains(secret) {
                true => text.replace(secret, "REDACTED"),
                false => text,
            })
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}
