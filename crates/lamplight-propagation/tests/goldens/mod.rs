//! The files in `golden/`: settings, an event as AWS documents it, and what is expected.

use std::{
    fs,
    path::{Path, PathBuf},
};

use lamplight_propagation::{
    Propagators,
    inbound::{EventExtractor, RawInvocation, Source, Trust, XRayPolicy},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Golden {
    /// The purpose of the file.
    pub(crate) about: String,
    #[serde(default, skip_serializing_if = "Settings::is_default")]
    pub(crate) settings: Settings,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client_context: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) xray: Option<String>,
    pub(crate) event: Box<RawValue>,
    pub(crate) expect: Value,
}

#[derive(Deserialize, Serialize, Default, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) envelopes: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) datadog: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) start_new: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) xray: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) item_attribute: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) propagators: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) untrusted: Vec<String>,
}

impl Golden {
    /// Reads one of the [`files`].
    pub(crate) fn read(file: &Path) -> Self {
        let text = fs::read_to_string(file).unwrap();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }

    /// Returns the invocation of a function named `function` with this event in another text.
    pub(crate) fn invocation<'a>(&'a self, body: &'a str) -> RawInvocation<'a> {
        RawInvocation::new(body.as_bytes(), "function")
            .with_client_context(self.client_context.as_deref())
            .with_xray_trace_id(self.xray.as_deref())
    }
}

impl Settings {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn extractor(&self) -> EventExtractor {
        let mut extractor = EventExtractor::new().with_datadog(self.datadog);
        for envelope in &self.envelopes {
            extractor = extractor.with_envelope(envelope.as_str());
        }
        if let Some(value) = &self.propagators {
            let (propagators, complaint) = Propagators::parse(value);
            assert_eq!(complaint, None);
            extractor = extractor.with_propagators(propagators);
        }
        for name in &self.untrusted {
            let source = Source::ALL.iter().find(|it| it.as_str() == name);
            extractor = extractor.with_source_trust(*source.unwrap(), Trust::StartNew);
        }
        if self.start_new {
            extractor = extractor.with_trust(Trust::StartNew);
        }
        if let Some(name) = &self.item_attribute {
            extractor = extractor.with_item_attribute(name);
        }
        match self.xray.as_deref() {
            Some("ignore") => extractor.with_xray(XRayPolicy::Ignore),
            Some("parent") => extractor.with_xray(XRayPolicy::Parent),
            Some("parent-before-w3c") => extractor.with_xray(XRayPolicy::ParentBeforeW3c),
            Some(other) => panic!("unknown policy {other}"),
            None => extractor,
        }
    }
}

/// Returns the files, in order.
pub(crate) fn files() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}
