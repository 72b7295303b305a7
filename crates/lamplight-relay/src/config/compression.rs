//! Compression of requests.

use crate::config::item::Item;

/// A compression method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Compression {
    /// No compression.
    #[default]
    None,
    /// gzip.
    Gzip,
    /// zstd.
    Zstd,
}

/// Reads a compression method.
pub(super) fn read(item: &Item<'_>) -> Option<Compression> {
    let all = [
        ("gzip", Compression::Gzip),
        ("zstd", Compression::Zstd),
        ("none", Compression::None),
    ];
    item.choice(&all)
}
