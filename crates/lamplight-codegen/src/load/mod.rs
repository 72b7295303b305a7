//! Loading of a registry from the files of a folder, including its dependencies.

mod attribute;
mod body;
mod fields;
mod files;
mod manifest;
mod signal;
mod v1;
mod v2;

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    check,
    draft::Draft,
    error::{Diagnostic, Error, MAX_FAULTS},
    registry::Registry,
    resolve, yaml,
};
use fields::{Fields, Sink};
use manifest::Manifest;

/// The maximum length of a chain of dependencies.
const MAX_DEPENDENCIES: usize = 10;
/// The maximum number of registries read for one, each counted once per dependent.
const MAX_REGISTRIES: usize = 100;

impl Registry {
    /// Reads the registry in `folder`: every YAML file in it and below, in either form of the format, and the
    /// registries on which its manifest depends. Hidden files, `schema-next.yaml` and folders with their own
    /// manifest are not part of it.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Read`] if a file cannot be read or is larger than 16 MiB, and [`Error::Invalid`] with
    /// the faults (at most the first thousand) if the registry is invalid.
    pub fn load(folder: impl AsRef<Path>) -> Result<Self, Error> {
        Loader::new(false).load(folder.as_ref())
    }

    /// Reads a released registry for comparison. Faults of its names are not reported, because they can no
    /// longer be changed and no code is generated from them.
    pub(crate) fn load_released(folder: &Path) -> Result<Self, Error> {
        Loader::new(true).load(folder)
    }
}

struct Loader {
    released: bool,
    /// The folders of the registries that depend on the one being read.
    path: Vec<PathBuf>,
    /// The number of registries that may still be read.
    left: usize,
}

impl Loader {
    fn new(released: bool) -> Self {
        Self {
            released,
            path: Vec::new(),
            left: MAX_REGISTRIES,
        }
    }

    fn load(&mut self, folder: &Path) -> Result<Registry, Error> {
        let canonical =
            fs::canonicalize(folder).map_err(|source| files::read_error(folder, source))?;
        // Faults of a dependency's names are not reported either, except for names that are imported.
        let released = self.released || !self.path.is_empty();
        self.path.push(canonical);

        let mut diagnostics = Vec::new();
        let manifest = read_manifest(folder, &mut diagnostics)?;
        if manifest.resolved {
            return Err(Error::Invalid(diagnostics));
        }
        let dependencies = self.dependencies(&manifest, &mut diagnostics)?;
        self.path.pop();

        let mut draft = Draft::default();
        let sources = files::list(folder)?;
        for file in &sources {
            read_file(file, &mut draft, &mut diagnostics)?;
        }
        diagnostics.truncate(MAX_FAULTS);
        let registry = resolve::registry(draft, dependencies, released, &mut diagnostics);
        if !diagnostics.is_empty() {
            return Err(Error::Invalid(diagnostics));
        }
        let registry = Registry {
            name: manifest.name,
            description: manifest.description,
            schema_url: manifest.schema_url,
            sources,
            ..registry
        };
        if !released {
            check::registry(&registry)?;
        }
        Ok(registry)
    }

    fn dependencies(
        &mut self,
        manifest: &Manifest,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Vec<Registry>, Error> {
        let mut dependencies = Vec::new();
        for (folder, position) in &manifest.dependencies {
            match self.problem(folder) {
                Some(problem) => diagnostics.push(Diagnostic::new(
                    position.clone(),
                    "dependencies",
                    problem,
                    "correct `registry_path`, which is relative to the manifest",
                )),
                None => {
                    self.left -= 1;
                    dependencies.push(self.load(folder)?);
                }
            }
        }
        Ok(dependencies)
    }

    /// Returns the reason not to read the dependency in `folder`, if there is one.
    fn problem(&self, folder: &Path) -> Option<String> {
        match fs::canonicalize(folder) {
            Err(error) => Some(format!("cannot open `{}`: {error}", folder.display())),
            Ok(canonical) if self.path.contains(&canonical) => {
                Some("depends on itself, through this dependency".to_owned())
            }
            Ok(_) if self.path.len() > MAX_DEPENDENCIES => Some(format!(
                "more than {MAX_DEPENDENCIES} registries depend on one another"
            )),
            Ok(_) if self.left == 0 => {
                Some(format!("more than {MAX_REGISTRIES} registries in all"))
            }
            Ok(canonical) if !canonical.is_dir() => {
                Some(format!("`{}` is not a folder", folder.display()))
            }
            Ok(_) => None,
        }
    }
}

fn read_manifest(folder: &Path, diagnostics: &mut Vec<Diagnostic>) -> Result<Manifest, Error> {
    for name in manifest::FILE_NAMES {
        let path = folder.join(name);
        if !path.is_file() {
            continue;
        }
        let mut sink = Sink::new(&path);
        let read = match yaml::parse(&files::text(&path)?) {
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
    match yaml::parse(&files::text(path)?) {
        Ok(root) => {
            if let Some(mut fields) = Fields::of(&root, "", &mut sink) {
                // If the form is unknown, so are all fields.
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

/// The fields that specify the form of a file, each with its two possible values.
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
