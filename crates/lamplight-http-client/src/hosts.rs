//! Patterns of hosts.

use std::{fmt, sync::Arc};

use http::Uri;

use crate::guard::unless_it_panics;

/// The receivers of something.
#[derive(Clone)]
pub(crate) enum Receivers {
    Hosts(Hosts),
    Chosen(Arc<dyn Fn(&Uri) -> bool + Send + Sync>),
}

impl Receivers {
    /// Returns whether the server of a request is one of them, by its host where that is known. A predicate
    /// that panics has not said yes.
    pub(crate) fn include(&self, uri: &Uri, host: Option<&str>) -> bool {
        match self {
            Self::Hosts(hosts) => hosts.include(host.unwrap_or_default()),
            Self::Chosen(is_chosen) => unless_it_panics(|| is_chosen(uri)).unwrap_or(false),
        }
    }
}

impl Default for Receivers {
    fn default() -> Self {
        Self::Hosts(Hosts::default())
    }
}

impl fmt::Debug for Receivers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hosts(hosts) => hosts.fmt(f),
            Self::Chosen(_) => f.write_str("Chosen"),
        }
    }
}

/// Hosts by patterns: all, unless patterns say which; those of patterns behind a `-` never.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hosts {
    patterns: Vec<Pattern>,
    /// Some pattern is not understood. It may have been to keep something from somebody.
    is_closed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    excludes: bool,
    host: Host,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
    Any,
    /// With its dot: `.example.com`.
    Below(String),
    Exactly(String),
}

impl Hosts {
    /// Returns the hosts of these patterns, and those that are not understood.
    pub(crate) fn parse<P: AsRef<str>>(
        patterns: impl IntoIterator<Item = P>,
    ) -> (Self, Vec<String>) {
        let mut hosts = Self::default();
        let mut unknown = Vec::new();
        for text in patterns {
            let text = text.as_ref().trim();
            match Pattern::parse(text) {
                Some(pattern) => hosts.patterns.push(pattern),
                None => unknown.push(text.to_owned()),
            }
        }
        hosts.is_closed = !unknown.is_empty();
        (hosts, unknown)
    }

    fn include(&self, host: &str) -> bool {
        let host = normal(host);
        let mut is_listed = None;
        for pattern in &self.patterns {
            let fits = pattern.host.fits(host);
            match (pattern.excludes, fits) {
                (true, true) => return false,
                // It may be this one.
                (true, false) if host.is_empty() => return false,
                (true, false) => {}
                (false, fits) => is_listed = Some(fits || is_listed.unwrap_or(false)),
            }
        }
        is_listed.unwrap_or(true) && !self.is_closed
    }
}

impl Pattern {
    fn parse(text: &str) -> Option<Self> {
        let (excludes, host) = match text.strip_prefix('-') {
            Some(host) => (true, host),
            None => (false, text),
        };
        let host = match (host, host.strip_prefix('*')) {
            ("*", _) => Host::Any,
            (_, Some(below)) => {
                let name = below.strip_prefix('.')?;
                Host::Below(format!(".{}", name_of_host(name)?))
            }
            (name, None) => Host::Exactly(name_of_host(name)?.to_owned()),
        };
        Some(Self { excludes, host })
    }
}

impl Host {
    fn fits(&self, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exactly(name) => host.eq_ignore_ascii_case(name),
            Self::Below(end) => {
                let start = host.len().checked_sub(end.len()).filter(|start| *start > 0);
                let tail = start.and_then(|start| host.get(start..));
                tail.is_some_and(|tail| tail.eq_ignore_ascii_case(end))
            }
        }
    }
}

/// Returns a name as it is compared, if it can be that of a host. Ports and paths are no part of one.
fn name_of_host(name: &str) -> Option<&str> {
    let is_v6 = name.contains("::") || name.starts_with('[');
    let strange = |c: char| match c {
        ':' | '[' | ']' => !is_v6,
        c => !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')),
    };
    let name = (!name.contains(strange)).then(|| normal(name))?;
    (!name.is_empty()).then_some(name)
}

/// Returns a host without the brackets of an IPv6 address and the dot at the end.
fn normal(host: &str) -> &str {
    let inner = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let host = inner.unwrap_or(host);
    host.strip_suffix('.').unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn include(patterns: &[&str], host: &str) -> bool {
        let (hosts, unknown) = Hosts::parse(patterns);
        assert_eq!(unknown, [] as [&str; 0]);
        hosts.include(host)
    }

    #[test]
    fn without_a_pattern_every_host_is_meant() {
        assert!(include(&[], "example.com") && include(&[], ""));
    }

    #[test]
    fn patterns_are_one_host_all_below_one_or_every_host() {
        for (patterns, host, expected) in [
            (&["a.example"][..], "A.Example.", true),
            (&["a.example"], "b.a.example", false),
            (&["a.example"], "xa.example", false),
            (&["*.a.example"], "b.c.A.example", true),
            (&["*.a.example"], "a.example", false),
            (&["*.a.example"], "xa.example", false),
            (&["*.a.example"], ".a.example", false),
            (&["a.example", "*.a.example"], "a.example", true),
            (&["a.example"], "", false),
            (&["*"], "anything", true),
            (&["::1", "10.0.0.1"], "[::1]", true),
            (&["[::1]"], "::1", true),
            // One that is left out stays out, whatever else is listed, and lists nothing.
            (&["-a.example"], "a.example", false),
            (&["-a.example"], "b.example", true),
            (&["*", "-*.a.example"], "b.a.example", false),
            (&["-b.a.example", "*.a.example"], "b.a.example", false),
            (&["-b.a.example", "*.a.example"], "c.a.example", true),
            (&["-*"], "a.example", false),
            (&["*"], "", true),
            // A host that is not known may be the one.
            (&["*", "-a.example"], "", false),
        ] {
            assert_eq!(include(patterns, host), expected, "{patterns:?} {host}");
        }
    }

    #[test]
    fn a_list_that_is_not_understood_has_no_host() {
        for strange in [
            "https://a.example",
            "a.example:80",
            "a.example/b",
            "a.*.example",
            "*a",
            "",
            "-",
            "*.",
            "é",
        ] {
            let (hosts, unknown) = Hosts::parse(["*", strange]);
            assert_eq!(unknown, [strange]);
            assert!(!hosts.include("a.example"), "{strange}");
        }
    }

    #[test]
    fn a_predicate_that_panics_includes_nobody() {
        let receivers = Receivers::Chosen(Arc::new(|_| panic!("a predicate")));
        assert!(!receivers.include(&Uri::from_static("/"), Some("a.example")));
    }
}
