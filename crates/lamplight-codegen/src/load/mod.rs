//! From files to a registry.

mod attribute;
pub(crate) mod draft;
pub(crate) mod fields;
mod manifest;
mod signal;
mod v1;
mod v2;

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Diagnostic, Error};
use crate::registry::Registry;
use crate::resolve;
use crate::yaml;
use draft::Draft;
use fields::{Fields, Sink};
use manifest::Manifest;

/// Most folders in one another, which also ends loops of links.
const MAX_FOLDERS: usize = 32;
/// Most registries that depend on one another.
const MAX_DEPENDENCIES: usize = 10;
/// Largest file that is read, in bytes.
const MAX_FILE: u64 = 16 * 1024 * 1024;

/// Reads the registry in `folder` with everything it depends on.
pub(crate) fn registry(folder: &Path) -> Result<Registry, Error> {
    with_dependencies(folder, &mut Vec::new())
}

/// `path` holds the folders of the registries that depend on this one.
fn with_dependencies(folder: &Path, path: &mut Vec<PathBuf>) -> Result<Registry, Error> {
    let canonical = fs::canonicalize(folder).map_err(|source| read_error(folder, source))?;
    path.push(canonical);

    let mut diagnostics = Vec::new();
    let manifest = read_manifest(folder, &mut diagnostics)?;
    let mut dependencies = Vec::new();
    for (dependency, position) in &manifest.dependencies {
        let canonical = fs::canonicalize(dependency);
        let problem = match canonical {
            Err(error) => Some(format!("cannot open `{}`: {error}", dependency.display())),
            Ok(canonical) if path.contains(&canonical) => {
                Some("depends on itself, through this dependency".to_owned())
            }
            Ok(_) if path.len() > MAX_DEPENDENCIES => Some(format!(
                "more than {MAX_DEPENDENCIES} registries depend on one another"
            )),
            Ok(_) => None,
        };
        match problem {
            Some(problem) => diagnostics.push(Diagnostic::new(
                position.clone(),
                "dependencies",
                problem,
                "correct `registry_path`, which is relative to the manifest",
            )),
            None => dependencies.push(with_dependencies(dependency, path)?),
        }
    }

    let mut draft = Draft::default();
    let mut sources = Vec::new();
    for file in files(folder)? {
        read_file(&file, &mut draft, &mut diagnostics)?;
        sources.push(file);
    }
    path.pop();
    let registry = resolve::registry(draft, dependencies, &mut diagnostics);
    if !diagnostics.is_empty() {
        return Err(Error::Invalid(diagnostics));
    }
    let Manifest {
        name,
        description,
        schema_url,
        ..
    } = manifest;
    let registry = Registry {
        name,
        description,
        schema_url,
        sources,
        ..registry
    };
    crate::check::registry(&registry)?;
    Ok(registry)
}

fn read_error(path: &Path, source: std::io::Error) -> Error {
    Error::Read {
        path: path.to_owned(),
        source,
    }
}

fn read_manifest(folder: &Path, diagnostics: &mut Vec<Diagnostic>) -> Result<Manifest, Error> {
    for name in manifest::FILE_NAMES {
        let path = folder.join(name);
        if !path.is_file() {
            continue;
        }
        let mut sink = Sink::new(&path);
        let read = match yaml::parse(&text(&path)?) {
            Ok(root) => manifest::read(&root, folder, &mut sink),
            Err(error) => {
                sink.report(error.at, "", error.problem, "correct the YAML");
                Manifest::default()
            }
        };
        diagnostics.append(&mut sink.diagnostics);
        return Ok(read);
    }
    Ok(Manifest::default())
}

fn read_file(
    path: &Path,
    draft: &mut Draft,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<(), Error> {
    let mut sink = Sink::new(path);
    match yaml::parse(&text(path)?) {
        Ok(root) => {
            if let Some(mut fields) = Fields::of(&root, "", &mut sink) {
                read_root(&mut fields, draft, &mut sink);
                fields.finish(&mut sink);
            }
        }
        Err(error) => sink.report(error.at, "", error.problem, "correct the YAML"),
    }
    diagnostics.append(&mut sink.diagnostics);
    Ok(())
}

fn read_root(fields: &mut Fields<'_>, draft: &mut Draft, sink: &mut Sink) {
    let Some(format) = fields.get("file_format") else {
        v1::read(fields, draft, sink);
        return;
    };
    match format.text() {
        Some("definition/2") => v2::read(fields, draft, sink),
        other => {
            let problem = format!("unknown file format `{}`", other.unwrap_or_default());
            sink.report(format.at, "", problem, "use `definition/2`");
        }
    }
}

fn text(path: &Path) -> Result<String, Error> {
    let failed = |source| read_error(path, source);
    let size = fs::metadata(path).map_err(failed)?.len();
    if size > MAX_FILE {
        let problem = format!("larger than {} MiB", MAX_FILE >> 20);
        return Err(failed(std::io::Error::other(problem)));
    }
    fs::read_to_string(path).map_err(failed)
}

/// The registry's files, in the order of their paths. A folder with a manifest of its own is
/// another registry.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let failed = |source| read_error(&folder, source);
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let is_yaml = path
                .extension()
                .is_some_and(|end| end == "yaml" || end == "yml");
            let is_manifest = manifest::FILE_NAMES.iter().any(|name| path.ends_with(name));
            if path.is_dir() {
                let other = manifest::FILE_NAMES
                    .iter()
                    .any(|name| path.join(name).is_file());
                if !other && depth < MAX_FOLDERS {
                    folders.push((path, depth + 1));
                }
            } else if is_yaml && !is_manifest {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

const INSTRUMENTS: [(&str, &str); 4] = [
    ("counter", "counter"),
    ("updowncounter", "updowncounter"),
    ("gauge", "gauge"),
    ("histogram", "histogram"),
];

fn instrument(fields: &mut Fields<'_>, sink: &mut Sink) -> Option<String> {
    if fields.get("instrument").is_none() {
        fields.missing("instrument", sink);
    }
    fields
        .choice("instrument", &INSTRUMENTS, sink)
        .map(str::to_owned)
}
