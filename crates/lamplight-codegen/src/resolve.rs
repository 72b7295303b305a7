//! From what files say to what they mean: references followed, inheritance spelt out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::error::{Diagnostic, Position};
use crate::load::draft::{AttributeRef, Draft, DraftDetails, DraftSignal, Import, Parent, Use};
use crate::load::fields::nearest;
use crate::model::{
    Attribute, AttributeUse, Details, RequirementLevel, Signal, Stability, is_private,
};
use crate::registry::Registry;

/// Most signals that inherit from one another.
const MAX_CHAIN: usize = 64;
/// Faults for which a name that was meant is looked for: the search reads every name.
const MAX_SUGGESTIONS: usize = 20;

/// Follows every reference of `draft`. Faults are added to `diagnostics`.
pub(crate) fn registry(
    draft: Draft,
    dependencies: Vec<Registry>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Registry {
    let mut resolver = Resolver {
        attributes: BTreeMap::new(),
        levels: draft.levels,
        dependencies,
        signals: Vec::new(),
        index: HashMap::new(),
        suggestions: MAX_SUGGESTIONS,
        diagnostics,
    };
    resolver.define_attributes(draft.attributes);
    resolver.define_signals(draft.signals);
    for index in 0..resolver.signals.len() {
        resolver.resolve(index, &mut Vec::new());
    }
    resolver.finish(&draft.imports)
}

struct Resolver<'d> {
    /// Own attributes, and those of dependencies that have been referred to.
    attributes: BTreeMap<String, Attribute>,
    levels: HashMap<String, RequirementLevel>,
    dependencies: Vec<Registry>,
    signals: Vec<State>,
    /// Signals by every name they can be referred to by.
    index: HashMap<String, Vec<usize>>,
    suggestions: usize,
    diagnostics: &'d mut Vec<Diagnostic>,
}

struct State {
    draft: DraftSignal,
    signal: Option<Signal>,
    open: bool,
}

