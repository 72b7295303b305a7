//! Changes of a registry that break dashboards, queries or programs written for an older version.

use std::{collections::HashMap, path::Path};

use crate::{
    error::{Diagnostic, Error, Position},
    model::{
        Attribute, AttributeType, Details, EnumType, Member, RequirementLevel, Signal, Stability,
    },
    registry::Registry,
    suggest::nearest,
};

impl Registry {
    /// Returns the changes that break users of the version `old`: names that were removed or renamed without
    /// a deprecation, types that changed, known values that were removed, enums that were closed, signals
    /// that require more attributes or changed their kind, unit or instrument, and stability levels that were
    /// lowered.
    ///
    /// To retire a name, keep it and mark it as `deprecated`.
    pub fn breaking_changes_since(&self, old: &Registry) -> Vec<Diagnostic> {
        let key = |signal: &Signal| (signal.details.prefix(), signal.id.clone());
        let is_new = |found: &&Attribute| old.attribute(&found.key).is_none();
        let appeared: Vec<&Attribute> = self.attributes().filter(is_new).collect();
        let mut by_brief: HashMap<&str, Vec<&Attribute>> = HashMap::new();
        for found in appeared.iter().filter(|found| !found.brief.is_empty()) {
            by_brief.entry(&found.brief).or_default().push(found);
        }
        let mut changes = Changes {
            list: Vec::new(),
            old,
            new: self,
            signals: self.signals().map(|signal| (key(signal), signal)).collect(),
            appeared,
            by_brief,
            suggestions: MAX_SUGGESTIONS,
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

    /// Returns the result of [`breaking_changes_since`](Self::breaking_changes_since) for the released
    /// version in the folder `old`. Names of that version can no longer be changed, so none of them is an
    /// error, not even a name without a namespace or one that cannot become Rust.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`load`](Self::load), for the folder `old`.
    pub fn breaking_changes_since_release(
        &self,
        old: impl AsRef<Path>,
    ) -> Result<Vec<Diagnostic>, Error> {
        let old = Registry::load_released(old.as_ref())?;
        Ok(self.breaking_changes_since(&old))
    }
}

/// Returns whether a stability level was lowered. A name without any level but deprecation has none to lower.
fn fell(old: Stability, new: Stability) -> bool {
    new < old && new != Stability::Deprecated
}

/// The maximum number of removed names for which a new one is suggested: the search reads every new name.
const MAX_SUGGESTIONS: usize = 100;

/// Returns the requirement level of each attribute of a signal.
fn levels(signal: &Signal) -> HashMap<&str, &RequirementLevel> {
    let attributes = signal.attributes.iter();
    attributes
        .map(|used| (used.key.as_str(), &used.requirement_level))
        .collect()
}

/// Returns whether a signal is public. Attribute groups are internal to a registry: nothing is recorded under
/// their names.
fn is_public(signal: &Signal) -> bool {
    !matches!(signal.details, Details::AttributeGroup)
}

struct Changes<'r> {
    list: Vec<Diagnostic>,
    old: &'r Registry,
    new: &'r Registry,
    /// Signals of the new version by sort and name.
    signals: HashMap<(&'static str, String), &'r Signal>,
    /// Attributes that the old version does not have.
    appeared: Vec<&'r Attribute>,
    /// The same attributes by their briefs.
    by_brief: HashMap<&'r str, Vec<&'r Attribute>>,
    suggestions: usize,
}

impl<'r> Changes<'r> {
    fn add(
        &mut self,
        position: &Position,
        subject: &str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.list
            .push(Diagnostic::new(position.clone(), subject, problem, remedy));
    }

    fn stability(&mut self, position: &Position, subject: &str, old: Stability, new: Stability) {
        if fell(old, new) {
            let problem = format!("its stability fell from {old} to {new}");
            self.add(position, subject, problem, "keep the promise that was made");
        }
    }

    fn removed(&mut self, attribute: &Attribute) {
        let key = attribute.key.as_str();
        let renamed = self.renamed(attribute);
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

    /// Returns the probable new name of a removed attribute.
    fn renamed(&mut self, gone: &Attribute) -> Option<&'r str> {
        let is_alike = |found: &&&Attribute| found.r#type == gone.r#type;
        let same = self.by_brief.get(gone.brief.as_str());
        if let Some(same) = same.and_then(|same| same.iter().take(MAX_SUGGESTIONS).find(is_alike)) {
            return Some(&same.key);
        }
        self.suggestions = self.suggestions.checked_sub(1)?;
        let alike = self.appeared.iter().filter(is_alike);
        let near: Vec<&str> = alike.map(|found| found.key.as_str()).collect();
        nearest(&gone.key, &near)
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
        if new.excluded() && !old.excluded() {
            let remedy = "deprecate it instead: programs are written with it";
            self.add(&new.position, key, "is left out of generated code", remedy);
        }
        match (&old.r#type, &new.r#type) {
            (AttributeType::Enum(before), AttributeType::Enum(now)) => {
                self.members(new, before, now);
            }
            // A string may become an enum only if other strings remain allowed.
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
        let by_value: HashMap<String, &Member> = new
            .members
            .iter()
            .rev()
            .map(|now| (now.value.to_string(), now))
            .collect();
        let by_id: HashMap<&str, &Member> = new
            .members
            .iter()
            .filter(visible)
            .map(|now| (now.id.as_str(), now))
            .collect();
        for member in old.members.iter().filter(visible) {
            let subject = format!("{key}.{}", member.id);
            let same_value = by_value.get(&member.value.to_string());
            let (problem, remedy) = match (by_id.get(member.id.as_str()), same_value) {
                (Some(now), _) if now.value == member.value => {
                    if !fell(member.stability, now.stability) {
                        continue;
                    }
                    let (before, now) = (member.stability, now.stability);
                    let problem = format!("the member's stability fell from {before} to {now}");
                    (problem, "keep the promise that was made")
                }
                (Some(now), _) => (
                    format!("its value changed from {} to {}", member.value, now.value),
                    "add a member for the new value, and deprecate this one",
                ),
                (None, Some(now)) if now.excluded && now.id == member.id => (
                    "the member is left out of generated code".to_owned(),
                    "deprecate it instead: programs are written with it",
                ),
                (None, Some(now)) => (
                    format!("the member was renamed to `{}`", now.id),
                    "keep the id: programs are written with it",
                ),
                (None, None) => (
                    "the member was removed".to_owned(),
                    "keep it with `deprecated: ...`",
                ),
            };
            self.add(position, &subject, problem, remedy);
        }
    }

    fn signal(&mut self, old: &Signal) {
        let sort = old.details.prefix().trim_end_matches('.');
        let found = self.signals.get(&(old.details.prefix(), old.id.clone()));
        let Some(new) = found.copied() else {
            let problem = format!("the {sort} was removed");
            self.add(
                &old.position,
                &old.id,
                problem,
                "keep it with `deprecated: ...`",
            );
            return;
        };
        self.details(old, new);
        self.stability(&new.position, &old.id, old.stability, new.stability);
        self.requirements(old, new);
    }

    fn details(&mut self, old: &Signal, new: &Signal) {
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
    }

    fn requirements(&mut self, old: &Signal, new: &Signal) {
        let before = levels(old);
        let now = levels(new);
        for used in &new.attributes {
            let was_required = before.get(used.key.as_str()) == Some(&&RequirementLevel::Required);
            if used.requirement_level == RequirementLevel::Required && !was_required {
                let problem = format!("came to require `{}`", used.key);
                self.add(&used.position, &old.id, problem, "recommend it instead");
            }
        }
        for before in &old.attributes {
            if now.contains_key(before.key.as_str()) {
                continue;
            }
            let required = before.requirement_level == RequirementLevel::Required;
            let is_stable = |attribute: &Attribute| attribute.stability == Stability::Stable;
            let stays = |attribute: &Attribute| attribute.deprecated.is_none();
            let promised = old.stability == Stability::Stable
                && self.old.attribute(&before.key).is_some_and(is_stable)
                && self.new.attribute(&before.key).is_some_and(stays);
            // An optional attribute may be removed, unless both versions are stable.
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
