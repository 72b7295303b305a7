//! The files of a registry: those of a folder that belong to it, and their text.

use std::{
    collections::HashSet,
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use super::manifest;
use crate::error::Error;

/// The maximum number of files and folders of a registry; with more, the wrong folder was named.
const MAX_ENTRIES: usize = 50_000;
/// The maximum size of a file, in bytes.
const MAX_FILE: u64 = 16 * 1024 * 1024;

pub(super) fn read_error(path: &Path, source: std::io::Error) -> Error {
    Error::Read {
        path: path.to_owned(),
        source,
    }
}

pub(super) fn text(path: &Path) -> Result<String, Error> {
    let failed = |source| read_error(path, source);
    let refused = |problem: String| failed(std::io::Error::other(problem));
    // Other kinds of files may be endless.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(refused("not a file".to_owned()));
    }
    let mut text = String::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(MAX_FILE + 1)
        .read_to_string(&mut text)
        .map_err(failed)?;
    if text.len() as u64 > MAX_FILE {
        return Err(refused(format!("larger than {} MiB", MAX_FILE >> 20)));
    }
    Ok(text)
}

/// Returns the registry's files, sorted by path. A folder with its own manifest is another registry. Hidden
/// files and schemas are ignored, as in weaver.
pub(super) fn list(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    // Links may form cycles.
    let mut seen = HashSet::new();
    let mut folders = vec![folder.to_owned()];
    let mut left = MAX_ENTRIES;
    while let Some(folder) = folders.pop() {
        let failed = |source| read_error(&folder, source);
        if !seen.insert(fs::canonicalize(&folder).map_err(failed)?) {
            continue;
        }
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            left = left.checked_sub(1).ok_or_else(|| {
                let problem = format!("more than {MAX_ENTRIES} files; name the registry's folder");
                failed(std::io::Error::other(problem))
            })?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with('.') || name == "schema-next.yaml" {
                continue;
            }
            let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
            let is_manifest = manifest::FILE_NAMES.contains(&&*name);
            if path.is_dir() {
                let other = manifest::FILE_NAMES
                    .iter()
                    .any(|name| path.join(name).is_file());
                if !other {
                    folders.push(path);
                }
            } else if is_yaml && !is_manifest {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
