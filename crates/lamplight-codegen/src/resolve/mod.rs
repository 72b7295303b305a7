//! From what files say to what they mean: references followed, inheritance spelt out.

mod embed;
mod finish;
mod groups;
mod lookup;
mod room;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::error::{Diagnostic, Position};
use crate::load::draft::{AttributeRef, Draft, DraftDetails, DraftSignal, Parent, Use};
use crate::load::fields::MAX_FAULTS;
use crate::model::{
    Attribute, AttributeUse, Details, RequirementLevel, Signal, Stability, is_private,
};
use crate::registry::Registry;
use room::Room;

/// Most signals that inherit from one another.
const MAX_CHAIN: usize = 64;
/// Faults for which a name that was meant is looked for: the search reads every name.
const MAX_SUGGESTIONS: usize = 20;

/// Follows every reference of `draft`. Faults are added to `diagnostics`, of a released registry
/// only those that keep it from being understood.
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
    /// Own attributes, and those of dependencies that have been referred to.
    attributes: BTreeMap<String, Attribute>,
    levels: HashMap<String, RequirementLevel>,
    dependencies: Vec<Registry>,
    signals: Vec<State>,
    /// Signals by every name they can be referred to by.
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
        self.includes(index, &id, &draft, path, &mut uses);

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
            stability: definition.stability,
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
        used.stability = reference.stability.unwrap_or(used.stability);
        if reference.deprecated.is_some() {
            used.deprecated = reference.deprecated.clone();
        }
        let used = [used];
        if self
            .room
            .fits(used.iter(), &reference.position, self.diagnostics)
        {
            used.into_iter().for_each(|used| uses.put(used));
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
