//! The style and the script of every page, and the policy that forbids any others.

use std::sync::LazyLock;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use sha2::{Digest as _, Sha256};

/// The style of all pages.
pub(super) const STYLE: &str = concat!(include_str!("page.css"), include_str!("trace.css"));
/// The script of all pages, which also work without it.
pub(super) const SCRIPT: &str = concat!(include_str!("page.js"), include_str!("trace.js"));

/// Returns the content security policy of pages: they may use their own style and script (by hash),
/// nothing from other hosts, and from this host only the notifications of new spans.
///
/// A server that shows pages sends it as the header `Content-Security-Policy`; a file contains it.
#[must_use]
pub fn content_security_policy(served: bool) -> &'static str {
    static POLICIES: LazyLock<[String; 2]> = LazyLock::new(|| {
        let hash = |text: &str| {
            let hash = BASE64_STANDARD.encode(Sha256::digest(text.as_bytes()));
            format!("'sha256-{hash}'")
        };
        let file = format!(
            "default-src 'none'; style-src {}; script-src {}; img-src data:; base-uri 'none'; \
             form-action 'self'",
            hash(STYLE),
            hash(SCRIPT)
        );
        let server = format!("{file}; connect-src 'self'; frame-ancestors 'none'");
        [file, server]
    });
    let [file, server] = &*POLICIES;
    if served { server } else { file }
}
