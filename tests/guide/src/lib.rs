//! The guide and the README as tests: code of the pages as doctests, and what their links and shell commands
//! are compared with.

pub mod commands;
pub mod markdown;

use std::path::{Path, PathBuf};

/// Names pages, whose Rust code becomes the doctests of this crate.
macro_rules! pages {
    ($($name:ident: $file:literal,)*) => {
        /// The pages whose Rust code is compiled, by their paths from the root of the repository.
        pub const PAGES: &[&str] = &[$($file),*];

        $(
            #[cfg(doctest)]
            #[doc = include_str!(concat!("../../../", $file))]
            pub struct $name;
        )*
    };
}

pages! {
    Readme: "README.md",
    Attributes: "docs/guide/attributes.md",
    AwsSdk: "docs/guide/aws-sdk.md",
    Batches: "docs/guide/batches.md",
    Broken: "docs/guide/broken.md",
    Conventions: "docs/guide/conventions.md",
    Cost: "docs/guide/cost.md",
    Delivery: "docs/guide/delivery.md",
    Deploy: "docs/guide/deploy.md",
    Exporters: "docs/guide/exporters.md",
    Flow: "docs/guide/flow.md",
    Http: "docs/guide/http.md",
    Languages: "docs/guide/languages.md",
    Metrics: "docs/guide/metrics.md",
    OutgoingHttp: "docs/guide/outgoing-http.md",
    Relay: "docs/guide/relay.md",
    Security: "docs/guide/security.md",
    Seeing: "docs/guide/seeing.md",
    SnapStart: "docs/guide/snapstart.md",
    Start: "docs/guide/start.md",
    Testing: "docs/guide/testing.md",
    Tracing: "docs/guide/tracing.md",
    Variables: "docs/guide/variables.md",
}

/// Returns the root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Returns the text of a page.
///
/// # Errors
///
/// The page cannot be read.
pub fn page(file: &str) -> std::io::Result<String> {
    std::fs::read_to_string(root().join(file))
}
