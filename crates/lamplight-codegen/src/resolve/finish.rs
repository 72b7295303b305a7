//! What is left when every signal is resolved: imports, and names that have to exist.

use std::collections::BTreeSet;

use super::Resolver;
use crate::load::draft::Import;
use crate::model::{Details, Signal, is_private};
use crate::registry::Registry;

impl Resolver<'_> {
    pub(super) fn finish(mut self, imports: &[Import]) -> Registry {
        let mut imported = Vec::new();
        for import in imports {
            self.import(import, &mut imported);
        }
        self.entities(&imported);
        self.renames();
        let mut dependency_keys = BTreeSet::new();
        for dependency in &self.dependencies {
            for attribute in dependency.attributes.values() {
                if attribute.deprecated.is_none() && !is_private(&attribute.annotations) {
                    dependency_keys.insert(attribute.key.clone());
                }
            }
        }
        let own = self.signals.into_iter().filter_map(|state| state.signal);
        Registry {
            attributes: self.attributes,
            signals: own.chain(imported).collect(),
            dependency_keys,
            dependencies: self.dependencies,
            ..Registry::default()
        }
    }

    fn import(&mut self, import: &Import, imported: &mut Vec<Signal>) {
        let signals = self
            .dependencies
            .iter()
            .flat_map(|dependency| &dependency.signals);
        let found: Vec<Signal> = signals
            .filter(|signal| signal.details.prefix() == import.prefix)
            .filter(|signal| !is_private(&signal.annotations))
            .filter(|signal| matches(&import.pattern, &signal.id))
            .cloned()
            .collect();
        if found.is_empty() {
            let problem = format!("`{}` matches nothing in the dependencies", import.pattern);
            self.report(
                &import.position,
                "imports",
                problem,
                "correct it, or leave it out",
            );
        }
        for signal in found {
            for used in &signal.attributes {
                if !self.attributes.contains_key(&used.key)
                    && let Ok(attribute) = self.borrow(&used.key)
                {
                    self.attributes.insert(used.key.clone(), attribute);
                }
            }
            let twice = imported.iter().any(|other: &Signal| {
                other.id == signal.id && other.details.is_like(&signal.details)
            });
            if !twice {
                imported.push(signal);
            }
        }
    }

    /// Every entity a signal is about has to exist.
    fn entities(&mut self, imported: &[Signal]) {
        let dependencies = self
            .dependencies
            .iter()
            .flat_map(|dependency| &dependency.signals);
        let known: BTreeSet<String> = dependencies
            .chain(imported)
            .chain(
                self.signals
                    .iter()
                    .filter_map(|state| state.signal.as_ref()),
            )
            .filter(|signal| matches!(signal.details, Details::Entity))
            .map(|signal| signal.id.clone())
            .collect();
        let mut unknown = Vec::new();
        for state in &self.signals {
            for (entity, position) in &state.draft.entity_associations {
                let bare = entity.strip_prefix("entity.").unwrap_or(entity);
                if !known.contains(bare) {
                    unknown.push((position.clone(), state.draft.id.clone(), entity.clone()));
                }
            }
        }
        for (position, subject, entity) in unknown {
            let problem = format!("is about unknown entity `{entity}`");
            self.report(
                &position,
                &subject,
                problem,
                "define the entity, or correct the name",
            );
        }
    }

    /// A successor has to exist.
    fn renames(&mut self) {
        let mut unknown = Vec::new();
        for attribute in self.attributes.values() {
            let successor = attribute
                .deprecated
                .as_ref()
                .and_then(|reason| reason.successor());
            let Some(to) = successor else { continue };
            let known = self.attributes.contains_key(to)
                || self
                    .dependencies
                    .iter()
                    .any(|other| other.attributes.contains_key(to));
            // Of a borrowed attribute the successor need not have been borrowed too.
            if !known {
                unknown.push((
                    attribute.position.clone(),
                    attribute.key.clone(),
                    to.to_owned(),
                ));
            }
        }
        for (position, subject, to) in unknown {
            let problem = format!("is renamed to unknown `{to}`");
            let remedy = "define the successor, or give another reason";
            self.report(&position, &subject, problem, remedy);
        }
    }
}

/// Whether `name` fits a pattern in which `*` stands for anything.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        assert!(matches("http.*", "http.client"));
        assert!(matches("*", "anything"));
        assert!(matches("http.client", "http.client"));
        assert!(matches("*.client", "http.client"));
        assert!(matches("a*c*e", "abcde"));
        assert!(!matches("http.client", "http.client.x"));
        assert!(!matches("http.*", "https.client"));
        assert!(!matches("a*c*e", "abde"));
    }
}
