//! Lookup of names in the registry and its dependencies.

use super::{Resolver, prefix};
use crate::{
    error::Position,
    model::{Attribute, Details, Signal, is_private},
    suggest::nearest,
};

impl Resolver<'_> {
    /// Finds a signal in the registry, then in the dependencies. The inner `None` stands for a signal with
    /// faults.
    pub(super) fn find(
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
            let found = self.signals.get(here)?.signal.as_ref();
            let found = found.filter(|found| {
                self.room
                    .fits(found.attributes.iter(), &found.position, self.diagnostics)
            });
            return Some(found.cloned());
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
        let there = there?;
        let uses = there.attributes.iter();
        let has_room = self.room.fits(uses, &there.position, self.diagnostics);
        Some(has_room.then(|| there.clone()))
    }

    pub(super) fn unknown_signal(&mut self, subject: &str, name: &str, position: &Position) {
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

    /// Returns an attribute of a dependency.
    pub(super) fn borrow(&self, key: &str) -> Result<Attribute, String> {
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

    /// Returns a similar name, other than that of the faulty item.
    pub(super) fn suggest(
        &mut self,
        name: &str,
        subject: &str,
        attributes: bool,
    ) -> Option<String> {
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
}
