//! The last steps, after every signal is resolved: imports, and names that must exist.

use std::collections::{BTreeSet, HashMap};

use super::Resolver;
use crate::{
    draft::{DraftDetails, Import},
    error::{Diagnostic, MAX_FAULTS},
    model::{Details, Signal, is_private},
    registry::Registry,
};

impl Resolver<'_> {
    pub(super) fn finish(mut self, imports: &[Import], released: bool) -> Registry {
        let (mut imported, mut seen) = (Vec::new(), BTreeSet::new());
        for import in imports {
            self.import(import, &mut imported, &mut seen);
        }
        // Missing names have no effect here, and a released registry cannot be corrected.
        if !released {
            self.entities(&imported);
            self.renames();
        }
        let mut dependency_keys = BTreeSet::new();
        for dependency in &self.dependencies {
            for attribute in dependency.attributes.values() {
                if attribute.deprecated.is_none() && !is_private(&attribute.annotations) {
                    dependency_keys.insert(attribute.key.clone());
                }
            }
        }
        let own = self.signals.into_iter().filter_map(|state| state.signal);
        let (own, joined) = joined(own);
        Registry {
            attributes: self.attributes,
            signals: own.into_iter().chain(imported).collect(),
            dependency_keys,
            dependencies: self.dependencies,
            joined,
            ..Registry::default()
        }
    }

    fn import(
        &mut self,
        import: &Import,
        imported: &mut Vec<Signal>,
        seen: &mut BTreeSet<(&'static str, String)>,
    ) {
        let signals = self
            .dependencies
            .iter()
            .flat_map(|dependency| &dependency.signals);
        let mut found = signals
            .filter(|signal| signal.details.prefix() == import.prefix)
            .filter(|signal| !is_private(&signal.annotations))
            .filter(|signal| fits(&import.pattern, signal))
            .peekable();
        if found.peek().is_none() {
            let problem = format!("`{}` matches nothing in the dependencies", import.pattern);
            self.report(
                &import.position,
                "imports",
                problem,
                "correct it, or leave it out",
            );
            return;
        }
        let fresh: Vec<Signal> = found
            .filter(|signal| seen.insert((import.prefix, signal.id.clone())))
            .cloned()
            .collect();
        for used in fresh.iter().flat_map(|signal| &signal.attributes) {
            if !self.attributes.contains_key(&used.key)
                && let Ok(attribute) = self.borrow(&used.key)
            {
                self.attributes.insert(used.key.clone(), attribute);
            }
        }
        imported.extend(fresh);
    }

    /// Checks that the entities of all signals exist.
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
        // A group of the older form may be referred to by its identifier, too.
        let drafts = self.signals.iter().map(|state| &state.draft);
        let groups: BTreeSet<String> = drafts
            .filter(|draft| matches!(draft.details, DraftDetails::Given(Details::Entity)))
            .map(|draft| draft.id.clone())
            .collect();
        let mut unknown = Vec::new();
        for state in &self.signals {
            for (entity, position) in &state.draft.entity_associations {
                let prefixes = ["entity.", "resource."];
                let bare = prefixes
                    .iter()
                    .find_map(|prefix| entity.strip_prefix(prefix));
                if !known.contains(bare.unwrap_or(entity)) && !groups.contains(entity) {
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

    /// Checks that all successors exist.
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
            // The successor of an imported attribute need not be imported.
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

/// Returns the signals with those of the same name merged, and recommendations about the merged ones: groups
/// of the older form may share a name and each define a part. If their requirement levels for an attribute
/// differ, the weaker one counts.
fn joined(signals: impl Iterator<Item = Signal>) -> (Vec<Signal>, Vec<Diagnostic>) {
    let mut list: Vec<Signal> = Vec::new();
    let mut advice = Vec::new();
    let mut index: HashMap<(&'static str, String), usize> = HashMap::new();
    for signal in signals {
        let name = (signal.details.prefix(), signal.id.clone());
        let Some(first) = index.get(&name).and_then(|index| list.get_mut(*index)) else {
            index.insert(name, list.len());
            list.push(signal);
            continue;
        };
        if advice.len() < MAX_FAULTS {
            let sort = first.details.prefix().trim_end_matches('.');
            let problem = format!(
                "a second {sort} of this name, taken as one with the first at {}",
                first.position
            );
            let remedy = "rename one of the two, or write them as one";
            advice.push(Diagnostic::new(
                signal.position,
                &signal.id,
                problem,
                remedy,
            ));
        }
        let mut places: HashMap<String, usize> = HashMap::new();
        for (place, used) in first.attributes.iter().enumerate() {
            places.insert(used.key.clone(), place);
        }
        for used in signal.attributes {
            let place = places
                .get(&used.key)
                .and_then(|place| first.attributes.get_mut(*place));
            match place {
                Some(place) if used.requirement_level.rank() > place.requirement_level.rank() => {
                    place.requirement_level = used.requirement_level;
                }
                Some(_) => {}
                None => first.attributes.push(used),
            }
        }
        for entity in signal.entity_associations {
            if !first.entity_associations.contains(&entity) {
                first.entity_associations.push(entity);
            }
        }
    }
    (list, advice)
}

/// Returns whether a signal's name matches a pattern, in any of the forms known to the pattern's author.
fn fits(pattern: &str, signal: &Signal) -> bool {
    let bare = signal.id.strip_prefix("registry.");
    let bare = bare.filter(|_| matches!(signal.details, Details::AttributeGroup));
    matches(pattern, &signal.id)
        || matches(
            pattern,
            &format!("{}{}", signal.details.prefix(), signal.id),
        )
        || bare.is_some_and(|bare| matches(pattern, bare))
}

/// Returns whether `name` matches a pattern in which `*` stands for any text.
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
