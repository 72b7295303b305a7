//! Comparison of spans with registries of conventions.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use lamplight_codegen::{AttributeType, Checker, Registry, Report};
use opentelemetry::KeyValue;
use opentelemetry_sdk::{Resource, trace::SpanData};

/// Lamplight's registry, and those of the test.
#[derive(Debug)]
pub(crate) struct Conventions {
    own: Vec<Checker>,
    ignored: Vec<String>,
}

impl Conventions {
    /// Reads the registries in these folders.
    #[track_caller]
    pub(crate) fn load(folders: &[PathBuf], ignored: Vec<String>) -> Self {
        let mut own = Vec::new();
        // No closures: the panic of a fault is to name the test's own line.
        for folder in folders {
            let checker = Checker::new(read(folder)).with_dependencies();
            own.push(with_ignored(checker, &ignored));
        }
        Self { own, ignored }
    }

    /// Checks spans and their resource.
    ///
    /// An attribute or event is checked with the registry that declares it; what none declares is reported
    /// by Lamplight's.
    #[track_caller]
    pub(crate) fn check(&self, spans: &[SpanData], resource: &Resource) -> Report {
        let lamplight = with_ignored(lamplight().clone(), &self.ignored);
        let in_own = |name: &str| self.own.iter().any(|own| declares(own.registry(), name));
        let others: Vec<SpanData> = spans.iter().map(|it| without(it, &in_own)).collect();
        let mut report = lamplight.check(&others);
        report.merge(lamplight.check_resource(&kept(resource, |name| !in_own(name))));
        for own in &self.own {
            let elsewhere = |name: &str| !declares(own.registry(), name);
            let spans: Vec<SpanData> = spans.iter().map(|it| without(it, &elsewhere)).collect();
            report.merge(own.check(&spans));
        }
        report
    }
}

#[track_caller]
fn read(folder: &Path) -> Registry {
    match Registry::load(folder) {
        Ok(registry) => registry,
        Err(error) => panic!(
            "the registry in {} cannot be read: {error}",
            folder.display()
        ),
    }
}

/// Returns the checker of Lamplight's registry, whose files are part of this crate's sources.
#[track_caller]
fn lamplight() -> &'static Checker {
    static CHECKER: OnceLock<Checker> = OnceLock::new();
    CHECKER.get_or_init(|| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/semconv");
        Checker::new(read(Path::new(folder)))
    })
}

fn with_ignored(checker: Checker, ignored: &[String]) -> Checker {
    ignored.iter().fold(checker, Checker::with_ignored)
}

fn declares(registry: &Registry, name: &str) -> bool {
    let is_template = |attribute: &lamplight_codegen::Attribute| {
        let rest = name.strip_prefix(attribute.key.as_str());
        matches!(attribute.r#type, AttributeType::Template(_))
            && rest.is_some_and(|rest| rest.starts_with('.'))
    };
    registry.attribute(name).is_some()
        || registry.event(name).is_some()
        || registry.attributes().any(is_template)
}

/// Returns the span without the attributes and events for which `leave_out` holds.
fn without(span: &SpanData, leave_out: &impl Fn(&str) -> bool) -> SpanData {
    let mut span = span.clone();
    let keep = |attributes: &mut Vec<KeyValue>| {
        attributes.retain(|attribute| !leave_out(attribute.key.as_str()));
    };
    keep(&mut span.attributes);
    span.events.events.retain(|event| !leave_out(&event.name));
    for event in &mut span.events.events {
        keep(&mut event.attributes);
    }
    for link in &mut span.links.links {
        keep(&mut link.attributes);
    }
    span
}

fn kept(resource: &Resource, keep: impl Fn(&str) -> bool) -> Resource {
    let attributes = resource.iter().filter(|(key, _)| keep(key.as_str()));
    let attributes = attributes.map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
    Resource::builder_empty()
        .with_attributes(attributes)
        .build()
}
