//! A registry that has been read.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::Error;
use crate::generate::RustSource;
use crate::load;
use crate::model::Attribute;

/// A registry of semantic conventions, read and checked.
#[derive(Debug, Clone)]
pub struct Registry {
    pub(crate) schema_url: String,
    pub(crate) attributes: BTreeMap<String, Attribute>,
}

impl Registry {
    /// Reads the registry in `folder`.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] if a file cannot be read, [`Error::Invalid`] with every fault found if
    /// the registry is not sound.
    pub fn load(folder: impl AsRef<Path>) -> Result<Self, Error> {
        load::registry(folder.as_ref())
    }

    /// The schema the registry's names follow; empty if its manifest gives none.
    pub fn schema_url(&self) -> &str {
        &self.schema_url
    }

    /// The attributes in the order of their keys.
    pub fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.values()
    }

    /// The attribute with this key.
    pub fn attribute(&self, key: &str) -> Option<&Attribute> {
        self.attributes.get(key)
    }

    /// The registry as Rust.
    pub fn to_rust(&self) -> RustSource {
        RustSource::of(self)
    }
}
