//! Credentials, recognized by their prefixes.

use std::{ops::Range, sync::OnceLock};

use aho_corasick::{AhoCorasick, packed::Searcher};

/// A kind of credentials.
struct Kind {
    /// The prefix.
    start: &'static str,
    /// True if the prefix is kept, and only the rest is masked.
    told: bool,
    /// The rest after the prefix.
    rest: Rest,
}

enum Rest {
    /// At least this number of letters, digits and these characters.
    Of(&'static [u8], usize),
    /// As [`Of`](Self::Of), but long or with a digit in it, so that words of a sentence do not
    /// match.
    Opaque,
    /// base64 of a name, a colon and a password.
    Basic,
    /// Two parts of base64url separated by a dot, and more.
    Jwt,
    /// An AWS access key: 16 capitals and digits.
    AwsKey,
    /// An AWS secret key after its name.
    AwsSecret,
    /// Everything up to the end of the key, or of the text.
    Pem,
}

const fn kind(start: &'static str, rest: Rest) -> Kind {
    let told = false;
    Kind { start, told, rest }
}

const fn named(start: &'static str, rest: Rest) -> Kind {
    let told = true;
    Kind { start, told, rest }
}

static KINDS: [Kind; 41] = [
    named("Bearer ", Rest::Opaque),
    named("bearer ", Rest::Opaque),
    named("BEARER ", Rest::Opaque),
    named("Bearer%20", Rest::Opaque),
    named("Bearer+", Rest::Opaque),
    named("Basic ", Rest::Basic),
    named("basic ", Rest::Basic),
    named("BASIC ", Rest::Basic),
    kind("eyJ", Rest::Jwt),
    kind("AKIA", Rest::AwsKey),
    kind("ASIA", Rest::AwsKey),
    kind("ABIA", Rest::AwsKey),
    kind("ACCA", Rest::AwsKey),
    named("secret_access_key", Rest::AwsSecret),
    named("SECRET_ACCESS_KEY", Rest::AwsSecret),
    named("secretAccessKey", Rest::AwsSecret),
    named("SecretAccessKey", Rest::AwsSecret),
    kind("ghp_", Rest::Of(b"", 36)),
    kind("gho_", Rest::Of(b"", 36)),
    kind("ghu_", Rest::Of(b"", 36)),
    kind("ghs_", Rest::Of(b"", 36)),
    kind("ghr_", Rest::Of(b"", 36)),
    kind("github_pat_", Rest::Of(b"_", 22)),
    kind("glpat-", Rest::Of(b"-_.", 20)),
    kind("npm_", Rest::Of(b"", 36)),
    kind("pypi-", Rest::Of(b"-_", 32)),
    kind("xoxa-", Rest::Of(b"-", 10)),
    kind("xoxb-", Rest::Of(b"-", 10)),
    kind("xoxe-", Rest::Of(b"-", 10)),
    kind("xoxp-", Rest::Of(b"-", 10)),
    kind("xoxr-", Rest::Of(b"-", 10)),
    kind("xoxs-", Rest::Of(b"-", 10)),
    kind("sk_live_", Rest::Of(b"", 16)),
    kind("sk_test_", Rest::Of(b"", 16)),
    kind("rk_live_", Rest::Of(b"", 16)),
    kind("rk_test_", Rest::Of(b"", 16)),
    kind("whsec_", Rest::Of(b"+/=", 16)),
    kind("sk-ant-", Rest::Of(b"-_", 20)),
    kind("sk-proj-", Rest::Of(b"-_", 20)),
    kind("AIza", Rest::Of(b"-_", 35)),
    kind("-----BEGIN ", Rest::Pem),
];

/// All prefixes in one automaton.
fn starts() -> Option<&'static AhoCorasick> {
    static STARTS: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let build = || AhoCorasick::new(KINDS.iter().map(|kind| kind.start)).ok();
    STARTS.get_or_init(build).as_ref()
}

/// The same with SIMD, if the machine supports it. Using twice the bytes per comparison for fewer
/// prefixes in half as many groups would take twice as long, because of frequent false candidates.
fn vectors() -> Option<&'static Searcher> {
    static VECTORS: OnceLock<Option<Searcher>> = OnceLock::new();
    let build = || Searcher::new(KINDS.iter().map(|kind| kind.start));
    VECTORS.get_or_init(build).as_ref()
}

/// Number of prefixes after which the search for the last one ends.
const MANY: usize = 8;

/// Returns the range that contains all possible credentials.
pub(super) fn suspect(text: &[u8]) -> Option<Range<usize>> {
    let Some(vectors) = vectors() else {
        let first = starts()?.find(text)?;
        return Some(first.start()..text.len());
    };
    let mut found = vectors.find_iter(text).map(|start| start.span().range());
    let first = found.next()?;
    let mut end = first.end;
    for _ in 0..MANY {
        match found.next() {
            Some(next) => end = next.end,
            None => return Some(first.start..end),
        }
    }
    Some(first.start..text.len())
}

/// Finds credentials.
pub(super) fn find(text: &[u8], found: &mut Vec<Range<usize>>) {
    let Some(starts) = starts() else {
        return;
    };
    let mut done = 0;
    for start in starts.find_overlapping_iter(text) {
        let Some(kind) = KINDS.get(start.pattern().as_usize()) else {
            continue;
        };
        if start.start() < done || !kind.told && is_in_word(text, start.start()) {
            continue;
        }
        let rest = text.get(start.end()..).unwrap_or_default();
        if let Some((skipped, length)) = kind.rest.find(rest) {
            let token = start.end() + skipped;
            done = token + length;
            found.push(if kind.told { token } else { start.start() }..done);
        }
    }
}

