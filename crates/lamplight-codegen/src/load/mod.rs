//! From files to a registry.

mod attribute;
pub(crate) mod fields;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::model::Attribute;
use crate::registry::Registry;
use crate::yaml;
use fields::{Fields, Sink};

/// Reads the registry in `folder` with everything it depends on.
pub(crate) fn registry(folder: &Path) -> Result<Registry, Error> {
    let mut diagnostics = Vec::new();
    let mut schema_url = String::new();
    let mut attributes: BTreeMap<String, Attribute> = BTreeMap::new();
    for path in files(folder)? {
        let text = fs::read_to_string(&path).map_err(|source| Error::Read {
            path: path.clone(),
            source,
        })?;
        let mut sink = Sink::new(&path);
        let manifest = path.file_name().is_some_and(|name| name == "manifest.yaml");
        match yaml::parse(&text) {
            Ok(root) if manifest => {
                schema_url = root
                    .entry("schema_url")
                    .and_then(|n| n.text())
                    .unwrap_or_default()
                    .to_owned();
            }
            Ok(root) => {
                for item in Fields::of(&root, "", &mut sink)
                    .map(|mut fields| fields.list("attributes", &mut sink))
                    .unwrap_or_default()
                {
                    let Some(mut fields) = Fields::of(item, "", &mut sink) else {
                        continue;
                    };
                    let read = attribute::definition(&mut fields, "key", &mut sink);
                    fields.finish(&mut sink);
                    if let Some(read) = read {
                        attributes.insert(read.key.clone(), read);
                    }
                }
            }
            Err(error) => sink.report(error.at, "", error.problem, "correct the YAML"),
        }
        diagnostics.append(&mut sink.diagnostics);
    }
    if diagnostics.is_empty() {
        Ok(Registry {
            schema_url,
            attributes,
        })
    } else {
        Err(Error::Invalid(diagnostics))
    }
}

/// The YAML files of a folder and of those in it, in the order of their paths.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let failed = |source| Error::Read {
            path: folder.clone(),
            source,
        };
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let is_yaml = path
                .extension()
                .is_some_and(|ext| ext == "yaml" || ext == "yml");
            if path.is_dir() {
                folders.push(path);
            } else if is_yaml {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
