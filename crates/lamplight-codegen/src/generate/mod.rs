//! Rust source generated from a registry.

mod attribute;
mod descriptions;
mod docs;
mod layout;
pub(crate) mod names;
mod signal;

use std::{collections::BTreeMap, fs, path::Path};

use crate::{
    error::Error,
    model::{Attribute, Details},
    registry::Registry,
};
use attribute::Imports;
use layout::Source;

const HEADER: &str =
    "// Generated from a registry of semantic conventions: change that, not this.\n\n";

/// Programs seldom use all names, and cannot add attributes to an included file.
const INCLUDED: &str = "#[allow(dead_code, unreachable_pub)]";

/// The Rust source of a registry: a module for each level of its names. For each attribute, it has a key
/// (`&'static str`), a typed constructor of a `KeyValue`, and an enum if the attribute has known values.
///
/// The modules `spans`, `events` and `metrics` have the names of signals, and functions that take the values
/// of all required attributes.
///
/// The source depends only on the `opentelemetry` crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RustSource {
    schema_url: String,
    /// Attributes without a namespace.
    root: String,
    modules: Vec<Module>,
}

/// A top-level module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Module {
    name: String,
    /// The content as a separate file.
    file: String,
    /// The content inside a single file, where the indentation changes line breaks.
    inline: String,
}

impl Module {
    fn new(name: &str, write: impl Fn(&mut Source)) -> Self {
        let body = |indent| {
            let mut out = Source::indented(indent);
            write(&mut out);
            out.text
        };
        Self {
            name: name.to_owned(),
            file: body(0),
            inline: body(4),
        }
    }
}

impl Registry {
    /// Returns the registry as Rust source.
    pub fn to_rust(&self) -> RustSource {
        RustSource::of(self)
    }
}

type IsWanted = fn(&Details) -> bool;

/// Modules of signals.
const SIGNALS: [(&str, IsWanted); 3] = [
    ("events", |details| matches!(details, Details::Event)),
    ("metrics", |details| {
        matches!(details, Details::Metric { .. })
    }),
    ("spans", |details| matches!(details, Details::Span { .. })),
];

impl RustSource {
    fn of(registry: &Registry) -> Self {
        let mut root = Namespace::default();
        for attribute in registry
            .attributes()
            .filter(|attribute| !attribute.excluded())
        {
            root.insert(attribute);
        }
        let usages = signal::usages(registry);
        let children = std::mem::take(&mut root.children);
        let namespaces = children
            .iter()
            .map(|(name, namespace)| Module::new(name, |out| namespace.write(&usages, out)));
        let signals = SIGNALS.iter().map(|(name, is_wanted)| {
            Module::new(name, |out| signal::module(name, registry, *is_wanted, out))
        });
        let mut modules: Vec<Module> = namespaces
            .chain(signals)
            .filter(|module| !module.file.is_empty())
            .collect();
        modules.sort();
        let mut out = Source::default();
        root.write(&usages, &mut out);
        Self {
            schema_url: registry.schema_url().to_owned(),
            root: out.text,
            modules,
        }
    }

    /// Returns the source as one file, to be included from `OUT_DIR`.
    pub fn to_single_file(&self) -> String {
        let mut out = Source::starting_with(HEADER);
        out.text.push_str(&self.root);
        out.gap();
        self.schema_url(true, &mut out);
        for Module { name, inline, .. } in &self.modules {
            out.gap();
            out.docs(&module_documentation(name));
            out.line(INCLUDED);
            out.line(&format!("pub mod {} {{", names::function(name)));
            out.text.push_str(inline);
            out.line("}");
        }
        ended(&out.text)
    }

    /// Returns the names and contents of one file per top-level module, and of `mod.rs`.
    pub fn to_files(&self) -> Vec<(String, String)> {
        let mut root = Source::starting_with(HEADER);
        for Module { name, .. } in &self.modules {
            if name == "mod" {
                // Its file name would be that of this file.
                root.line(&format!("#[path = {:?}]", names::file(name)));
            }
            root.line(&format!("pub mod {};", names::function(name)));
        }
        root.gap();
        root.text.push_str(&self.root);
        root.gap();
        self.schema_url(false, &mut root);
        let mut files = vec![("mod.rs".to_owned(), ended(&root.text))];
        for Module { name, file, .. } in &self.modules {
            let mut text = HEADER.to_owned();
            docs::comment(&mut text, 0, "//!", &module_documentation(name));
            text.push('\n');
            text.push_str(file);
            files.push((names::file(name), text));
        }
        files
    }

    /// Writes the result of [`to_files`](Self::to_files) into a folder, which is created if necessary. Files
    /// that already have the same content are not touched.
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

    fn schema_url(&self, included: bool, out: &mut Source) {
        if self.schema_url.is_empty() {
            return;
        }
        out.own_docs("Schema URL of the names, for the scope of a tracer.");
        if included {
            out.line(INCLUDED);
        }
        out.assign(
            "pub const SCHEMA_URL: &str =",
            &format!("{:?}", self.schema_url),
        );
    }
}

/// The text with exactly one line break at its end.
fn ended(text: &str) -> String {
    format!("{}\n", text.trim_end())
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
    match namespace {
        "events" => "The events of the registry.".to_owned(),
        "metrics" => "The metrics of the registry.".to_owned(),
        "spans" => "The spans of the registry.".to_owned(),
        _ => format!("`{namespace}.*`"),
    }
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

    fn write(&self, usages: &BTreeMap<&str, String>, out: &mut Source) {
        if !self.attributes.is_empty() {
            Imports::of(&self.attributes).write(out);
        }
        for attribute in &self.attributes {
            let usage = usages
                .get(attribute.key.as_str())
                .map_or("", String::as_str);
            attribute::write(attribute, usage, out);
        }
        for (name, child) in &self.children {
            out.gap();
            out.docs(&module_documentation(&child.path));
            out.open(&format!("pub mod {} {{", names::function(name)));
            child.write(usages, out);
            out.close("}");
        }
    }
}
