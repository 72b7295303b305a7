//! Writes anew what this workspace generates from its own registry: the code of
//! `lamplight-semconv`, its table of descriptions, and the reference beside the YAML.
//!
//! It depends on nothing that is generated, so it works when that does not compile. For other
//! registries there are the build script and the `lamplight` command.

use std::{error::Error, path::Path};

use lamplight_codegen::Registry;

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let registry = Registry::load(root.join("semconv"))?;
    let code = root.join("crates/lamplight-semconv/src");
    registry.to_rust().write(&code.join("generated"))?;
    let table = code.join("descriptions/table.rs");
    std::fs::write(table, registry.to_description_table())?;
    std::fs::write(root.join("semconv/README.md"), registry.to_markdown())?;
    Ok(())
}
