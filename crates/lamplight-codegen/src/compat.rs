//! What a new version of a registry breaks for those who use the old one.

use std::fmt;

use crate::error::Position;
use crate::load::fields::nearest;
use crate::model::{
    Attribute, AttributeType, Details, EnumType, Member, RequirementLevel, Signal, Stability,
};
use crate::registry::Registry;

/// A change that breaks a dashboard, a query or a program.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakingChange {
    /// Where the name is defined, or was if it is gone.
    pub position: Position,
    /// The attribute, member or signal.
    pub subject: String,
    /// What changed.
    pub problem: String,
    /// How to make the change without breaking anything.
    pub remedy: String,
}

impl fmt::Display for BreakingChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            position,
            subject,
            problem,
            remedy,
        } = self;
        write!(f, "{position}: `{subject}`: {problem}; {remedy}")
    }
}

impl Registry {
    /// What this version breaks for users of the version `old`: names that are gone or were
    /// renamed without a deprecation, types that changed, known values that were taken away,
    /// enums that were closed, signals that came to require more or changed their kind, unit or
    /// instrument, and promises of stability that were taken back.
    ///
    /// To retire a name, keep it and give it a `deprecated`.
    pub fn breaking_changes_since(&self, old: &Registry) -> Vec<BreakingChange> {
        let mut changes = Changes {
            list: Vec::new(),
            old,
            new: self,
        };
        for attribute in old.attributes() {
            match self.attribute(&attribute.key) {
                Some(now) => changes.attribute(attribute, now),
                None => changes.removed(attribute),
            }
        }
        for signal in old.signals().filter(|signal| is_public(signal)) {
            changes.signal(signal);
        }
        changes.list
    }
}

/// Groups of attributes are a registry's own business: nothing is recorded by their name.
fn is_public(signal: &Signal) -> bool {
    !matches!(signal.details, Details::AttributeGroup)
}

struct Changes<'r> {
    list: Vec<BreakingChange>,
    old: &'r Registry,
    new: &'r Registry,
}

