//! Writes anew what this workspace generates from its own registry: the code of
//! `lamplight-semconv` and the reference beside the YAML.
//!
//! It depends on nothing that is generated, so it works when that does not compile. For other
//! registries there are the build script and the `lamplight` command.

use std::{error::Error, path::Path};

use lamplight_codegen::Registry;

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let registry = Registry::load(root.join("semconv"))?;
    let code = root.join("crates/lamplight-semconv/src/generated");
    registry.to_rust().write(&code)?;
    std::fs::write(root.join("semconv/README.md"), registry.to_markdown())?;
    Ok(())
}
