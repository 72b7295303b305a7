//! A registry as Rust source.

mod attribute;
mod docs;
mod layout;
pub(crate) mod names;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::error::Error;
use crate::model::Attribute;
use crate::registry::Registry;
use attribute::Imports;
use layout::Source;

const HEADER: &str =
    "// Generated from a registry of semantic conventions: change that, not this.\n\n";

/// Rust source of a registry: a module for every level of its names, and in it for every
/// attribute a key (`&'static str`), a typed constructor of a `KeyValue`, and an enum if the
/// attribute has known values.
///
/// The source needs the `opentelemetry` crate and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RustSource {
    schema_url: String,
    /// Name and body of every top-level module.
    modules: Vec<(String, String)>,
}

impl RustSource {
    pub(crate) fn of(registry: &Registry) -> Self {
        let mut root = Namespace::default();
        for attribute in registry
            .attributes()
            .filter(|attribute| !attribute.excluded())
        {
            root.insert(attribute);
        }
        let modules = root.children.iter().map(|(name, namespace)| {
            let mut out = Source::default();
            namespace.write(&mut out);
            ((*name).to_owned(), out.text)
        });
        Self {
            schema_url: registry.schema_url().to_owned(),
            modules: modules.collect(),
        }
    }

    /// Everything as one file, to be included from `OUT_DIR`.
    pub fn to_single_file(&self) -> String {
        let mut out = Source::starting_with(HEADER);
        self.schema_url(&mut out);
        for (name, body) in &self.modules {
            out.gap();
            out.docs(&module_documentation(name));
            out.open(&format!("pub mod {} {{", names::function(name)));
            for line in body.lines() {
                out.line(line);
            }
            out.close("}");
        }
        out.text
    }

    /// Name and content of a file for every top-level module, and of `mod.rs`.
    pub fn to_files(&self) -> Vec<(String, String)> {
        let mut root = Source::starting_with(HEADER);
        for (name, _) in &self.modules {
            root.line(&format!("pub mod {};", names::function(name)));
        }
        root.gap();
        self.schema_url(&mut root);
        let mut files = vec![("mod.rs".to_owned(), root.text)];
        for (name, body) in &self.modules {
            let mut text = HEADER.to_owned();
            docs::comment(&mut text, 0, "//!", &module_documentation(name));
            text.push('\n');
            text.push_str(body);
            files.push((names::file(name), text));
        }
        files
    }

    /// Writes [`to_files`](Self::to_files) into a folder, which is made if it is missing.
    /// Files already there with the same content are left untouched.
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        let failed = |path: &Path, source| Error::Write {
            path: path.to_owned(),
            source,
        };
        fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
        for (name, text) in self.to_files() {
            write_if_changed(&folder.join(name), &text)?;
        }
        Ok(())
    }

    fn schema_url(&self, out: &mut Source) {
        out.docs("Schema the names follow, for the scope of a tracer.");
        out.assign(
            "pub const SCHEMA_URL: &str =",
            &format!("{:?}", self.schema_url),
        );
    }
}

pub(crate) fn write_if_changed(path: &Path, text: &str) -> Result<(), Error> {
    if fs::read_to_string(path).is_ok_and(|present| present == text) {
        return Ok(());
    }
    fs::write(path, text).map_err(|source| Error::Write {
        path: path.to_owned(),
        source,
    })
}

fn module_documentation(namespace: &str) -> String {
    format!("`{namespace}.*`")
}

/// One level of the attributes' names.
#[derive(Default)]
struct Namespace<'r> {
    path: String,
    attributes: Vec<&'r Attribute>,
    children: BTreeMap<&'r str, Namespace<'r>>,
}

impl<'r> Namespace<'r> {
    fn insert(&mut self, attribute: &'r Attribute) {
        let mut namespace = self;
        let mut segments = attribute.key.split('.').peekable();
        while let Some(segment) = segments.next() {
            if segments.peek().is_none() {
                namespace.attributes.push(attribute);
                return;
            }
            let path = match namespace.path.as_str() {
                "" => segment.to_owned(),
                parent => format!("{parent}.{segment}"),
            };
            namespace = namespace.children.entry(segment).or_default();
            namespace.path = path;
        }
    }

    fn write(&self, out: &mut Source) {
        if !self.attributes.is_empty() {
            Imports::of(&self.attributes).write(out);
        }
        for attribute in &self.attributes {
            attribute::write(attribute, "", out);
        }
        for (name, child) in &self.children {
            out.gap();
            out.docs(&module_documentation(&child.path));
            out.open(&format!("pub mod {} {{", names::function(name)));
            child.write(out);
            out.close("}");
        }
    }
}
