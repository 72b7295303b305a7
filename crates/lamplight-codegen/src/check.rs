//! Checks that names do not collide, and that they become valid Rust.

use std::collections::BTreeMap;

use crate::{
    error::{Diagnostic, Error, MAX_FAULTS, Position},
    generate::names,
    model::{Attribute, AttributeType, Details, EnumType, Literal, ValueType},
    registry::Registry,
};

/// Published names in a namespace that registries of services often use for their own.
const RESERVED: [&str; 12] = [
    "app.build_id",
    "app.crash.id",
    "app.installation.id",
    "app.jank.frame_count",
    "app.jank.period",
    "app.jank.threshold",
    "app.screen.coordinate.x",
    "app.screen.coordinate.y",
    "app.screen.id",
    "app.screen.name",
    "app.widget.id",
    "app.widget.name",
];
/// The schema that defines the published names. A registry that follows it may use them.
const PUBLISHED: &str = "https://opentelemetry.io/schemas/";
/// Modules of generated code that hold signals.
const SIGNAL_MODULES: [&str; 3] = ["events", "metrics", "spans"];

/// Finds every fault of a registry whose references are sound.
pub(crate) fn registry(registry: &Registry) -> Result<(), Error> {
    let mut faults = Faults::default();
    let published = is_published(registry);
    for attribute in registry.attributes.values() {
        // Those of a dependency are checked with the dependency.
        let foreign = published || borrowed(registry, &attribute.key);
        name(attribute, foreign, &mut faults);
        examples(attribute, &mut faults);
        if let AttributeType::Enum(members) = &attribute.r#type {
            enumeration(attribute, members, &mut faults);
        }
    }
    collisions(registry, &mut faults);
    reserved(registry, &mut faults);
    enumeration_names(registry, &mut faults);
    for signal in &registry.signals {
        let generated = !matches!(signal.details, Details::AttributeGroup | Details::Entity);
        if generated && !signal.excluded() && !is_name(&signal.id) {
            let problem = "is not a name: lower-case letters and digits, parted by `.` or `_`";
            faults.add(&signal.position, &signal.id, problem, "rename it");
        }
    }
    if faults.0.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(faults.0))
    }
}

#[derive(Default)]
struct Faults(Vec<Diagnostic>);

impl Faults {
    fn add(
        &mut self,
        position: &Position,
        subject: &str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        if self.0.len() < MAX_FAULTS {
            self.0
                .push(Diagnostic::new(position.clone(), subject, problem, remedy));
        }
    }
}

/// Returns whether a name is made of lower-case segments, each begun by a letter or digit.
fn is_name(name: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.split(['.', '_']).all(is_part)
}

fn name(attribute: &Attribute, foreign: bool, faults: &mut Faults) {
    let (key, position) = (attribute.key.as_str(), &attribute.position);
    if !is_name(key) {
        let problem = "is not a name: lower-case letters and digits, parted by `.` or `_`";
        faults.add(
            position,
            key,
            problem,
            "rename it, for example `shop.order.id`",
        );
    } else if !key.contains('.') && attribute.deprecated.is_none() && !foreign {
        let remedy = format!("put it in a namespace, for example `shop.{key}`");
        faults.add(position, key, "has no namespace", remedy);
    } else if let Some(taken) = SIGNAL_MODULES
        .iter()
        .find(|taken| key.split('.').next() == Some(**taken))
    {
        let problem = format!("generated code needs the namespace `{taken}` for itself");
        faults.add(position, key, problem, "use another namespace");
    }
}