/// Returns whether a position is within a word, so that no credential starts there. This way no
/// byte is examined for many prefixes. Names of secrets may follow anything.
fn is_in_word(text: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| text.get(at));
    before.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte))
        && text.get(at) != Some(&b'-')
}

impl Rest {
    /// Returns the start of the credential in `rest`, and its length.
    fn find(&self, rest: &[u8]) -> Option<(usize, usize)> {
        let (skipped, length) = match self {
            Self::Of(also, at_least) => (0, run(rest, also, *at_least)?),
            Self::Opaque => {
                let length = run(rest, b"-._~+/=", 8)?;
                let has_digit = rest.iter().take(length).any(u8::is_ascii_digit);
                (0, (has_digit || length >= 20).then_some(length)?)
            }
            Self::Basic => {
                let length = run(rest, b"+/=", 4)?;
                (0, has_colon(rest.get(..length)?).then_some(length)?)
            }
            Self::Jwt => {
                let header = run(rest, b"-_", 7)?;
                let payload = rest.get(header..)?.strip_prefix(b".")?;
                run(payload, b"-_", 2)?;
                (0, header + 1 + run(payload, b"-_.", 2)?)
            }
            Self::AwsKey => {
                let length = run(rest, b"", 16)?;
                let key = rest.get(..length)?;
                let fits = key
                    .iter()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
                (0, (length == 16 && fits).then_some(length)?)
            }
            Self::AwsSecret => {
                let is_between = |byte: &&u8| b"=: \"'\\>".contains(byte);
                let skipped = rest.iter().take(8).take_while(is_between).count();
                // The name may be longer, or occur without an end.
                let key = rest.get(skipped..).filter(|_| skipped > 0)?;
                (skipped, run(key, b"+/=", 40)?)
            }
            Self::Pem => {
                let line = rest.iter().take(64).position(|byte| *byte == b'-')?;
                rest.get(..line)?.ends_with(b"PRIVATE KEY").then_some(())?;
                let end = memchr::memmem::find(rest, b"-----END ");
                let end = end.map(|end| (end + 9 + line + 5).min(rest.len()));
                (0, char_end(rest, end.unwrap_or(rest.len())))
            }
        };
        Some((skipped, length))
    }
}

/// Returns the end of the character that contains `at`.
fn char_end(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| **byte & 0xc0 == 0x80).count()
}

/// Returns the number of letters, digits and bytes of `also` at the start of a text, or `None` if
/// there are fewer than required.
fn run(text: &[u8], also: &[u8], at_least: usize) -> Option<usize> {
    let fits = |byte: &&u8| byte.is_ascii_alphanumeric() || also.contains(byte);
    let length = text.iter().take_while(fits).count();
    (length >= at_least).then_some(length)
}

/// Returns whether the decoded base64 contains a colon.
fn has_colon(base64: &[u8]) -> bool {
    let (mut bits, mut count) = (0_u32, 0);
    for byte in base64 {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            if (bits >> count) as u8 == b':' {
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        find(text.as_bytes(), &mut found);
        assert!(
            found.is_empty() || suspect(text.as_bytes()).is_some(),
            "{text}"
        );
        found
            .into_iter()
            .map(|range| text.get(range).unwrap())
            .collect()
    }

    /// Assembled here, so that scanners for leaked credentials do not report them.
    fn made(parts: &[&str]) -> String {
        parts.concat()
    }

    #[test]
    fn credentials_are_found() {
        let long = "a1B2".repeat(10);
        for token in [
            made(&[
                "eyJ",
                "hbGciOiJub25lIn0",
                ".",
                "eyJzdWIiOiIxIn0",
                ".",
                "sig_-1",
            ]),
            made(&["AK", "IA", "IOSFODNN7EXAMPLE"]),
            made(&["AS", "IA", "IOSFODNN7EXAMPLE"]),
            made(&["gh", "p_", &long]),
            made(&["github", "_pat_", &long]),
            made(&["xo", "xb-", "123456789012-abcdef"]),
            made(&["sk", "_live_", &long]),
            made(&["AI", "za", &long]),
            made(&[
                "-----BEGIN ",
                "RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----",
            ]),
        ] {
            assert_eq!(tokens(&token), [token.as_str()]);
            assert_eq!(tokens(&format!("x: {token} ")), [token.as_str()]);
        }
        for (before, token) in [
            ("Authorization: Bearer ", "abc123def456"),
            ("bearer ", "mF_9.B5f-4.1JqM"),
            ("Basic ", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
            ("AWS_SECRET_ACCESS_KEY=", &long),
            ("\"SecretAccessKey\": \"", &long),
        ] {
            let text = format!("{before}{token}");
            assert_eq!(tokens(&text), [token], "{text}");
        }
    }

    /// Takes minutes if each prefix is compared with all the text after it.
    #[test]
    fn a_text_full_of_starts_is_gone_through_once() {
        for kind in &KINDS {
            let times = match kind.rest {
                // These may be within a word.
                Rest::AwsSecret => 200_000,
                _ => 2_000,
            };
            for between in ["", "=", ".", " ", "a."] {
                let text = format!("{}{between}", kind.start).repeat(times);
                find(text.as_bytes(), &mut Vec::new());
            }
        }
    }

    #[test]
    fn what_is_no_credential_stays() {
        for text in [
            "Bearer authentication failed",
            "Basic understanding of things",
            "BasicAuth",
            "keyJson.value",
            "eyJ",
            "AKIA",
            "SLOVAKIAAAAAAAAAAAAAAAAAA",
            "-----BEGIN CERTIFICATE-----",
            "npm_config",
        ] {
            assert_eq!(tokens(text), [""; 0], "{text}");
        }
    }
}
