//! The manifest of a registry: its name and its dependencies.

use std::path::{Path, PathBuf};

use super::{
    attribute,
    fields::{Fields, Sink},
};
use crate::{error::Position, yaml::Node};

/// The possible file names of a manifest; the second is the older one.
pub(super) const FILE_NAMES: [&str; 4] = [
    "manifest.yaml",
    "registry_manifest.yaml",
    "manifest.yml",
    "registry_manifest.yml",
];

#[derive(Debug, Default)]
pub(super) struct Manifest {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) schema_url: String,
    pub(super) dependencies: Vec<(PathBuf, Position)>,
    /// True if it belongs to a resolved registry, which has been reported.
    pub(super) resolved: bool,
}

/// Reads the manifest `root` in `folder`.
pub(super) fn read(root: &Node, folder: &Path, sink: &mut Sink) -> Manifest {
    let Some(mut fields) = Fields::of(root, "manifest", sink) else {
        return Manifest::default();
    };
    let format = fields.text("file_format", sink);
    let resolved = ["resolved_registry_uri", "resolved_schema_uri"].map(|name| fields.get(name));
    if format.is_some() || resolved.iter().any(Option::is_some) {
        let problem = "is the manifest of a published registry, whose definitions are not here";
        let remedy = "use the folder of definitions that it was packaged from";
        sink.report(root.at, "manifest", problem, remedy);
        return Manifest {
            resolved: true,
            ..Manifest::default()
        };
    }
    let base = fields.text("schema_base_url", sink);
    let version = fields.text("semconv_version", sink);
    let schema_url = match (fields.text("schema_url", sink), base, version) {
        (Some(url), _, _) => url,
        (None, Some(base), Some(version)) => {
            let scheme = if base.contains("://") { "" } else { "https://" };
            format!("{scheme}{}/{version}", base.trim_end_matches('/'))
        }
        (None, ..) => {
            fields.missing("schema_url", sink);
            String::new()
        }
    };
    let manifest = Manifest {
        name: fields.text("name", sink).unwrap_or_default(),
        description: fields.text("description", sink).unwrap_or_default(),
        schema_url,
        dependencies: dependencies(&mut fields, folder, sink),
        resolved: false,
    };
    attribute::stability(&mut fields, sink);
    fields.finish(sink);
    manifest
}

fn dependencies(
    fields: &mut Fields<'_>,
    folder: &Path,
    sink: &mut Sink,
) -> Vec<(PathBuf, Position)> {
    let mut found = Vec::new();
    for item in fields.list("dependencies", sink) {
        let Some(mut inner) = Fields::of(item, "dependencies", sink) else {
            continue;
        };
        inner.get("name");
        inner.get("schema_url");
        let path = inner.text("registry_path", sink);
        inner.finish(sink);
        let Some(path) = path else {
            let remedy = "add `registry_path: ...` with a folder that holds the registry";
            sink.report(
                item.at,
                "dependencies",
                "a dependency without a path",
                remedy,
            );
            continue;
        };
        let remote = path.contains("://") || path.starts_with("git@");
        let archive = [".zip", ".tar.gz", ".tgz"]
            .iter()
            .any(|end| path.ends_with(end));
        if remote || archive {
            let problem = format!("`{path}` is not a folder of this machine");
            let remedy = "fetch it once, and name the folder it lies in";
            sink.report(item.at, "dependencies", problem, remedy);
            continue;
        }
        found.push((folder.join(path), sink.position(item.at)));
    }
    found
}
