//! Archives of functions, as Lambda takes them.

use std::{
    fs::File,
    io::{Cursor, Write},
    path::Path,
};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::error::{Context, Result};

/// Returns the archive of one function: its executable under the name Lambda starts.
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