fn examples(attribute: &Attribute, faults: &mut Faults) {
    for example in &attribute.examples {
        let fits = match (&attribute.r#type, attribute.r#type.value_type(), example) {
            // Other values than the members are allowed, and examples of a template may include keys.
            (AttributeType::Enum(_) | AttributeType::Template(_), ..) => true,
            (_, ValueType::Any, _) => true,
            (_, ValueType::String, Literal::String(_)) => true,
            (_, ValueType::Int, Literal::Int(_)) => true,
            (_, ValueType::Double, Literal::Double(_) | Literal::Int(_)) => true,
            (_, ValueType::Boolean, Literal::Boolean(_)) => true,
            (_, r#type, Literal::List(items)) => items.iter().all(|item| is_item(r#type, item)),
            // A list written without the outer one has become its items.
            (_, r#type, item) => is_item(r#type, item),
        };
        if !fits {
            let r#type = &attribute.r#type;
            let problem = format!("the example {example} is not of the type `{type}`");
            let remedy = "correct the example; texts that look like numbers need quotes";
            faults.add(&attribute.position, &attribute.key, problem, remedy);
        }
    }
}

fn is_item(r#type: ValueType, item: &Literal) -> bool {
    matches!(
        (r#type, item),
        (ValueType::StringArray, Literal::String(_))
            | (ValueType::IntArray, Literal::Int(_))
            | (ValueType::DoubleArray, Literal::Double(_) | Literal::Int(_))
            | (ValueType::BooleanArray, Literal::Boolean(_))
    )
}

/// Members need names of their own in Rust.
fn enumeration(attribute: &Attribute, members: &EnumType, faults: &mut Faults) {
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    for (name, member) in names::variants(members) {
        let subject = format!("{}.{}", attribute.key, member.id);
        let id = member.id.as_str();
        if !id.is_ascii() || !id.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
            let problem = "the member's id cannot become a name in Rust";
            let remedy = "give it an id of ASCII letters and digits; its value may be anything";
            faults.add(&attribute.position, &subject, problem, remedy);
            continue;
        }
        if let Some(other) = taken.insert(name.clone(), id) {
            let problem = format!("is called `{name}` in Rust, as is the member `{other}`");
            let remedy = "rename one, or leave it out of generated code with \
                          `annotations: {code_generation: {exclude: true}}`";
            faults.add(&attribute.position, &subject, problem, remedy);
        }
    }
}

/// A name must not be the namespace of another: backends that nest attributes could store only one of the
/// two. Deprecated names are not checked, because they can no longer be changed.
fn collisions(registry: &Registry, faults: &mut Faults) {
    let live = |key: &str| {
        registry
            .attributes
            .get(key)
            .is_some_and(|found| found.deprecated.is_none())
            || registry.dependency_keys.contains(key)
    };
    for attribute in registry
        .attributes
        .values()
        .filter(|found| found.deprecated.is_none())
    {
        let key = attribute.key.as_str();
        for (end, _) in key.match_indices('.') {
            let namespace = key.get(..end).unwrap_or_default();
            if live(namespace) {
                let other = registry.attributes.get(namespace);
                let place = match other {
                    Some(other) => format!("defined at {}", other.position),
                    None => "of a registry this one depends on".to_owned(),
                };
                let problem =
                    format!("its namespace `{namespace}` is itself an attribute, {place}");
                let remedy = format!("rename one, for example to `{namespace}_{}`", {
                    key.get(end + 1..).unwrap_or_default().replace('.', "_")
                });
                faults.add(&attribute.position, key, problem, remedy);
            }
        }
        // The reverse matters only across registries; within one registry it was found above.
        let inner = format!("{key}.");
        let next = registry.dependency_keys.range(inner.clone()..).next();
        if let Some(other) = next.filter(|other| other.starts_with(&inner))
            && !registry.dependency_keys.contains(key)
        {
            let problem = format!("is the namespace of `{other}`, which a dependency defines");
            faults.add(&attribute.position, key, problem, "rename it");
        }
    }
}

fn reserved(registry: &Registry, faults: &mut Faults) {
    let published = is_published(registry);
    for attribute in registry.attributes.values() {
        let key = attribute.key.as_str();
        for reserved in RESERVED {
            let problem = if key == reserved && !published && !borrowed(registry, key) {
                format!("`{reserved}` is a published name with a meaning of its own")
            } else if is_inside(key, reserved) {
                format!("lies inside `{reserved}`, which is a published name")
            } else if is_inside(reserved, key) {
                format!("is the namespace of `{reserved}`, which is a published name")
            } else {
                continue;
            };
            let remedy = "choose another name, for example under your own domain, `com.example.`";
            faults.add(&attribute.position, key, problem, remedy);
        }
    }
}

/// Returns whether these are the published conventions themselves, whose names cannot be changed here.
/// Versions before 1.43 have no manifest that identifies them.
fn is_published(registry: &Registry) -> bool {
    registry.schema_url.starts_with(PUBLISHED)
        || (registry.schema_url.is_empty() && registry.attribute("telemetry.sdk.name").is_some())
}

fn borrowed(registry: &Registry, key: &str) -> bool {
    registry.dependency_keys.contains(key)
}

fn is_inside(key: &str, namespace: &str) -> bool {
    key.strip_prefix(namespace)
        .is_some_and(|rest| rest.starts_with('.'))
}

/// Enums of one module need names of their own.
fn enumeration_names(registry: &Registry, faults: &mut Faults) {
    let mut taken: BTreeMap<(&str, String), &str> = BTreeMap::new();
    for attribute in registry
        .attributes
        .values()
        .filter(|found| !found.excluded())
    {
        if !matches!(attribute.r#type, AttributeType::Enum(_)) {
            continue;
        }
        let module = attribute
            .key
            .rsplit_once('.')
            .map_or("", |(module, _)| module);
        let name = names::enumeration(&attribute.key);
        if let Some(other) = taken.insert((module, name.clone()), &attribute.key) {
            let problem =
                format!("its values are called `{name}` in Rust, as are those of `{other}`");
            let remedy = "rename one, or leave it out of generated code with \
                          `annotations: {code_generation: {exclude: true}}`";
            faults.add(&attribute.position, &attribute.key, problem, remedy);
        }
    }
}