impl Resolver<'_> {
    fn report(&mut self, position: &Position, subject: &str, problem: String, remedy: &str) {
        self.diagnostics
            .push(Diagnostic::new(position.clone(), subject, problem, remedy));
    }

    fn define_attributes(&mut self, attributes: Vec<Attribute>) {
        for attribute in attributes {
            let key = attribute.key.clone();
            let elsewhere = self.dependencies.iter().find_map(|dependency| {
                let other = dependency.attributes.get(&key)?;
                (!is_private(&other.annotations)).then(|| other.position.clone())
            });
            let here = self
                .attributes
                .get(&key)
                .map(|other| other.position.clone());
            if let Some(first) = here.or(elsewhere) {
                let problem = format!("is defined twice, first at {first}");
                let remedy = format!("refer to the first with `ref: {key}`, or rename one");
                self.report(&attribute.position, &key, problem, &remedy);
                continue;
            }
            self.attributes.insert(key, attribute);
        }
    }

    fn define_signals(&mut self, drafts: Vec<DraftSignal>) {
        let mut names: HashMap<(&'static str, String), Position> = HashMap::new();
        for (index, draft) in drafts.into_iter().enumerate() {
            let prefix = prefix(&draft);
            let own = identifier(&draft);
            if let Some(first) = names.insert((prefix, own.clone()), draft.position.clone()) {
                let sort = prefix.trim_end_matches('.');
                let problem = format!("a second {sort} of this name, the first is at {first}");
                self.report(&draft.position, &own, problem, "rename one of the two");
            }
            let mut known = BTreeSet::from([draft.id.clone(), format!("{prefix}{own}")]);
            known.insert(own);
            for name in known {
                self.index.entry(name).or_default().push(index);
            }
            self.signals.push(State {
                draft,
                signal: None,
                open: false,
            });
        }
    }

    /// Resolves one signal, those it inherits from first. Whether that worked is for the
    /// caller to see by [`State::signal`].
    fn resolve(&mut self, index: usize, path: &mut Vec<String>) {
        let Some(state) = self.signals.get_mut(index) else {
            return;
        };
        if state.signal.is_some() {
            return;
        }
        let draft = state.draft.clone();
        if state.open || path.len() > MAX_CHAIN {
            let problem = match state.open {
                true => format!("inherits from itself: {} > {}", path.join(" > "), draft.id),
                false => format!("inherits through more than {MAX_CHAIN} signals"),
            };
            self.report(
                &draft.position,
                &draft.id,
                problem,
                "remove one link of the chain",
            );
            return;
        }
        state.open = true;
        path.push(draft.id.clone());
        let signal = self.build(index, draft, path);
        path.pop();
        if let Some(state) = self.signals.get_mut(index) {
            state.open = false;
            state.signal = signal;
        }
    }

    fn build(
        &mut self,
        index: usize,
        draft: DraftSignal,
        path: &mut Vec<String>,
    ) -> Option<Signal> {
        let id = identifier(&draft);
        let parent = match &draft.parent {
            Some(parent) => Some(self.parent(index, parent, &draft, path)?),
            None => None,
        };
        let mut uses = Uses::default();
        for inherited in parent.iter().flat_map(|parent| &parent.attributes) {
            uses.put(inherited.clone());
        }
        self.groups(&id, &draft, path, &mut uses);
        for reference in &draft.uses {
            if let Use::Attribute(reference) = reference {
                self.attribute(&id, reference, &mut uses);
            }
        }

        let refined = parent.filter(|_| draft.parent.as_ref().is_some_and(|p| p.refined));
        let details = match (draft.details, &refined) {
            (DraftDetails::Given(details), _) => details,
            (DraftDetails::Refined { span_name, .. }, Some(base)) => {
                match (base.details.clone(), span_name) {
                    (Details::Span { kind, .. }, Some(name)) => Details::Span { kind, name },
                    (details, _) => details,
                }
            }
            (DraftDetails::Refined { like, .. }, None) => like,
        };
        let base = refined.as_ref();
        let mut annotations = draft.annotations;
        for (name, value) in base.iter().flat_map(|base| &base.annotations) {
            if !annotations.iter().any(|(own, _)| own == name) {
                annotations.push((name.clone(), value.clone()));
            }
        }
        Some(Signal {
            name: draft
                .name
                .or(base.map(|base| base.name.clone()))
                .unwrap_or_else(|| id.clone()),
            id,
            details,
            brief: draft
                .brief
                .or(base.map(|base| base.brief.clone()))
                .unwrap_or_default(),
            note: draft
                .note
                .or(base.map(|base| base.note.clone()))
                .unwrap_or_default(),
            stability: draft
                .stability
                .or(base.map(|base| base.stability))
                .unwrap_or(Stability::Development),
            deprecated: draft
                .deprecated
                .or(base.and_then(|base| base.deprecated.clone())),
            annotations,
            attributes: uses.list,
            entity_associations: draft
                .entity_associations
                .into_iter()
                .map(|(id, _)| id)
                .collect(),
            refines: base.map(|base| base.id.clone()),
            position: draft.position,
        })
    }

    /// The signal a draft inherits from.
    fn parent(
        &mut self,
        index: usize,
        parent: &Parent,
        draft: &DraftSignal,
        path: &mut Vec<String>,
    ) -> Option<Signal> {
        let like = match &draft.details {
            DraftDetails::Refined { like, .. } => Some(like.clone()),
            DraftDetails::Given(_) => None,
        };
        let found = self.find(&parent.id, like.as_ref(), Some(index), path);
        if found.is_none() {
            self.unknown_signal(&draft.id, &parent.id, &parent.position);
        }
        found?
    }

    /// Finds a signal here, then in the dependencies. The inner `None` is one with faults.
    fn find(
        &mut self,
        name: &str,
        like: Option<&Details>,
        except: Option<usize>,
        path: &mut Vec<String>,
    ) -> Option<Option<Signal>> {
        let prefixed = like.map(|like| format!("{}{name}", like.prefix()));
        let names = [Some(name.to_owned()), prefixed];
        let candidates = names
            .iter()
            .flatten()
            .filter_map(|name| self.index.get(name))
            .flatten();
        let here = candidates.copied().find(|candidate| {
            Some(*candidate) != except
                && self.signals.get(*candidate).is_some_and(|state| {
                    like.is_none_or(|like| prefix(&state.draft) == like.prefix())
                })
        });
        if let Some(here) = here {
            self.resolve(here, path);
            return Some(
                self.signals
                    .get(here)
                    .and_then(|state| state.signal.clone()),
            );
        }
        let visible = self
            .dependencies
            .iter()
            .flat_map(|dependency| &dependency.signals);
        let mut visible = visible.filter(|signal| !is_private(&signal.annotations));
        let there = visible.find(|signal| {
            let same = signal.id == name
                || name.strip_prefix(signal.details.prefix()) == Some(signal.id.as_str());
            same && like.is_none_or(|like| like.is_like(&signal.details))
        });
        there.cloned().map(Some)
    }

    fn unknown_signal(&mut self, subject: &str, name: &str, position: &Position) {
        let remedy = match self.suggest(name, subject, false) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "define it, or correct the name".to_owned(),
        };
        self.report(
            position,
            subject,
            format!("inherits from unknown `{name}`"),
            &remedy,
        );
    }

    fn groups(&mut self, id: &str, draft: &DraftSignal, path: &mut Vec<String>, uses: &mut Uses) {
        let mut from: HashMap<String, String> = HashMap::new();
        for item in &draft.uses {
            let Use::Group {
                id: group,
                position,
            } = item
            else {
                continue;
            };
            let Some(found) = self.find(group, Some(&Details::AttributeGroup), None, path) else {
                self.unknown_signal(id, group, position);
                continue;
            };
            for attribute in found.into_iter().flat_map(|group| group.attributes) {
                if let Some(other) = from.insert(attribute.key.clone(), group.clone()) {
                    let key = &attribute.key;
                    let problem = format!("both `{other}` and `{group}` bring `{key}`");
                    self.report(position, id, problem, "leave one of the groups out");
                }
                uses.put(attribute);
            }
        }
    }

    fn attribute(&mut self, id: &str, reference: &AttributeRef, uses: &mut Uses) {
        let key = &reference.key;
        if !self.attributes.contains_key(key) {
            match self.borrow(key) {
                Ok(attribute) => {
                    self.attributes.insert(key.clone(), attribute);
                }
                Err(problem) => {
                    let remedy = match self.suggest(key, id, true) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "define it, or depend on the registry that does".to_owned(),
                    };
                    self.report(&reference.position, id, problem, &remedy);
                    return;
                }
            }
        }
        let Some(definition) = self.attributes.get(key) else {
            return;
        };
        let inherited = uses.get(key).cloned();
        let mut used = inherited.unwrap_or_else(|| AttributeUse {
            key: key.clone(),
            requirement_level: self
                .levels
                .get(key)
                .cloned()
                .unwrap_or(RequirementLevel::Recommended(String::new())),
            sampling_relevant: false,
            brief: definition.brief.clone(),
            note: definition.note.clone(),
            examples: definition.examples.clone(),
            deprecated: definition.deprecated.clone(),
            position: reference.position.clone(),
        });
        used.position = reference.position.clone();
        if let Some(level) = &reference.requirement_level {
            used.requirement_level = level.clone();
        }
        used.sampling_relevant = reference
            .sampling_relevant
            .unwrap_or(used.sampling_relevant);
        if let Some(brief) = &reference.brief {
            used.brief = brief.clone();
        }
        if let Some(note) = &reference.note {
            used.note = note.clone();
        }
        if !reference.examples.is_empty() {
            used.examples = reference.examples.clone();
        }
        if reference.deprecated.is_some() {
            used.deprecated = reference.deprecated.clone();
        }
        uses.put(used);
    }

    /// An attribute of a dependency.
    fn borrow(&self, key: &str) -> Result<Attribute, String> {
        let mut hidden = None;
        for dependency in &self.dependencies {
            match dependency.attributes.get(key) {
                Some(found) if is_private(&found.annotations) => hidden = Some(&found.position),
                Some(found) => return Ok(found.clone()),
                None => {}
            }
        }
        Err(match hidden {
            Some(position) => format!("`{key}` is hidden by its registry, at {position}"),
            None => format!("refers to unknown attribute `{key}`"),
        })
    }

    /// A name that may have been meant, other than that of the item at fault.
    fn suggest(&mut self, name: &str, subject: &str, attributes: bool) -> Option<String> {
        self.suggestions = self.suggestions.checked_sub(1)?;
        let mut known: Vec<&str> = match attributes {
            true => self.attributes.keys().map(String::as_str).collect(),
            false => self.index.keys().map(String::as_str).collect(),
        };
        for dependency in &self.dependencies {
            match attributes {
                true => known.extend(dependency.attributes.keys().map(String::as_str)),
                false => known.extend(dependency.signals.iter().map(|signal| signal.id.as_str())),
            }
        }
        known.retain(|known| *known != subject);
        nearest(name, &known).map(str::to_owned)
    }

    fn finish(mut self, imports: &[Import]) -> Registry {
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
            dependency_sources: self
                .dependencies
                .into_iter()
                .flat_map(|dependency| {
                    dependency
                        .sources
                        .into_iter()
                        .chain(dependency.dependency_sources)
                })
                .collect(),
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

/// The attributes of one signal, each once.
#[derive(Default)]
struct Uses {
    list: Vec<AttributeUse>,
    index: HashMap<String, usize>,
}

impl Uses {
    fn get(&self, key: &str) -> Option<&AttributeUse> {
        self.list.get(*self.index.get(key)?)
    }

    fn put(&mut self, used: AttributeUse) {
        let place = self
            .index
            .get(&used.key)
            .and_then(|index| self.list.get_mut(*index));
        match place {
            Some(place) => *place = used,
            None => {
                self.index.insert(used.key.clone(), self.list.len());
                self.list.push(used);
            }
        }
    }
}

fn prefix(draft: &DraftSignal) -> &'static str {
    match &draft.details {
        DraftDetails::Given(details) | DraftDetails::Refined { like: details, .. } => {
            details.prefix()
        }
    }
}

/// The one name of a signal: what it is recorded by, or a refinement's own.
fn identifier(draft: &DraftSignal) -> String {
    match &draft.name {
        Some(name) => name.clone(),
        None => draft
            .id
            .strip_prefix(prefix(draft))
            .unwrap_or(&draft.id)
            .to_owned(),
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
