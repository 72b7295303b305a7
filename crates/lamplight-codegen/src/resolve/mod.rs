//! Resolution of references and inheritance.

mod embed;
mod finish;
mod groups;
mod lookup;
mod room;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    draft::{AttributeRef, Draft, DraftDetails, DraftSignal, Parent, Use},
    error::{Diagnostic, MAX_FAULTS, Position},
    model::{Attribute, AttributeUse, Details, RequirementLevel, Signal, Stability, is_private},
    registry::Registry,
};
use room::Room;

/// The maximum length of a chain of inheritance.
const MAX_CHAIN: usize = 64;
/// The maximum number of faults for which a name is suggested: the search reads every name.
const MAX_SUGGESTIONS: usize = 20;

/// Resolves every reference of `draft`. Faults are added to `diagnostics`; for a released registry, only
/// those that prevent its interpretation.
pub(crate) fn registry(
    draft: Draft,
    dependencies: Vec<Registry>,
    released: bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> Registry {
    let mut resolver = Resolver {
        attributes: BTreeMap::new(),
        levels: draft.levels,
        dependencies,
        signals: Vec::new(),
        index: HashMap::new(),
        suggestions: MAX_SUGGESTIONS,
        room: Room::default(),
        diagnostics,
    };
    resolver.define_attributes(draft.attributes);
    resolver.embed(draft.embedded);
    resolver.define_signals(draft.signals);
    for index in 0..resolver.signals.len() {
        resolver.resolve(index, &mut Vec::new());
    }
    resolver.finish(&draft.imports, released)
}

struct Resolver<'d> {
    /// The registry's own attributes, and those of dependencies that have been referred to.
    attributes: BTreeMap<String, Attribute>,
    levels: HashMap<String, RequirementLevel>,
    dependencies: Vec<Registry>,
    signals: Vec<State>,
    /// Signals by all names that can refer to them.
    index: HashMap<String, Vec<usize>>,
    suggestions: usize,
    room: Room,
    diagnostics: &'d mut Vec<Diagnostic>,
}

struct State {
    draft: DraftSignal,
    signal: Option<Signal>,
    open: bool,
}

impl Resolver<'_> {
    fn report(&mut self, position: &Position, subject: &str, problem: String, remedy: &str) {
        if self.diagnostics.len() < MAX_FAULTS {
            self.diagnostics
                .push(Diagnostic::new(position.clone(), subject, problem, remedy));
        }
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
        let mut names: HashMap<(&'static str, String), (Position, bool)> = HashMap::new();
        for (index, draft) in drafts.into_iter().enumerate() {
            let prefix = prefix(&draft);
            let own = identifier(&draft);
            let earlier =
                names.insert((prefix, own.clone()), (draft.position.clone(), draft.joins));
            if let Some((first, _)) = earlier.filter(|(_, joins)| !(*joins && draft.joins)) {
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

    /// Resolves one signal, after those from which it inherits. The caller checks for success with
    /// [`State::signal`].
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
        self.includes(index, &id, &draft, path, &mut uses);

        let refined = parent.filter(|_| draft.parent.as_ref().is_some_and(|p| p.refined));
        Some(signal(id, draft, refined.as_ref(), uses.list))
    }

    /// Returns the signal from which a draft inherits.
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

    /// Adds the attribute `reference` names to those of the signal `id`.
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
        let inherited = uses.get(key).cloned().unwrap_or_else(|| {
            let level = self.levels.get(key).cloned();
            as_defined(definition, level, &reference.position)
        });
        let used = overridden(inherited, reference);
        if self.room.fits(
            std::iter::once(&used),
            &reference.position,
            self.diagnostics,
        ) {
            uses.put(used);
        }
    }
}

/// Returns a signal, with missing parts of its draft taken from `base`, the signal it refines.
fn signal(
    id: String,
    draft: DraftSignal,
    base: Option<&Signal>,
    attributes: Vec<AttributeUse>,
) -> Signal {
    let mut annotations = draft.annotations;
    for (name, value) in base.iter().flat_map(|base| &base.annotations) {
        if !annotations.iter().any(|(own, _)| own == name) {
            annotations.push((name.clone(), value.clone()));
        }
    }
    let name = draft.name.or(base.map(|base| base.name.clone()));
    let brief = draft.brief.or(base.map(|base| base.brief.clone()));
    let note = draft.note.or(base.map(|base| base.note.clone()));
    let stability = draft.stability.or(base.map(|base| base.stability));
    let associations = draft.entity_associations.into_iter();
    Signal {
        name: name.unwrap_or_else(|| id.clone()),
        id,
        details: details(draft.details, base),
        brief: brief.unwrap_or_default(),
        note: note.unwrap_or_default(),
        stability: stability.unwrap_or(Stability::Development),
        deprecated: draft
            .deprecated
            .or(base.and_then(|base| base.deprecated.clone())),
        annotations,
        attributes,
        entity_associations: associations.map(|(id, _)| id).collect(),
        refines: base.map(|base| base.id.clone()),
        position: draft.position,
    }
}

fn details(draft: DraftDetails, base: Option<&Signal>) -> Details {
    match (draft, base) {
        (DraftDetails::Given(details), _) => details,
        (DraftDetails::Refined { span_name, .. }, Some(base)) => {
            match (base.details.clone(), span_name) {
                (Details::Span { kind, .. }, Some(name)) => Details::Span { kind, name },
                (details, _) => details,
            }
        }
        (DraftDetails::Refined { like, .. }, None) => like,
    }
}

/// Returns an attribute for use in a signal that overrides nothing.
fn as_defined(
    definition: &Attribute,
    level: Option<RequirementLevel>,
    position: &Position,
) -> AttributeUse {
    AttributeUse {
        key: definition.key.clone(),
        requirement_level: level.unwrap_or(RequirementLevel::Recommended(String::new())),
        sampling_relevant: false,
        brief: definition.brief.clone(),
        note: definition.note.clone(),
        examples: definition.examples.clone(),
        stability: definition.stability,
        deprecated: definition.deprecated.clone(),
        position: position.clone(),
    }
}

/// Returns the attribute with the overrides of a reference.
fn overridden(inherited: AttributeUse, reference: &AttributeRef) -> AttributeUse {
    let or = |own: &Option<String>, inherited| own.clone().unwrap_or(inherited);
    AttributeUse {
        key: inherited.key,
        requirement_level: reference
            .requirement_level
            .clone()
            .unwrap_or(inherited.requirement_level),
        sampling_relevant: reference
            .sampling_relevant
            .unwrap_or(inherited.sampling_relevant),
        brief: or(&reference.brief, inherited.brief),
        note: or(&reference.note, inherited.note),
        examples: match reference.examples.is_empty() {
            true => inherited.examples,
            false => reference.examples.clone(),
        },
        stability: reference.stability.unwrap_or(inherited.stability),
        deprecated: reference.deprecated.clone().or(inherited.deprecated),
        position: reference.position.clone(),
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

/// Returns the unique name of a signal: its recorded name, or that of a refinement.
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
