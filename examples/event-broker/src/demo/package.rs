//! From source to the archives that Lambda takes.

use std::{
    fs::File,
    io::{BufRead, BufReader, Cursor, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{
    answers::text,
    error::{Context, Error, Result},
    options::Functions,
    processes::Processes,
    progress::progress,
};

/// Builds the functions in release mode, with cargo's own progress on the terminal.
pub(crate) fn build(processes: &Processes) -> Result<Functions> {
    progress!("building the functions in release mode");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["build", "--release", "--package", "event-broker"])
        .args(["--bin", "ingress", "--bin", "egress", "--bin", "subscriber"])
        .args(["--bin", "relay"])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    // `cargo run` sets these for the demo. Build scripts ask to run again when they change, and
    // with them half of the dependencies would be built twice.
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy();
        if ["CARGO_MANIFEST_", "CARGO_PKG_"]
            .iter()
            .any(|prefix| name_text.starts_with(prefix))
        {
            command.env_remove(&name);
        }
    }
    let mut child = processes.spawn(&mut command)?;
    let mut built = Vec::new();
    if let Some(messages) = child.stdout.take() {
        for line in BufReader::new(messages).lines() {
            let line = line.context("read what cargo built")?;
            let message: Value = serde_json::from_str(&line).unwrap_or_default();
            built.extend(text(&message, "/executable").map(PathBuf::from));
        }
    }
    let status = child.wait().context("wait for cargo")?;
    if !status.success() {
        return Err(Error::new(format!(
            "the functions did not build ({status})"
        )));
    }
    let find = |name: &str| {
        let found = built
            .iter()
            .find(|path| path.file_stem().is_some_and(|stem| stem == name));
        found
            .cloned()
            .ok_or_else(|| Error::new(format!("cargo did not say where {name} is")))
    };
    Ok(Functions {
        ingress: find("ingress")?,
        egress: find("egress")?,
        subscriber: find("subscriber")?,
        relay: find("relay")?,
    })
}

/// The archive of one function: its executable under the name Lambda starts.
pub(crate) fn archive(executable: &Path) -> Result<Vec<u8>> {
    let doing = format!("put {} into an archive", executable.display());
    let mut file = File::open(executable).context(doing.as_str())?;
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // Not compressed: it travels over loopback.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .unix_permissions(0o755);
    archive
        .start_file("bootstrap", options)
        .context(doing.as_str())?;
    std::io::copy(&mut file, &mut archive).context(doing.as_str())?;
    archive.flush().context(doing.as_str())?;
    Ok(archive.finish().context(doing)?.into_inner())
}
