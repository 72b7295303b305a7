//! Generation from a build script.

use std::{
    env,
    path::{Path, PathBuf},
};

use crate::{error::Error, generate::write_if_changed, registry::Registry};

/// Generates the registry in `folder` into `$OUT_DIR/semconv.rs`, for a build script:
///
/// ```no_run
/// // build.rs
/// fn main() -> Result<(), lamplight_codegen::Error> {
///     lamplight_codegen::build("semconv")
/// }
/// ```
///
/// and in the crate, which needs the `opentelemetry` crate:
///
/// ```ignore
/// include!(concat!(env!("OUT_DIR"), "/semconv.rs"));
/// ```
///
/// Cargo runs the script again when a file of the registry or of its dependencies changes. Faults
/// of the registry fail the build with their file, line and remedy.
///
/// # Errors
///
/// Those of [`Registry::load`], and [`Error::Write`] if the file cannot be written.
pub fn build(folder: impl AsRef<Path>) -> Result<(), Error> {
    let folder = folder.as_ref();
    // Printed before anything can fail, so that the script runs again once the registry is corrected.
    println!("cargo::rerun-if-changed={}", folder.display());
    let registry = Registry::load(folder)?;
    for source in registry.all_sources() {
        println!("cargo::rerun-if-changed={}", source.display());
    }
    let out = env::var_os("OUT_DIR")
        .map(PathBuf::from)
        .unwrap_or_default();
    write_if_changed(
        &out.join("semconv.rs"),
        &registry.to_rust().to_single_file(),
    )
}
