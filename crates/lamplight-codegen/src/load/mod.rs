//! From files to a registry.

mod attribute;
mod body;
pub(crate) mod draft;
pub(crate) mod fields;
mod manifest;
mod signal;
mod v1;
mod v2;

use std::collections::HashSet;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::error::{Diagnostic, Error};
use crate::registry::Registry;
use crate::resolve;
use crate::yaml;
use draft::Draft;
use fields::{Fields, Sink};
use manifest::Manifest;

/// Most files and folders of one registry: more is a folder that was named by mistake.
const MAX_ENTRIES: usize = 50_000;
/// Most registries that depend on one another.
const MAX_DEPENDENCIES: usize = 10;
/// Most registries that are read for one, each as often as others depend on it.
const MAX_REGISTRIES: usize = 100;
/// Largest file that is read, in bytes.
const MAX_FILE: u64 = 16 * 1024 * 1024;

/// Reads the registry in `folder` with everything it depends on. The names of a released one are
/// not found fault with.
pub(crate) fn registry(folder: &Path, released: bool) -> Result<Registry, Error> {
    let mut reading = Reading {
        released,
        path: Vec::new(),
        left: MAX_REGISTRIES,
    };
    with_dependencies(folder, &mut reading)
}

struct Reading {
    released: bool,
    /// Folders of the registries that depend on the one that is read.
    path: Vec<PathBuf>,
    /// How many more may be read.
    left: usize,
}

fn with_dependencies(folder: &Path, reading: &mut Reading) -> Result<Registry, Error> {
    let canonical = fs::canonicalize(folder).map_err(|source| read_error(folder, source))?;
    // What others wrote is not found fault with either, but for what is taken over.
    let released = reading.released || !reading.path.is_empty();
    reading.path.push(canonical);

    let mut diagnostics = Vec::new();
    let manifest = read_manifest(folder, &mut diagnostics)?;
    if manifest.resolved {
        return Err(Error::Invalid(diagnostics));
    }
    let mut dependencies = Vec::new();
    for (dependency, position) in &manifest.dependencies {
        let canonical = fs::canonicalize(dependency);
        let problem = match canonical {
            Err(error) => Some(format!("cannot open `{}`: {error}", dependency.display())),
            Ok(canonical) if reading.path.contains(&canonical) => {
                Some("depends on itself, through this dependency".to_owned())
            }
            Ok(_) if reading.path.len() > MAX_DEPENDENCIES => Some(format!(
                "more than {MAX_DEPENDENCIES} registries depend on one another"
            )),
            Ok(_) if reading.left == 0 => {
                Some(format!("more than {MAX_REGISTRIES} registries in all"))
            }
            Ok(canonical) if !canonical.is_dir() => {
                Some(format!("`{}` is not a folder", dependency.display()))
            }
            Ok(_) => None,
        };
        match problem {
            Some(problem) => diagnostics.push(Diagnostic::new(
                position.clone(),
                "dependencies",
                problem,
                "correct `registry_path`, which is relative to the manifest",
            )),
            None => {
                reading.left -= 1;
                dependencies.push(with_dependencies(dependency, reading)?);
            }
        }
    }

    let mut draft = Draft::default();
    let mut sources = Vec::new();
    for file in files(folder)? {
        read_file(&file, &mut draft, &mut diagnostics)?;
        sources.push(file);
    }
    reading.path.pop();
    diagnostics.truncate(fields::MAX_FAULTS);
    let registry = resolve::registry(draft, dependencies, released, &mut diagnostics);
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
    if !released {
        crate::check::registry(&registry)?;
    }
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
                // Of a form that is not known no field is.
                if read_root(&mut fields, draft, &mut sink) {
                    fields.finish(&mut sink);
                }
            }
        }
        Err(error) => sink.report(error.at, "", error.problem, "correct the YAML"),
    }
    diagnostics.append(&mut sink.diagnostics);
    Ok(())
}

/// Fields that say which form a file has, with the two values each of them may have.
const FORMATS: [(&str, &str, &str); 2] = [
    ("file_format", "definition/1", "definition/2"),
    ("version", "1", "2"),
];

/// Reads a file's lists, and returns whether its form is known.
fn read_root(fields: &mut Fields<'_>, draft: &mut Draft, sink: &mut Sink) -> bool {
    let mut newer = false;
    for (name, first, second) in FORMATS {
        let Some(node) = fields.get(name) else {
            continue;
        };
        match node.text() {
            Some(value) if value == second => newer = true,
            Some(value) if value == first => {}
            other => {
                let format = other.unwrap_or_default();
                let problem = format!("unknown file format `{format}`");
                sink.report(node.at, "", problem, format!("use `{second}` or `{first}`"));
                return false;
            }
        }
    }
    match newer {
        true => v2::read(fields, draft, sink),
        false => v1::read(fields, draft, sink),
    }
    true
}

fn text(path: &Path) -> Result<String, Error> {
    let failed = |source| read_error(path, source);
    let refused = |problem: String| failed(std::io::Error::other(problem));
    // Anything else may have no end.
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

/// The registry's files, in the order of their paths. A folder with a manifest of its own is
/// another registry. Hidden ones and schemas are none of it, as for weaver.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    // Links may lead back to where they are.
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