impl Changes<'_> {
    fn add(
        &mut self,
        position: &Position,
        subject: &str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.list.push(BreakingChange {
            position: position.clone(),
            subject: subject.to_owned(),
            problem: problem.into(),
            remedy: remedy.into(),
        });
    }

    fn stability(&mut self, position: &Position, subject: &str, old: Stability, new: Stability) {
        if new < old {
            let problem = format!("its stability fell from {old} to {new}");
            self.add(position, subject, problem, "keep the promise that was made");
        }
    }

    fn removed(&mut self, attribute: &Attribute) {
        let key = attribute.key.as_str();
        let appeared = |found: &&Attribute| {
            self.old.attribute(&found.key).is_none() && found.r#type == attribute.r#type
        };
        let same = self
            .new
            .attributes()
            .filter(appeared)
            .find(|found| found.brief == attribute.brief);
        let near: Vec<&str> = self
            .new
            .attributes()
            .filter(appeared)
            .map(|found| found.key.as_str())
            .collect();
        let renamed = same
            .map(|found| found.key.as_str())
            .or_else(|| nearest(key, &near));
        let (problem, remedy) = match renamed {
            Some(to) => (
                format!("was renamed to `{to}` without a deprecation"),
                format!("keep it with `deprecated: {{reason: renamed, renamed_to: {to}}}`"),
            ),
            None => (
                "was removed".to_owned(),
                "keep it with `deprecated: {reason: obsoleted, note: ...}`".to_owned(),
            ),
        };
        self.add(&attribute.position, key, problem, remedy);
    }

    fn attribute(&mut self, old: &Attribute, new: &Attribute) {
        let key = old.key.as_str();
        let is_template = |found: &Attribute| matches!(found.r#type, AttributeType::Template(_));
        if old.r#type.value_type() != new.r#type.value_type()
            || is_template(old) != is_template(new)
        {
            let problem = format!("its type changed from `{}` to `{}`", old.r#type, new.r#type);
            let remedy = "give the new type a new name, and deprecate this one";
            self.add(&new.position, key, problem, remedy);
            return;
        }
        self.stability(&new.position, key, old.stability, new.stability);
        match (&old.r#type, &new.r#type) {
            (AttributeType::Enum(before), AttributeType::Enum(now)) => {
                self.members(new, before, now);
            }
            // A text may become an enum only if any other text stays allowed.
            (_, AttributeType::Enum(now)) if !now.open => {
                let remedy = "leave the enum open";
                self.add(
                    &new.position,
                    key,
                    "became an enum that allows no other value",
                    remedy,
                );
            }
            _ => {}
        }
    }

    fn members(&mut self, attribute: &Attribute, old: &EnumType, new: &EnumType) {
        let (key, position) = (attribute.key.as_str(), &attribute.position);
        if old.open && !new.open {
            let problem = "allows no values beyond its members any more";
            self.add(position, key, problem, "leave the enum open");
        }
        let visible = |member: &&Member| !member.excluded;
        for member in old.members.iter().filter(visible) {
            let subject = format!("{key}.{}", member.id);
            let same_value = new.members.iter().find(|now| now.value == member.value);
            let same_id = new
                .members
                .iter()
                .filter(visible)
                .find(|now| now.id == member.id);
            match (same_value, same_id) {
                (None, Some(now)) => {
                    let problem =
                        format!("its value changed from {} to {}", member.value, now.value);
                    let remedy = "add a member for the new value, and deprecate this one";
                    self.add(position, &subject, problem, remedy);
                }
                (None, None) => {
                    let problem = "the member was removed";
                    self.add(
                        position,
                        &subject,
                        problem,
                        "keep it with `deprecated: ...`",
                    );
                }
                (Some(now), None) => {
                    let problem = format!("the member was renamed to `{}`", now.id);
                    self.add(
                        position,
                        &subject,
                        problem,
                        "keep the id: programs are written with it",
                    );
                }
                (Some(now), Some(_)) if now.stability < member.stability => {
                    let (before, now) = (member.stability, now.stability);
                    let problem = format!("the member's stability fell from {before} to {now}");
                    let remedy = "keep the promise that was made";
                    self.add(position, &subject, problem, remedy);
                }
                (Some(_), Some(_)) => {}
            }
        }
    }

    fn signal(&mut self, old: &Signal) {
        let sort = old.details.prefix().trim_end_matches('.');
        let found = self
            .new
            .signals
            .iter()
            .find(|now| now.id == old.id && now.details.is_like(&old.details));
        let Some(new) = found.cloned() else {
            let problem = format!("the {sort} was removed");
            self.add(
                &old.position,
                &old.id,
                problem,
                "keep it with `deprecated: ...`",
            );
            return;
        };
        match (&old.details, &new.details) {
            (Details::Span { kind: before, .. }, Details::Span { kind: now, .. })
                if before != now =>
            {
                let problem = format!("its kind changed from {before} to {now}");
                self.add(&new.position, &old.id, problem, "define a new type of span");
            }
            (
                Details::Metric {
                    instrument: before,
                    unit: unit_before,
                },
                Details::Metric {
                    instrument: now,
                    unit: unit_now,
                },
            ) if before != now || unit_before != unit_now => {
                let problem =
                    format!("changed from a {before} in {unit_before} to a {now} in {unit_now}");
                self.add(&new.position, &old.id, problem, "define a new metric");
            }
            _ => {}
        }
        self.stability(&new.position, &old.id, old.stability, new.stability);
        for used in &new.attributes {
            let was_required = old.attributes.iter().any(|before| {
                before.key == used.key && before.requirement_level == RequirementLevel::Required
            });
            if used.requirement_level == RequirementLevel::Required && !was_required {
                let problem = format!("came to require `{}`", used.key);
                self.add(&used.position, &old.id, problem, "recommend it instead");
            }
        }
        for before in &old.attributes {
            if new.attributes.iter().any(|now| now.key == before.key) {
                continue;
            }
            let required = before.requirement_level == RequirementLevel::Required;
            let is_stable = |attribute: &Attribute| attribute.stability == Stability::Stable;
            let stays = |attribute: &Attribute| attribute.deprecated.is_none();
            let promised = old.stability == Stability::Stable
                && self.old.attribute(&before.key).is_some_and(is_stable)
                && self.new.attribute(&before.key).is_some_and(stays);
            // What was optional may go, unless both sides promised to stay.
            if required || promised {
                let verb = if required { "required" } else { "promised" };
                let problem = format!("lost `{}`, which it {verb}", before.key);
                self.add(
                    &new.position,
                    &old.id,
                    problem,
                    "keep it, as opt-in if need be",
                );
            }
        }
    }
}
