//! `lamplight-codegen generate REGISTRY FOLDER` writes a registry as Rust.

use std::path::Path;
use std::process::ExitCode;

use lamplight_codegen::{Error, Registry};

const USAGE: &str = "usage: lamplight-codegen generate REGISTRY FOLDER";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["generate", registry, folder] => generate(Path::new(registry), Path::new(folder)),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn generate(registry: &Path, folder: &Path) -> Result<(), Error> {
    Registry::load(registry)?.to_rust().write(folder)
}
