//! What a page knows of where it is shown.

use super::Addresses;

/// The place where pages are shown: a server, or one file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Site {
    /// How views are addressed.
    pub addresses: Addresses,
    /// Whether `/live` tells of new spans, by an event `revision`: the page's script listens there,
    /// and shows them as they come.
    pub live: bool,
    /// Seconds after which a browser without scripts loads the page again; none for never.
    pub refresh: Option<u32>,
}

impl Site {
    /// Returns a site of pages at paths, as a server shows them: live, and loaded again every ten
    /// seconds where there are no scripts.
    #[must_use]
    pub const fn served() -> Self {
        Self {
            addresses: Addresses::Paths,
            live: true,
            refresh: Some(10),
        }
    }

    /// Returns the site of a file.
    pub(super) const fn in_file() -> Self {
        Self {
            addresses: Addresses::Fragments,
            live: false,
            refresh: None,
        }
    }
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// Title, as it is in the page too.
    pub title: String,
    /// The whole document.
    pub html: String,
    /// Whether what was asked for is there: HTTP status 200 rather than 404.
    pub found: bool,
}
