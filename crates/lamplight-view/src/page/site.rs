//! The place where a page is shown.

use super::Addresses;

/// The place where pages are shown: a server, or one file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Site {
    /// The form of addresses.
    pub addresses: Addresses,
    /// True if `/live` sends an event `revision` when there are new spans. The script of the page
    /// listens there, and shows them as they arrive.
    pub live: bool,
    /// Number of seconds after which a browser without scripts reloads the page; `None` for never.
    pub refresh: Option<u32>,
}

impl Site {
    /// Returns a site of pages at paths, as a server shows them: live, and reloaded every ten
    /// seconds without scripts.
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
    /// The title, which is also in the document.
    pub title: String,
    /// The whole document.
    pub html: String,
    /// True if the requested item exists: HTTP status 200 rather than 404.
    pub found: bool,
}
