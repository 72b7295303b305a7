//! Recommendations of the OpenTelemetry project's own policies for registries.

use crate::{
    error::{Diagnostic, Position},
    model::{
        Attribute, AttributeType, Deprecation, Details, Literal, Member, RequirementLevel, Signal,
        Stability,
    },
    registry::Registry,
};

/// The name of an event is not one of its attributes.
const EVENT_NAME: &str = "event.name";

impl Registry {
    /// Returns recommendations, which are not errors, since code can be generated: stable signals that
    /// promise attributes which may still change, names whose replacement is itself deprecated or of another
    /// type, events that carry their name as an attribute, and groups of the older form that share a name and
    /// are merged.
    ///
    /// A stable signal with `annotations: {stability: {policy_exceptions: [...]}}` may promise any
    /// attributes.
    pub fn advice(&self) -> Vec<Diagnostic> {
        let mut advice = Advice {
            registry: self,
            list: self.joined.clone(),
        };
        for attribute in self.attributes() {
            advice.successor(attribute);
            advice.members(attribute);
        }
        advice.signals();
        advice.list
    }
}

struct Advice<'r> {
    registry: &'r Registry,
    list: Vec<Diagnostic>,
}

impl Advice<'_> {
    fn add(&mut self, position: &Position, subject: &str, problem: String, remedy: &str) {
        self.list
            .push(Diagnostic::new(position.clone(), subject, problem, remedy));
    }

    fn successor(&mut self, attribute: &Attribute) {
        let to = attribute
            .deprecated
            .as_ref()
            .and_then(Deprecation::successor);
        let Some(successor) = to.and_then(|to| self.registry.attribute(to)) else {
            return;
        };
        let (position, key, to) = (&attribute.position, &attribute.key, &successor.key);
        if successor.deprecated.is_some() {
            let problem = format!("is replaced by `{to}`, which is deprecated itself");
            self.add(position, key, problem, "name the one to use in the end");
        }
        let (before, now) = (attribute.r#type.value_type(), successor.r#type.value_type());
        if before != now {
            let problem =
                format!("is of type `{before}`, and `{to}`, which replaces it, of type `{now}`");
            let remedy = "deprecate it as `uncategorized`, with a note on how to convert it";
            self.add(position, key, problem, remedy);
        }
    }

    fn members(&mut self, attribute: &Attribute) {
        let AttributeType::Enum(members) = &attribute.r#type else {
            return;
        };
        for member in &members.members {
            let Some(to) = member.deprecated.as_ref().and_then(Deprecation::successor) else {
                continue;
            };
            let current = |other: &_| is_current(other, to);
            if !members.members.iter().any(current) {
                let subject = format!("{}.{}", attribute.key, member.id);
                let problem = format!("is replaced by `{to}`, which is no current member");
                let remedy = "name the id of another member";
                self.add(&attribute.position, &subject, problem, remedy);
            }
        }
    }

    fn signals(&mut self) {
        for signal in self.registry.signals() {
            if matches!(signal.details, Details::AttributeGroup) || signal.deprecated.is_some() {
                continue;
            }
            for used in &signal.attributes {
                let promised = !matches!(used.requirement_level, RequirementLevel::OptIn(_));
                if signal.stability == Stability::Stable
                    && used.stability != Stability::Stable
                    && promised
                    && !is_excepted(signal)
                {
                    let standing = match used.stability {
                        Stability::Deprecated => "deprecated".to_owned(),
                        stability => format!("in {stability}"),
                    };
                    let key = &used.key;
                    let problem = format!("is stable and promises `{key}`, which is {standing}");
                    let remedy = "make the attribute opt-in there, or stable";
                    self.add(&used.position, &signal.id, problem, remedy);
                }
                if matches!(signal.details, Details::Event) && used.key == EVENT_NAME {
                    let problem = format!("has `{EVENT_NAME}` as an attribute");
                    let remedy = "leave it out: an event is known by its name";
                    self.add(&used.position, &signal.id, problem, remedy);
                }
            }
        }
    }
}

/// Returns whether a signal is exempt, as annotated in the OpenTelemetry registries: `annotations:
/// {stability: {policy_exceptions: [...]}}`.
fn is_excepted(signal: &Signal) -> bool {
    let stability = signal
        .annotations
        .iter()
        .find(|(name, _)| name == "stability");
    let exceptions = stability.and_then(|(_, value)| value.get("policy_exceptions"));
    matches!(exceptions, Some(Literal::List(items)) if !items.is_empty())
}

fn is_current(member: &Member, id: &str) -> bool {
    member.id == id && member.deprecated.is_none()
}
